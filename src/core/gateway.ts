import type { JsonObject } from './chat.ts';
import type { CallOptions } from './ports.ts';

/** One request to a gateway under test, as bytes, so that broken ones can be sent too. */
export interface GatewayRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  /** Below the gateway's base, starting with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Longest wait in milliseconds for the first byte, between bytes, and for the whole. */
  readonly withinMs: number;
}

export interface GatewayAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Rejects where the connection breaks or falls silent. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Any gateway, whoever made it, at the address that the operator typed. */
export interface Gateway {
  doSend(request: GatewayRequest, options: CallOptions): Promise<GatewayAnswer>;
  doClose(): Promise<void>;
}

export interface VendorRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a scripted vendor does next. `chunk` is a write that is counted. */
export type VendorStep =
  | {
      readonly do: 'head';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly do: 'write' | 'chunk'; readonly bytes: string | Uint8Array }
  | { readonly do: 'wait'; readonly ms: number }
  /** `cut` breaks the connection, `hang` leaves it open for good. */
  | { readonly do: 'end' | 'cut' | 'hang' };

/** `count` = how many requests for the same model came before, from 0. */
export type VendorScript = (
  request: VendorRequest & { readonly json: JsonObject },
  count: number,
) => Iterable<VendorStep>;

/** What the vendor saw of one request. Times are milliseconds of the clock that `elapsed` reads. */
export interface VendorRecord {
  readonly request: VendorRequest;
  /** The `model` of the body; empty where there is none. */
  readonly model: string;
  readonly receivedAt: number;
  readonly firstWriteAt?: number;
  readonly chunks: number;
  /** When the answer ended or its reader left. */
  readonly closedAt?: number;
  /** True when the reader left before the end. */
  readonly deserted: boolean;
}

export interface ScriptedVendor {
  records(): readonly VendorRecord[];
  doClose(): Promise<void>;
}
