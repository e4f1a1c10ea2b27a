// OpenAI's responses against the farm: a conversation that the farm keeps, and background work.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117'}/v1`,
  apiKey: process.env['CADRE_KEY'] ?? 'local',
});

const first = await client.responses.create({
  model: 'quick',
  instructions: 'Answer in one short sentence.',
  input: 'My name is Ada. Say hello.',
  max_output_tokens: 32,
});
console.log(first.output_text);

// Only the new message travels: the farm has the rest.
const stream = client.responses.stream({
  model: 'quick',
  previous_response_id: first.id,
  input: 'What is my name?',
  max_output_tokens: 32,
});
stream.on('response.output_text.delta', (event) => process.stdout.write(event.delta));
const second = await stream.finalResponse();
console.log(`\n${second.status}, ${second.usage?.total_tokens} tokens`);

let work = await client.responses.create({
  model: 'quick',
  input: 'Name three colours.',
  background: true,
  max_output_tokens: 32,
});
while (work.status === 'queued' || work.status === 'in_progress') {
  await new Promise((resolve) => setTimeout(resolve, 200));
  work = await client.responses.retrieve(work.id);
}
console.log(work.status, work.output_text);

// Nobody needs the words any more.
for (const { id } of [first, second, work]) await client.responses.delete(id);
