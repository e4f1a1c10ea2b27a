import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProcess, TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

let home: TestHome;
let first: ScriptedUpstream;
let second: ScriptedUpstream;
let farm: RunningProcess;

/** A farm whose spoke `far` is on the given server; `more` is added to the file. */
function config(upstream: ScriptedUpstream, more = ''): string {
  return [
    'fleet:',
    '  starter: false',
    'destinations:',
    `  - { id: outside, kind: openai, url: "${upstream.url}", clearance: secret }`,
    'spokes:',
    '  - { id: far, model: outside/any }',
    more,
  ].join('\n');
}

function write(text: string): void {
  writeFileSync(join(home.path, 'cadre.yaml'), text);
  process.kill(farm.pid, 'SIGHUP');
}

async function ask(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${farm.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'far', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  return { status: response.status, text: body.choices?.[0]?.message.content ?? '' };
}

async function statusOf(): Promise<{ problem?: string; needsRestart: string[]; loadedAt: number }> {
  const response = await fetch(`${farm.url}/cadre/v1/status`);
  return ((await response.json()) as { config: Awaited<ReturnType<typeof statusOf>> }).config;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeAll(async () => {
  first = await ScriptedUpstream.start();
  second = await ScriptedUpstream.start();
  home = new TestHome(config(first));
  farm = await home.up();
}, 60_000);

afterAll(async () => {
  await home.remove();
  await Promise.all([first.stop(), second.stop()]);
});

describe('a configuration that changes while the farm runs', () => {
  it('serves new requests; one that runs is finished on the old one', async () => {
    const running = ask();
    const old = await first.next();
    old.write('old ');
    const { loadedAt } = await statusOf();
    write(config(second));
    await until(async () => (await statusOf()).loadedAt > loadedAt);
    const fresh = ask();
    const answer = await second.next();
    answer.write('new');
    answer.end();
    expect(await fresh).toEqual({ status: 200, text: 'new' });
    old.write('answer');
    old.end();
    expect(await running).toEqual({ status: 200, text: 'old answer' });
  }, 60_000);

  it('is refused as a whole when anything of it is wrong; the one before stays', async () => {
    write(config(first, 'gate: { promise: 7 }'));
    await until(async () => (await statusOf()).problem !== undefined);
    expect((await statusOf()).problem).toContain('gate.promise');
    const asked = ask();
    const answer = await second.next();
    answer.write('still');
    answer.end();
    expect(await asked).toEqual({ status: 200, text: 'still' });
    write(config(first, 'aliases: { gpt: nobody }'));
    await until(async () => (await statusOf()).problem?.includes('nobody') === true);
    const told = await home.run(['doctor', '--json']);
    expect(told.code).toBe(1);
    expect(told.stdout).toContain('nobody');
    write('nonsense: 1');
    await until(async () => (await statusOf()).problem?.includes('nonsense') === true);
    const doctor = await home.run(['doctor', '--json']);
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.stdout)).toMatchObject([{ subject: 'configuration', state: 'bad' }]);
  }, 60_000);

  it('is seen without a signal, and what waits for a restart is told', async () => {
    writeFileSync(
      join(home.path, 'cadre.yaml'),
      config(
        second,
        'server: { allowedHosts: [farm.test] }\nground: { evidenceTokens: 100 }\nlimits: { requestSeconds: 700 }',
      ),
    );
    await until(async () => (await statusOf()).needsRestart.length > 0);
    expect(await statusOf()).toMatchObject({
      needsRestart: ['ground', 'limits.requestSeconds (for batches and for bodies to arrive)'],
    });
    expect((await statusOf()).problem).toBeUndefined();
    const shown = await home.run(['config']);
    expect(shown.stdout).toMatch(/ground:\s+# waits for a restart/);
    expect(shown.stdout).toMatch(/requestSeconds: 700 # waits for a restart/);
    const doctor = await home.run(['doctor']);
    expect(doctor.stdout).toContain(`farm: running at ${farm.url}`);
    expect(doctor.stdout).toMatch(/models: (installed|none)/);
  }, 60_000);
});
