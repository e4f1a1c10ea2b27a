import { open, stat, truncate } from 'node:fs/promises';
import type { ModelFile } from '../../../core/catalogue.ts';
import { CadreError } from '../../../core/errors.ts';
import type { CallOptions, ModelSource } from '../../../core/ports.ts';
import { parseHub } from './address.ts';

/**
 * One GET through the egress gate, redirects followed there. Adds `range: bytes=START-` when
 * `rangeStart` > 0. Rejects when the gate refuses or no connection comes about; the body rejects
 * when it is cut.
 */
export type Download = (
  url: string,
  options: CallOptions & {
    /** `registry:hf` or `registry:https`: what the permit is asked for. */
    readonly destination: string;
    readonly rangeStart: number;
  },
) => Promise<DownloadResponse>;

export interface DownloadResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpLimits {
  /** Milliseconds until the answer's headers; short, because another source waits. */
  readonly responseMs: number;
  /** Milliseconds without a byte. */
  readonly stallMs: number;
  /** Cuts in a row that are mended by resuming. */
  readonly cutCount: number;
}

const LIMITS: HttpLimits = { responseMs: 5000, stallMs: 30_000, cutCount: 5 };
/** Bytes after which a connection has proved itself. */
const LONG_STRETCH = 8_388_608;
const FINAL_CODES = new Set([
  'source_failed',
  'egress_refused',
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EROFS',
]);

/** `hf:owner/repo@revision/file` on a model hub; `endpoint` replaces the public one. */
export function createHubSource(
  download: Download,
  endpoint = 'https://huggingface.co',
  limits: HttpLimits = LIMITS,
): ModelSource {
  return {
    scheme: 'hf',
    doFetch(source, file, target, options) {
      const { repository, revision, path } = parseHub(source);
      const url = `${endpoint.replace(/\/+$/, '')}/${repository}/resolve/${revision}/${path}`;
      return fetchWhole(
        { download, limits, destination: 'registry:hf' },
        url,
        file,
        target,
        options,
      );
    },
  };
}

/** `https://…` as it stands. */
export function createHttpsSource(download: Download, limits: HttpLimits = LIMITS): ModelSource {
  return {
    scheme: 'https',
    doFetch: (source, file, target, options) =>
      fetchWhole(
        { download, limits, destination: 'registry:https' },
        source,
        file,
        target,
        options,
      ),
  };
}

interface Route {
  readonly download: Download;
  readonly limits: HttpLimits;
  readonly destination: string;
}

type FetchOptions = CallOptions & { readonly onBytes: (bytes: number) => void };

/**
 * Asks again from where the bytes ended. A server that never answers is left at once; one that
 * answered may cut `cutCount` times, and as often again after each LONG_STRETCH that it brought.
 */
async function fetchWhole(
  route: Route,
  url: string,
  file: ModelFile,
  target: string,
  options: FetchOptions,
): Promise<void> {
  const contact = { isAnswered: false };
  let cutsLeft = route.limits.cutCount;
  for (;;) {
    const before = await bytesAt(target, file);
    if (before === file.bytes) return;
    try {
      await fetchRest(route, url, { file, target, rangeStart: before, contact }, options);
      const after = await bytesAt(target, file);
      if (after === file.bytes) return;
      throw new Error(`the connection ended at byte ${after} of ${file.bytes}`);
    } catch (error) {
      options.signal.throwIfAborted();
      if (isFinal(error)) throw error;
      const grown = (await bytesAt(target, file)) - before;
      if (grown >= LONG_STRETCH) cutsLeft = route.limits.cutCount;
      if (!contact.isAnswered || cutsLeft <= 0) throw failure(url, error);
      cutsLeft -= 1;
    }
  }
}

/** Bytes that can be resumed from; more than the file has cannot be right and are dropped. */
async function bytesAt(target: string, file: ModelFile): Promise<number> {
  const bytes = (await stat(target).catch(() => undefined))?.size ?? 0;
  if (bytes <= file.bytes) return bytes;
  await truncate(target, 0);
  return 0;
}

interface Rest {
  readonly file: ModelFile;
  readonly target: string;
  readonly rangeStart: number;
  readonly contact: { isAnswered: boolean };
}

async function fetchRest(
  route: Route,
  url: string,
  { file, target, rangeStart, contact }: Rest,
  { signal, onBytes }: FetchOptions,
): Promise<void> {
  const stalled = new AbortController();
  const { responseMs, stallMs } = route.limits;
  const watch = new Watchdog(stalled, responseMs, 'no answer');
  try {
    const joined = AbortSignal.any([signal, stalled.signal]);
    const response = await asked(route, url, rangeStart, joined);
    contact.isAnswered = true;
    const start = response.status === 206 ? rangeStart : 0;
    if (start === 0 && rangeStart > 0) await truncate(target, 0);
    await append(response.body, { target, start, file, onBytes, watch, stallMs });
  } catch (error) {
    signal.throwIfAborted();
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    watch.stop();
  }
}

/** The answer when it brings the file; any other status is the end of this source. */
async function asked(
  { download, destination }: Route,
  url: string,
  rangeStart: number,
  signal: AbortSignal,
): Promise<DownloadResponse> {
  const response = await download(url, { destination, rangeStart, signal });
  if (response.status === 200 || response.status === 206) return response;
  await discard(response.body);
  throw new CadreError('source_failed', `${hostOf(url)} answered ${response.status}`);
}

interface Landing {
  readonly target: string;
  readonly start: number;
  readonly file: ModelFile;
  readonly onBytes: (bytes: number) => void;
  readonly watch: Watchdog;
  readonly stallMs: number;
}

async function append(body: AsyncIterable<Uint8Array>, landing: Landing): Promise<void> {
  const { file, watch, stallMs } = landing;
  const handle = await open(landing.target, 'a');
  let bytes = landing.start;
  try {
    watch.restart(stallMs, 'no bytes');
    for await (const piece of body) {
      watch.restart(stallMs, 'no bytes');
      bytes += piece.byteLength;
      // A server that sends without end must not fill the disk.
      if (bytes > file.bytes)
        throw new CadreError('source_failed', `the answer is longer than ${file.bytes} bytes`);
      await handle.appendFile(piece);
      landing.onBytes(bytes);
    }
  } finally {
    await handle.close();
  }
}

/** Aborts after a time without `restart`. */
class Watchdog {
  readonly #controller: AbortController;
  #timer: NodeJS.Timeout | undefined;

  constructor(controller: AbortController, ms: number, what: string) {
    this.#controller = controller;
    this.restart(ms, what);
  }

  restart(ms: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Error(`${what} for ${ms / 1000} s`)),
      ms,
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Ends the body without reading what may be long. */
async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of body) if (piece.byteLength >= 0) return;
}

/** A refusal stays one, and trouble of the own disk is not mended by asking the server again. */
function isFinal(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return FINAL_CODES.has(String(code));
}

function failure(url: string, error: unknown): CadreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CadreError('source_failed', `${hostOf(url)} is not reachable (${reason})`, {
    cause: error,
  });
}

/** Only the host: a path or query may carry a signature. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the server';
}
