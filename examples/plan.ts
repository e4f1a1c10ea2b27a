// The hub splits a request with several jobs, runs them in parallel and joins the results.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117'}/v1`,
  apiKey: process.env['CADRE_KEY'] ?? 'local',
});

const answer = await client.chat.completions.create({
  model: 'hub',
  messages: [
    {
      role: 'user',
      content:
        '1. Write a Python function that doubles a number. 2. Write one friendly sentence that thanks a colleague.',
    },
  ],
});
console.log(answer.choices[0]?.message.content);
console.log(`npx cadre why ${answer.id}`);
