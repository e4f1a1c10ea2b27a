import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, resolve, sep } from 'node:path';
import { CadreError } from '../core/errors.ts';
import type { Exchange } from './exchange.ts';
import { dropStalledReader, sendText } from './respond.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** Components set style attributes, hence the one exception. */
const CONTENT_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  // The sign-in token is part of the first address.
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** `name-CONTENTHASH.ext` below /assets/, as the bundler writes them. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Pages of the console that it makes in the browser; console/src/page.ts has the same. */
const PAGES = /^\/(?:fleet|specialists|gate|search|evaluation|device|documents(?:\/[^/]+){0,2})$/;

/**
 * Serves one file of the built console to GET and HEAD; a browser that opens one of its pages gets
 * index.html. Any other path is nothing, so that no program takes a page for an answer. Rejects with
 * `not_found`.
 */
export async function serveConsole(exchange: Exchange, folder: string): Promise<void> {
  const { incoming, response, path, id } = exchange;
  const found =
    (await findFile(folder, path)) ??
    (PAGES.test(path) && opensPage(incoming) ? await findFile(folder, '/index.html') : undefined);
  if (found === undefined) throw new CadreError('not_found', `there is nothing at ${path}`);
  const etag = `"${found.size.toString(36)}-${found.modified.toString(36)}"`;
  const headers = {
    ...SECURITY_HEADERS,
    'x-request-id': id,
    etag,
    'cache-control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-type': TYPES[extname(found.file)] ?? 'application/octet-stream',
  };
  if (incoming.headers['if-none-match'] === etag) {
    sendText(response, 304, '', headers);
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': found.size });
  if (incoming.method === 'HEAD') {
    response.end();
    return;
  }
  const stream = createReadStream(found.file, { end: Math.max(0, found.size - 1) });
  stream.once('error', () => response.destroy());
  response.once('close', () => stream.destroy());
  stream.pipe(response);
  stream.once('end', () => dropStalledReader(response));
}

function opensPage({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/html') === true;
}

/** The regular file behind a path, wherever its links lead never outside the folder. */
async function findFile(folder: string, path: string) {
  const name = decode(path);
  if (name === undefined || name.includes('\0') || name.includes('\\')) return undefined;
  const root = resolve(folder);
  const file = resolve(root, `.${name.endsWith('/') ? `${name}index.html` : name}`);
  if (!file.startsWith(root + sep)) return undefined;
  try {
    const real = await realpath(file);
    if (!real.startsWith((await realpath(root)) + sep)) return undefined;
    const found = await stat(real);
    if (!found.isFile()) return undefined;
    return { file: real, size: found.size, modified: Math.floor(found.mtimeMs) };
  } catch {
    return undefined;
  }
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
