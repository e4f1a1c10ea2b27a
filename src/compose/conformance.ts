import { setTimeout as sleep } from 'node:timers/promises';
import { createGatewayClient } from '../adapters/egress/gateway-client.ts';
import { startScriptedVendor } from '../adapters/vendor/scripted-vendor.ts';
import { runChecks } from '../conformance/run-checks.ts';
import { createVendorScript } from '../conformance/vendor-script.ts';
import type { CheckResult, ConformanceReport, ConformanceWish } from '../core/conformance.ts';
import { CadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { createPermitOffice } from '../policy/permits.ts';
import { VERSION } from './version.ts';

const PERMIT_MS = 60_000;

/**
 * Checks the gateway at the address that the operator typed; no home and no farm are needed. Each
 * request has a permit of its own, for this address and public data only. Rejects with
 * `invalid_request` (address or key) or `port_in_use` (the vendor’s port).
 */
export async function checkConformance(options: {
  readonly wish: ConformanceWish;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onResult: (result: CheckResult) => void;
}): Promise<ConformanceReport> {
  const { wish, clock, signal, onResult } = options;
  const baseUrl = readBaseUrl(wish.baseUrl);
  const key = readKey(wish, options.environment);
  const permits = createPermitOffice({ now: clock.now });
  const destination = `gateway:${baseUrl.host}`;
  const gateway = createGatewayClient({
    baseUrl,
    destination,
    permit: () =>
      permits.issue({
        destination,
        label: 'public',
        requestId: 'conformance',
        budget: 0,
        ttlMs: PERMIT_MS,
      }),
    refusal: permits.refusal,
  });
  try {
    const { upstreamPort } = wish;
    const vendor =
      upstreamPort === undefined
        ? undefined
        : await startScriptedVendor({ port: upstreamPort, script: createVendorScript(), clock });
    try {
      const parts = { gateway, wish, key, clock, signal, wait: (ms: number) => sleep(ms) };
      const report = await runChecks({ ...parts, ...(vendor ? { vendor } : {}) }, onResult);
      return { ...report, versions: { cadre: VERSION, node: process.versions.node } };
    } finally {
      await vendor?.doClose();
    }
  } finally {
    await gateway.doClose();
  }
}

/** The address without `/v1`, which the paths bring themselves. */
function readBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '')
    throw new CadreError('invalid_request', 'the base URL must begin with http:// or https://', {
      param: 'base-url',
    });
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return url;
}

function readKey(
  { key, keyEnv }: ConformanceWish,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (keyEnv === undefined) return key;
  const found = environment[keyEnv];
  if (found === undefined || found === '')
    throw new CadreError('invalid_request', `the environment has no ${keyEnv}`, {
      param: 'key-env',
    });
  return found;
}
