// Answers from a collection: `npx cadre index examples/handbook --name handbook` comes first.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117'}/v1`,
  apiKey: process.env['CADRE_KEY'] ?? 'local',
});

interface Grounding {
  readonly cadre?: {
    readonly citations: readonly {
      sentence: { number: number; path: string; line?: number; text: string };
    }[];
    readonly abstained?: { reason: string };
  };
}

for (const question of [
  'Who approves trips abroad?',
  'How much does the cafeteria charge for lunch?',
]) {
  const answer = await client.chat.completions.create({
    model: 'knowledge:handbook',
    messages: [{ role: 'user', content: question }],
  });
  const { cadre } = answer as unknown as Grounding;
  console.log(
    `${question}\n  ${answer.choices[0]?.message.content || `declined: ${cadre?.abstained?.reason}`}`,
  );
  for (const { sentence } of cadre?.citations ?? [])
    console.log(`  [${sentence.number}] ${sentence.path}:${sentence.line} “${sentence.text}”`);
}
