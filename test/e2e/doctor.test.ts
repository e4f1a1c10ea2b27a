import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { TestHome } from './farm-process.ts';

describe('cadre doctor', { timeout: 60_000 }, () => {
  let home: TestHome;
  beforeAll(() => {
    home = new TestHome(`
fleet: { starter: false }
destinations:
  - { id: keyless, vendor: ollama, clearance: internal }
  - { id: without-key, vendor: groq, keyEnv: NO_SUCH_KEY }
  - { id: without-package, vendor: cohere, keyEnv: HOME }
  - { id: with-package, vendor: gemini, keyEnv: HOME }
`);
  });
  afterAll(() => home.remove());

  it('tells which destinations lack a key or a package, and what to do', async () => {
    const { stdout } = await home.run(['doctor', '--json']);
    const findings = JSON.parse(stdout) as { subject: string }[];
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'farm', detail: 'not running' }),
    );
    expect(findings.filter((one) => one.subject.startsWith('destination'))).toMatchObject([
      { subject: 'destination keyless', state: 'good' },
      {
        subject: 'destination without-key',
        state: 'bad',
        detail: expect.stringContaining('NO_SUCH_KEY'),
      },
      {
        subject: 'destination without-package',
        state: 'bad',
        remedy: expect.stringMatching(/^npm install --no-save @ai-sdk\/cohere@/),
      },
      { subject: 'destination with-package', state: 'good' },
    ]);
  });
});

describe('a collection whose folder was moved', { timeout: 60_000 }, () => {
  it('is told by doctor and by the listing of collections', async () => {
    const home = new TestHome('fleet: { starter: false, offline: true }');
    onTestFinished(() => home.remove());
    const folder = join(home.path, 'handbook');
    mkdirSync(folder);
    writeFileSync(join(folder, 'travel.md'), 'Trips abroad are approved by the director.\n');
    const farm = await home.up();
    onTestFinished(async () => {
      await farm.kill('SIGTERM');
    });
    await home.run(['index', folder, '--name', 'handbook']);
    expect((await home.run(['collections'])).stderr).not.toContain('handbook');
    renameSync(folder, join(home.path, 'elsewhere'));
    const words = 'the last look at the sources of handbook failed; what it has may be out of date';
    const told = async () => (await home.run(['collections'])).stderr;
    await expect.poll(told, { timeout: 30_000, interval: 500 }).toContain(words);
    expect((await home.run(['collections', 'handbook'])).stderr).toContain(words);
    expect(JSON.parse((await home.run(['collections', '--json'])).stdout)).toMatchObject([
      { name: 'handbook', warnings: [{ code: 'run-failed', words }] },
    ]);
    const findings = JSON.parse((await home.run(['doctor', '--json'])).stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: 'collection handbook',
        state: 'bad',
        detail: expect.stringContaining(words),
        remedy: expect.stringContaining('cadre index'),
      }),
    );
  });
});
