import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const run = promisify(execFile);
const program = resolve(import.meta.dirname, '..', '..', 'examples', 'ask-hospital.ts');
/** What a model that can read finds for each question, where it is shown. */
const ANSWERS: Readonly<Record<string, string>> = {
  'Until when may visitors': 'Visitors may stay on the wards until 19:30.',
  'How high is the annual bonus': 'The annual bonus of a nurse in charge is 1,850 euros.',
  'When is the generator tested':
    'The generator is tested on the first Monday of every month at 6:00.',
  'Within how many seconds': 'The new call system answers within four seconds.',
};

function farmOf(url: string): string {
  return `
fleet: { starter: false }
verify: { reading: off }
destinations:
  - { id: desk, kind: openai, url: "${url}", clearance: internal, prices: { writer: { input: 1, output: 2 } } }
spokes:
  - { id: grounded, kind: grounded, model: desk/writer, tasks: [document-question, question] }
`;
}

describe('the hospital’s handbook', { timeout: 120_000 }, () => {
  let upstream: ScriptedUpstream;
  let home: TestHome;
  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    home = new TestHome(farmOf(upstream.url));
  });
  afterAll(async () => {
    await home?.remove();
    await upstream?.stop();
  });

  /** Answers with the sentence if it is among those that the model is shown; returns what it was shown. */
  async function answerNext(): Promise<string> {
    const answer = await upstream.next();
    const { messages } = (await answer.asked) as { messages: { content: unknown }[] };
    const prompt = JSON.stringify(messages.at(-1)?.content);
    const question = prompt.slice(prompt.lastIndexOf('Question:'));
    const sentence = Object.entries(ANSWERS).find(([words]) => question.includes(words))?.[1] ?? '';
    const number = prompt.split('\\n').find((line) => line.includes(sentence));
    const place = /\[\d+\]/.exec(number ?? '')?.[0];
    answer.write(place === undefined ? 'NOT IN DOCUMENTS' : `${sentence} ${place}`);
    answer.end();
    return prompt;
  }

  it('answers each reader from what he may read, tells contradictions and flags instructions', async () => {
    const farm = await home.up();
    const keyOf = async (group: string) => {
      const added = await home.run(['keys', 'add', group, '--groups', group, '--json']);
      return (JSON.parse(added.stdout) as { secret: string }).secret;
    };
    const [operator, ward, hr] = [await keyOf('operator'), await keyOf('ward'), await keyOf('hr')];
    const ended = run(process.execPath, [program], {
      env: {
        ...process.env,
        CADRE_URL: farm.url,
        CADRE_KEY: operator,
        CADRE_READERS: `ward:${ward},hr:${hr}`,
      },
    });
    const prompts: string[] = [];
    const answering = (async () => {
      for (;;) prompts.push(await answerNext());
    })();
    const { stdout, stderr } = await Promise.race([ended, answering]);
    expect(stderr).toBe('');

    expect(stdout).toMatch(/^hr\/pay\.md readers: hr$/m);
    expect(stdout).toMatch(/^it\/vendor-mail\.md readers: public .*overrides-instructions/m);
    const [toWard = '', toHr = ''] = stdout.split(/^hr: /m);
    expect(toWard).toMatch(/How high is the annual bonus.*\n {2}declined/);
    expect(toWard).not.toContain('1,850');
    expect(toHr + stdout).toContain('is 1,850 euros.');
    expect(stdout).toContain('source: house/emergency-power.pdf:page 2 of');
    expect(stdout).toContain('source: wards/visiting.md:5 of 2026-03-01');
    expect(stdout).toMatch(
      /contradicting: wards\/visiting\.md:5 of 2026-03-01 against wards\/archive\/visiting-2024\.md:5 of 2024-05-01/,
    );
    expect(stdout).toContain('answers within four seconds.');
    const why = await home.run(['why']);
    expect(why.stdout).toMatch(
      new RegExp(
        `Cited places\\n {2}${farm.url}/documents/hospital/\\w+\\?start=\\d+&end=\\d+&version=1`,
      ),
    );

    const ofWard = prompts.slice(0, prompts.length / 2);
    expect(ofWard.some((prompt) => prompt.includes('1,850'))).toBe(false);
  });
});
