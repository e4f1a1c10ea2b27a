/**
 * What three gateways owe their clients and give: Cadre, Portkey and LiteLLM, each in front of the
 * same scripted vendor, asked in each dialect by `cadre eval conformance`.
 *
 * Arguments choose among the gateways; `--save` keeps each table in bench/results.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '../src/core/chat.ts';
import type { ConformanceReport } from '../src/core/conformance.ts';
import { evaluateConformance } from '../src/main.ts';
import {
  freePort,
  GATEWAYS,
  type RunningGateway,
  startGateway,
  UPSTREAM_SECONDS,
} from './lib/gateways.ts';
import { printResult, versions } from './lib/result.ts';

const DIALECTS: readonly Dialect[] = ['openai', 'anthropic', 'ollama'];
/** With two retries a gateway may need three times its limit. */
const PATIENCE_SECONDS = UPSTREAM_SECONDS * 3 + 6;

type Answered = ConformanceReport | { readonly dialect: Dialect; readonly offered: false };

async function evaluate(gateway: RunningGateway, dialect: Dialect, upstreamPort: number) {
  const ask = (only: readonly string[]) =>
    evaluateConformance({
      wish: {
        baseUrl: gateway.baseUrl,
        dialect,
        model: 'steady',
        key: gateway.key,
        headers: gateway.headers,
        models: gateway.models,
        upstreamPort,
        upstreamPrefix: '',
        patience: PATIENCE_SECONDS,
        only,
      },
      signal: new AbortController().signal,
      onResult: ({ id, verdict, seen }) =>
        process.stderr.write(`  ${gateway.name} ${dialect} ${verdict} ${id}: ${seen}\n`),
    });
  const surface = await ask(['surface']);
  return surface.metrics.passed === 0 ? { dialect, offered: false as const } : ask([]);
}

async function run(): Promise<void> {
  const args = process.argv.slice(2);
  const chosen = GATEWAYS.filter((name) => args.includes(name));
  const metrics: Record<string, unknown> = {};
  for (const name of chosen.length === 0 ? GATEWAYS : chosen) {
    const upstreamPort = await freePort();
    const gateway = await startGateway(name, upstreamPort);
    if ('missing' in gateway) {
      process.stdout.write(`${name}: skipped; ${gateway.missing}\n`);
      metrics[name] = { skipped: gateway.missing };
      continue;
    }
    const reports: Answered[] = [];
    try {
      for (const dialect of DIALECTS) reports.push(await evaluate(gateway, dialect, upstreamPort));
    } finally {
      await gateway.stop();
    }
    metrics[name] = summary(reports);
    if (args.includes('--save')) save(gateway, reports);
  }
  printResult('conformance', 0, metrics);
}

function summary(reports: readonly Answered[]): Record<string, unknown> {
  return Object.fromEntries(
    reports.map((one) => [one.dialect, 'offered' in one ? 'not offered' : one.metrics]),
  );
}

function save(gateway: RunningGateway, reports: readonly Answered[]): void {
  const { name, version, setting } = gateway;
  const date = new Date().toISOString().slice(0, 10);
  const table = { gateway: name, version, setting, date, versions: versions(), reports };
  const file = join(import.meta.dirname, 'results', `conformance-${name}.json`);
  writeFileSync(file, `${JSON.stringify(table, null, 1)}\n`);
}

await run();
