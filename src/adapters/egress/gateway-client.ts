import { Agent } from 'undici';
import { CadreError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { Permit } from '../../core/permit.ts';
import { exchange } from './exchange.ts';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * The client of a gateway under test. It reaches one base address, the operator's own, and asks for
 * a permit each time. Rejects as `exchange` does; redirects are handed back, never followed.
 */
export function createGatewayClient(options: {
  readonly baseUrl: URL;
  readonly destination: string;
  readonly permit: () => Permit;
  readonly refusal: (permit: Permit, destination: string) => string | undefined;
}): Gateway {
  const { baseUrl, destination } = options;
  const basePath = baseUrl.pathname.replace(/\/+$/, '');
  const dispatcher = new Agent({
    connect: { timeout: 5000 },
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  return {
    async doSend(request, { signal }) {
      const refused = options.refusal(options.permit(), destination);
      if (refused !== undefined)
        throw new CadreError('egress_refused', `destination ${destination}: ${refused}`);
      const { method, path, headers, body, withinMs } = request;
      return exchange({
        dispatcher,
        origin: baseUrl.origin,
        path: basePath + path,
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        name: 'the gateway',
        signal,
        firstByteMs: withinMs,
        betweenBytesMs: withinMs,
        totalMs: withinMs * 2,
        maxBytes: MAX_ANSWER_BYTES,
      });
    },
    doClose: () => dispatcher.destroy(),
  };
}
