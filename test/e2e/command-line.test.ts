import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

let upstream: ScriptedUpstream;
const homes: TestHome[] = [];

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
});
afterAll(() => upstream.stop());
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

/** A home whose spoke `far` is the scripted server. */
function newHome(): TestHome {
  const home = new TestHome(
    [
      'fleet:',
      '  starter: false',
      'destinations:',
      `  - { id: outside, kind: openai, url: "${upstream.url}", clearance: secret }`,
      'spokes:',
      '  - { id: far, model: outside/any }',
    ].join('\n'),
  );
  homes.push(home);
  return home;
}

describe('cadre chat', () => {
  it('answers every line that is piped in', async () => {
    const run = newHome().run(['chat', '--model', 'far', '--json'], 'hello\n\nWhat is 2+2?\n');
    for (const words of ['Hello.', 'Four.']) {
      const answer = await upstream.next();
      answer.write(words);
      answer.end();
    }
    const { code, stdout, stderr } = await run;
    expect(stderr).not.toContain('defect');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });
});

describe('cadre ask', () => {
  it('says that the farm was killed in the middle of the answer', async () => {
    const home = newHome();
    const farm = await home.up();
    const run = home.run(['ask', '--model', 'far', 'hello']);
    const answer = await upstream.next();
    answer.write('It begins');
    await farm.kill('SIGKILL');
    const { code, stderr } = await run;
    expect(code).toBe(1);
    expect(stderr).toContain('the farm stopped');
    expect(stderr).toContain('cadre up');
  });
});

describe('the command line', () => {
  it('says its version', async () => {
    expect((await newHome().run(['--version'])).stdout.trim()).toBe(manifest.version);
  });

  it('speaks of its own flags and commands where the API is wrong to speak', async () => {
    const home = newHome();
    const label = await home.run(['ask', '--label', 'sekret', 'hello']);
    expect(label.code).toBe(2);
    expect(label.stderr).toContain('--label must be');
    expect(label.stderr).not.toMatch(/x-cadre|param/);
    const collection = await home.run(['ask', '--in', 'nope', 'hello']);
    expect(collection.code).toBe(1);
    expect(collection.stderr).toContain('there is no collection “nope”');
    expect(collection.stderr).toContain('cadre collections');
  });

  it('says in one line what a flag takes', async () => {
    const home = newHome();
    for (const [args, words] of [
      [['search', '--in', 'x', '--limit', '-1', 'q'], '--limit needs a whole number from 1 to 50'],
      [['keys', 'add', 'laptop', '--budget', '-1'], '--budget needs a number of at least 0'],
      [['search', 'q', '--in'], '--in needs a value'],
    ] as const) {
      const { code, stderr } = await home.run(args);
      expect(code).toBe(2);
      expect(stderr).toContain(words);
      expect(stderr.trim().split('\n')).toHaveLength(2);
    }
  });

  it('says what a wrong value in the configuration has to be', async () => {
    const home = new TestHome('server:\n  port: "many"\n');
    homes.push(home);
    const { code, stderr } = await home.run(['models']);
    expect(code).toBe(1);
    expect(stderr).toContain('`server.port` must be a number');
  });

  it('tells what the operator has to put right in the home, and obeys no escape codes', async () => {
    const home = newHome();
    writeFileSync(join(home.path, 'gate'), '');
    const rows = Array.from({ length: 60 }, (_, at) => ({
      prompt: `Which number comes after ${at * at}?`,
      scores: { 'a\x1b[31m': at % 2, b: 1 },
      costs: { 'a\x1b[31m': 1, b: 2 },
    }));
    const data = join(home.path, 'rows.jsonl');
    writeFileSync(data, rows.map((row) => JSON.stringify(row)).join('\n'));
    for (const args of [['show'], ['use', '0'], ['fit', data]]) {
      const { code, stderr } = await home.run(['gate', ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain(`${join(home.path, 'gate')}`);
      expect(stderr).toContain('cannot be used');
      expect(stderr).not.toMatch(/defect|ENOTDIR|EEXIST|\n +at /);
    }
    const { stderr } = await home.run(['eval', 'gate', '--data', data, '--reference', 'no\x1b[2J']);
    expect(stderr).toContain('is none of the models');
    expect(stderr).not.toContain('\x1b');
  });
});
