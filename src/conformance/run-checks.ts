import type { CheckResult, ConformanceReport } from '../core/conformance.ts';
import { toCadreError } from '../core/errors.ts';
import { answerChecks } from './answer-checks.ts';
import { anthropicChecks } from './anthropic-checks.ts';
import { anthropicDriver } from './anthropic-driver.ts';
import { type Check, type Finding, fail, skip } from './check.ts';
import type { Driver } from './driver.ts';
import { errorChecks } from './error-checks.ts';
import { limitChecks } from './limit-checks.ts';
import { ollamaChecks } from './ollama-checks.ts';
import { ollamaDriver } from './ollama-driver.ts';
import { openaiChecks } from './openai-checks.ts';
import { openaiDriver } from './openai-driver.ts';
import { openaiOtherChecks } from './openai-other-checks.ts';
import { openaiResponsesChecks } from './openai-responses-checks.ts';
import { openaiStreamChecks } from './openai-stream-checks.ts';
import { Probe, type ProbeParts } from './probe.ts';
import { upstreamCancelChecks } from './upstream-cancel-checks.ts';
import { upstreamFaultChecks } from './upstream-fault-checks.ts';
import { upstreamPassChecks } from './upstream-pass-checks.ts';

const DRIVERS = {
  openai: openaiDriver,
  anthropic: anthropicDriver,
  ollama: ollamaDriver,
} satisfies Record<string, Driver>;

const SURFACES: Readonly<Record<keyof typeof DRIVERS, readonly Check[]>> = {
  openai: [...openaiChecks, ...openaiOtherChecks, ...openaiStreamChecks, ...openaiResponsesChecks],
  anthropic: anthropicChecks,
  ollama: ollamaChecks,
};

const COMMON: readonly Check[] = [...answerChecks, ...errorChecks];
const UPSTREAM: readonly Check[] = [
  ...upstreamPassChecks,
  ...upstreamCancelChecks,
  ...upstreamFaultChecks,
];

/**
 * Runs all checks of the dialect, one after another; those of the upstream’s faults only where a
 * scripted vendor stands behind the gateway. Bad will comes last, since it may end a gateway.
 */
export async function runChecks(
  parts: Omit<ProbeParts, 'driver'>,
  onResult: (result: CheckResult) => void = () => undefined,
): Promise<Omit<ConformanceReport, 'versions'>> {
  const { wish, vendor } = parts;
  const probe = new Probe({ ...parts, driver: DRIVERS[wish.dialect] });
  const chosen = [...SURFACES[wish.dialect], ...COMMON, ...UPSTREAM, ...limitChecks].filter(
    (check) => wish.only.length === 0 || wish.only.some((prefix) => check.id.startsWith(prefix)),
  );
  const results: CheckResult[] = [];
  for (const check of chosen) {
    const start = parts.clock.elapsed();
    const finding = UPSTREAM.includes(check)
      ? await attemptUpstream(check, probe)
      : await attempt(check, probe);
    const { id, what, required } = check;
    const ms = Math.round(parts.clock.elapsed() - start);
    const result = { id, what, required, ...finding, ms };
    results.push(result);
    onResult(result);
  }
  return {
    eval: 'conformance',
    gateway: wish.baseUrl,
    dialect: wish.dialect,
    model: wish.model,
    upstream: vendor === undefined ? 'its own' : 'scripted',
    metrics: count(results),
    checks: results,
  };
}

/** The vendor plays its faults in chat completions; a gateway that asks it otherwise is not judged. */
async function attemptUpstream(check: Check, probe: Probe): Promise<Finding> {
  const { vendor, clock } = probe.parts;
  if (vendor === undefined) return skip('needs control of the upstream (--upstream-port)');
  const start = clock.elapsed();
  const finding = await attempt(check, probe);
  const paths = vendor
    .records()
    .filter((record) => record.receivedAt >= start)
    .map((record) => record.request.path);
  const [first] = paths;
  return first === undefined || paths.some((path) => path.includes('/chat/completions'))
    ? finding
    : skip(`the gateway asked the vendor at ${first}, where it plays no faults`);
}

/** A defect of a check is told as such and leaves the others alone. */
async function attempt(check: Check, probe: Probe): Promise<Finding> {
  try {
    return await check.run(probe);
  } catch (thrown) {
    probe.parts.signal.throwIfAborted();
    return fail(`the check itself failed: ${toCadreError(thrown).message}`);
  }
}

function count(results: readonly CheckResult[]): ConformanceReport['metrics'] {
  const of = (verdict: CheckResult['verdict']) =>
    results.filter((result) => result.verdict === verdict);
  return {
    checks: results.length,
    passed: of('pass').length,
    failed: of('fail').length,
    failedRequired: of('fail').filter((result) => result.required).length,
    skipped: of('skip').length,
  };
}
