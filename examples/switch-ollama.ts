// An application that was written for Ollama. To switch it to Cadre, one line is different: the URL.
// The name of the model stays; `aliases` in cadre.yaml says who answers to it.
import { Ollama } from 'ollama';

const client = new Ollama({
  // Before: host: 'http://127.0.0.1:11434',
  host: process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117',
});
const model = 'llama3.2';

const answer = await client.chat({
  model,
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
  options: { num_predict: 40 },
});
console.log('answer:', answer.message.content);

const stream = await client.chat({
  model,
  messages: [{ role: 'user', content: 'Count from one to five.' }],
  options: { num_predict: 40 },
  stream: true,
});
process.stdout.write('stream: ');
for await (const part of stream) process.stdout.write(part.message.content);

const tool = await client.chat({
  model,
  messages: [{ role: 'user', content: 'What is the weather in Oslo? Use the tool.' }],
  options: { num_predict: 60 },
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
for (const call of tool.message.tool_calls ?? [])
  console.log(`\ntool: ${call.function.name}`, call.function.arguments);
