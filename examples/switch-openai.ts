// An application that was written for OpenAI. To switch it to Cadre, one line is different: the URL.
// The name of the model stays; `aliases` in cadre.yaml says who answers to it.
import OpenAI from 'openai';

const client = new OpenAI({
  // Before: baseURL: 'https://api.openai.com/v1',
  baseURL: `${process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117'}/v1`,
  apiKey: process.env['OPENAI_API_KEY'] ?? 'local',
});
const model = 'gpt-4o-mini';

const answer = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
  max_completion_tokens: 40,
});
console.log('answer:', answer.choices[0]?.message.content);

const stream = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'Count from one to five.' }],
  max_completion_tokens: 40,
  stream: true,
});
process.stdout.write('stream: ');
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');

const tool = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'What is the weather in Oslo? Use the tool.' }],
  max_completion_tokens: 60,
  tools: [
    {
      type: 'function',
      function: {
        name: 'getWeather',
        description: 'Weather of a city',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    },
  ],
});
for (const call of tool.choices[0]?.message.tool_calls ?? [])
  if (call.type === 'function')
    console.log(`\ntool: ${call.function.name}`, JSON.parse(call.function.arguments));
