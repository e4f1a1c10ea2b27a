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
          firstByteSeconds: 5,
          betweenBytesSeconds: 1,
        },
      ],
      spokes: VENDOR_MODELS.map((id) => ({ id, model: `vendor/${id}`, tools: true })),
    }),
  );
  homes.push(home);
  return home;
}

describe('cadre eval conformance', () => {
  it('finds every required check kept by Cadre itself', async () => {
    const port = await freePort();
    const home = homeInFrontOf(port);
    const farm = await home.up();
    const made = await home.run(['keys', 'add', 'checker', '--json']);
    const { secret } = JSON.parse(made.stdout) as { secret: string };
    process.env['CONFORMANCE_TEST_KEY'] = secret;
    const result = await home.run([
      ...['eval', 'conformance', '--base-url', `${farm.url}/v1`, '--model', 'steady'],
      ...['--key-env', 'CONFORMANCE_TEST_KEY', '--upstream-port', String(port)],
      ...['--patience', '15'],
    ]);
    expect(result.stdout + result.stderr).not.toContain(secret);
    const last = result.stdout.trim().split('\n').at(-1) ?? '';
    expect(last).toMatch(/^RESULT \{/);
    const report = JSON.parse(last.slice('RESULT '.length)) as ConformanceReport;
    const failed = report.checks.filter((one) => one.required && one.verdict === 'fail');
    expect(failed.map((one) => `${one.id}: ${one.seen}`)).toEqual([]);
    expect(result.code).toBe(0);
    expect(report.metrics.passed).toBeGreaterThan(60);
  }, 120_000);

  it('tells wrong use from a gateway that fails', async () => {
    const home = new TestHome();
    homes.push(home);
    const run = (...args: string[]) => home.run(['eval', ...args]);
    const address = ['--base-url', `http://127.0.0.1:${await freePort()}`];
    expect((await run()).code).toBe(2);
    expect((await run('nonsense')).code).toBe(2);
    expect((await run('conformance', ...address)).stderr).toContain('--model is needed');
    expect((await run('conformance', ...address, '--model', 'a', '--dialect', 'x')).code).toBe(2);
    const failed = await run('conformance', ...address, '--model', 'a', '--only', 'surface.chat');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('ECONNREFUSED');
  }, 60_000);
});
