import { afterEach, describe, expect, it } from 'vitest';
import type { ConformanceReport } from '../../src/core/conformance.ts';
import { VENDOR_MODELS } from '../../src/main.ts';
import { freePort } from '../conformance/ports.ts';
import { TestHome } from './farm-process.ts';

const homes: TestHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

/** A farm whose only spokes are the models of the scripted vendor, with short deadlines. */
function homeInFrontOf(port: number): TestHome {
  const home = new TestHome(
    JSON.stringify({
      fleet: { starter: false, offline: true },
      destinations: [
        {
          id: 'vendor',
          kind: 'openai',
          url: `http://127.0.0.1:${port}/v1`,
          clearance: 'secret',
          firstByteSeconds: 2,
          betweenBytesSeconds: 1,
          retry: { most: 1, firstSeconds: 0.05 },
        },
      ],
      spokes: VENDOR_MODELS.map((id) => ({ id, model: `vendor/${id}`, tools: true })),
    }),
  );
  homes.push(home);
  return home;
}

/** What a farm without weights cannot show; everything else must pass, required or not. */
const NEEDS_WEIGHTS = ['surface.embeddings', 'surface.embed'];
/** How soon the first token comes is the machine’s affair in a test. */
const TIMED = ['time.first-token'];

describe('cadre eval conformance', () => {
  it('finds every promise kept by Cadre itself, in each dialect', async () => {
    const port = await freePort();
    const home = homeInFrontOf(port);
    const farm = await home.up();
    const made = await home.run(['keys', 'add', 'checker', '--json']);
    const { secret } = JSON.parse(made.stdout) as { secret: string };
    process.env['CONFORMANCE_TEST_KEY'] = secret;
    for (const dialect of ['openai', 'anthropic', 'ollama']) {
      const result = await home.run([
        ...['eval', 'conformance', '--base-url', `${farm.url}/v1`, '--model', 'steady'],
        ...['--key-env', 'CONFORMANCE_TEST_KEY', '--upstream-port', String(port)],
        ...['--patience', '15', '--dialect', dialect, '--models', 'rerank=auto'],
      ]);
      expect(result.stdout + result.stderr).not.toContain(secret);
      const last = result.stdout.trim().split('\n').at(-1) ?? '';
      expect(last, result.stderr).toMatch(/^RESULT \{/);
      const report = JSON.parse(last.slice('RESULT '.length)) as ConformanceReport;
      const failed = report.checks
        .filter((one) => one.verdict === 'fail')
        .filter((one) => ![...NEEDS_WEIGHTS, ...TIMED].includes(one.id));
      expect(failed.map((one) => `${dialect} ${one.id}: ${one.seen}`)).toEqual([]);
      expect(result.code).toBe(0);
      expect(report.metrics.passed).toBeGreaterThan(50);
    }
  }, 240_000);

  it('tells wrong use from a gateway that fails', async () => {
    const home = new TestHome();
    homes.push(home);
    const run = (...args: string[]) => home.run(['eval', ...args]);
    const address = ['--base-url', `http://127.0.0.1:${await freePort()}`];
    expect((await run('nonsense')).code).toBe(2);
    expect((await run('conformance', ...address)).stderr).toContain('--model is needed');
    const failed = await run('conformance', ...address, '--model', 'a', '--only', 'surface.chat');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('ECONNREFUSED');
  }, 60_000);
});
