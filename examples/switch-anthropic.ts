// An application that was written for Anthropic. To switch it to Cadre, one line is different: the
// URL. The name of the model stays; `aliases` in cadre.yaml says who answers to it.
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  // Before: baseURL: 'https://api.anthropic.com',
  baseURL: process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117',
  apiKey: process.env['ANTHROPIC_API_KEY'] ?? 'local',
});
const model = 'claude-haiku-5-5';

const answer = await client.messages.create({
  model,
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
  max_tokens: 40,
});
for (const block of answer.content) if (block.type === 'text') console.log('answer:', block.text);

const stream = client.messages.stream({
  model,
  messages: [{ role: 'user', content: 'Count from one to five.' }],
  max_tokens: 40,
});
process.stdout.write('stream: ');
stream.on('text', (text) => process.stdout.write(text));
await stream.finalMessage();

const tool = await client.messages.create({
  model,
  messages: [{ role: 'user', content: 'What is the weather in Oslo? Use the tool.' }],
  max_tokens: 60,
  tools: [
    {
      name: 'getWeather',
      description: 'Weather of a city',
      input_schema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    },
  ],
});
for (const block of tool.content)
  if (block.type === 'tool_use') console.log(`\ntool: ${block.name}`, block.input);
