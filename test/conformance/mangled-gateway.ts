import { runChecks } from '../../src/conformance/run-checks.ts';
import { createVendorScript } from '../../src/conformance/vendor-script.ts';
import type { JsonObject } from '../../src/core/chat.ts';
import type { ConformanceWish } from '../../src/core/conformance.ts';
import type { Gateway, GatewayRequest } from '../../src/core/gateway.ts';

export interface Played {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Changes what the vendor said before the client sees it. */
export type Mangle = (answer: Played, request: GatewayRequest) => Played;

/** A gateway without sockets: the scripted vendor’s own words, changed on the way. */
function mangledGateway(mangle: Mangle): Gateway {
  const script = createVendorScript();
  return {
    async doSend(request) {
      const body = typeof request.body === 'string' ? request.body : '';
      const asked = { ...request, body, json: parse(body) };
      const played = { status: 200, headers: {}, text: '' };
      for (const step of script(asked, 0)) {
        if (step.do === 'head') Object.assign(played, step);
        if (step.do === 'write' || step.do === 'chunk') played.text += String(step.bytes);
      }
      const { status, headers, text } = mangle(played, request);
      return { status, headers, body: once(new TextEncoder().encode(text)) };
    },
    doClose: async () => undefined,
  };
}

function parse(body: string): JsonObject {
  try {
    return Object(JSON.parse(body)) as JsonObject;
  } catch {
    return {};
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** Ids of the checks that fail behind the mangling gateway. */
export async function failuresOf(mangle: Mangle, only: readonly string[]): Promise<string[]> {
  const report = await checkMangled(mangle, only);
  return report.checks.filter((one) => one.verdict === 'fail').map((one) => one.id);
}

export const KEY = 'sk-very-secret-key';

export async function checkMangled(mangle: Mangle, only: readonly string[]) {
  const wish: ConformanceWish = {
    baseUrl: 'http://gateway.test',
    dialect: 'openai',
    model: 'steady',
    headers: {},
    models: {},
    upstreamPrefix: '',
    patience: 5,
    only,
  };
  let time = 0;
  return runChecks({
    gateway: mangledGateway(mangle),
    wish,
    key: KEY,
    clock: { now: () => time, elapsed: () => time++ },
    wait: async () => undefined,
    signal: new AbortController().signal,
  });
}
