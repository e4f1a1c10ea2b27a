import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import type { Egress } from './egress.ts';
import type { ExchangeResponse } from './exchange.ts';

export type VendorFetch = (
  address: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

/**
 * What a vendor's package calls in the place of the global fetch: one POST below the destination's
 * own URL, under the permit of the call. Anything else is `egress_refused`. `open` gives the bytes of
 * a response or throws; what it throws reaches the caller of the package.
 */
export function createVendorFetch(options: {
  readonly egress: Egress;
  readonly destination: { readonly id: string; readonly url: string };
  readonly permit: Permit | undefined;
  readonly signal: AbortSignal;
  readonly open: (response: ExchangeResponse) => Promise<AsyncIterable<Uint8Array>>;
}): VendorFetch {
  const { egress, destination, permit, signal, open } = options;
  const base = destination.url.replace(/\/+$/, '');
  return async (address, init = {}) => {
    const url = String(address);
    const { body } = init;
    if (!url.startsWith(`${base}/`) || init.method !== 'POST' || typeof body !== 'string')
      throw new CadreError(
        'egress_refused',
        `destination ${destination.id}: its package may only post text below ${base}`,
      );
    const response = await egress.send({
      permit,
      destination: destination.id,
      path: url.slice(base.length),
      headers: Object.fromEntries(new Headers(init.headers)),
      body,
      signal,
    });
    return new Response(ReadableStream.from(await open(response)), {
      status: response.status,
      headers: response.headers,
    });
  };
}
