// The npm `openai` client against the farm: only the base URL is Cadre's.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117'}/v1`,
  apiKey: process.env['CADRE_KEY'] ?? 'local',
});

const answer = await client.chat.completions.create({
  model: 'auto',
  messages: [{ role: 'user', content: 'Rewrite politely: send me the report now' }],
});
console.log(answer.choices[0]?.message.content);

const stream = await client.chat.completions.create({
  model: 'quick',
  messages: [{ role: 'user', content: 'Say hello in one short sentence.' }],
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  if (chunk.usage) console.log(`\n${chunk.usage.total_tokens} tokens`);
}
