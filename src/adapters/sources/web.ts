import { extname } from 'node:path';
import type { SourceOf } from '../../core/config-source.ts';
import { CadreError, toCadreError } from '../../core/errors.ts';
import type { OpenedItem, Source, SourceItem, SourceListing } from '../../core/source.ts';
import type { DocumentClient } from '../egress/document-client.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { answerBytes } from '../models/answer-bytes.ts';
import { FILE_LIMIT, formatOf } from '../parsers/formats.ts';
import { keepItem } from './item-file.ts';
import { Pace } from './pace.ts';
import { type RobotRules, readRobots } from './robots.ts';
import { readSitemap, type SitemapPage } from './sitemap.ts';
import { readWebText } from './web-read.ts';

/** By which a server can say that a page is the same. */
interface Seen {
  readonly mark: string;
  readonly etag?: string;
  readonly modified?: string;
}

const SUFFIXES: Readonly<Record<string, string>> = {
  'text/html': '.html',
  'application/xhtml+xml': '.html',
  'text/plain': '.txt',
  'text/markdown': '.md',
  'text/csv': '.csv',
  'application/json': '.json',
  'application/pdf': '.pdf',
};

/** Web pages of one destination, as its sitemap lists them and its robots.txt allows. */
export function createWebSource(
  spec: SourceOf<'web'>,
  parts: { readonly documents: DocumentClient; readonly now: () => number },
): Source {
  const pages = new WebPages(spec, parts.documents, parts.now);
  return {
    doList: (options) => pages.list(options),
    doOpen: (item, { signal }) => pages.open(item, signal),
  };
}

class WebPages {
  readonly #spec: SourceOf<'web'>;
  readonly #documents: DocumentClient;
  readonly #now: () => number;
  readonly #pace: Pace;
  #seen = new Map<string, Seen>();

  constructor(spec: SourceOf<'web'>, documents: DocumentClient, now: () => number) {
    this.#spec = spec;
    this.#documents = documents;
    this.#now = now;
    this.#pace = new Pace(spec.pagesPerSecond);
  }

  async list({ signal, onCount }: Parameters<Source['doList']>[0]): Promise<SourceListing> {
    const robots = new Map<string, RobotRules>();
    const { sitemap, pages: named } = this.#spec;
    await this.#obey(robots, sitemap ?? named[0], signal);
    const { pages, isCut } = await this.#pages(signal);
    const items = new Map<string, SourceItem>();
    const skipped: { path: string; reason: string }[] = [];
    for (const page of pages) {
      const url = new URL(page.url);
      const path = pathOf(url);
      const reason = this.#reasonAgainst(url, await this.#obey(robots, page.url, signal));
      if (reason !== undefined) skipped.push({ path, reason });
      else if (!items.has(path)) items.set(path, await this.#itemOf(page, path, signal));
      onCount?.(items.size);
    }
    if (isCut)
      skipped.push({
        path: '*',
        reason: `pages after the first ${this.#spec.mostPages} are left out`,
      });
    const urls = new Set([...items.values()].map((item) => item.uri));
    this.#seen = new Map([...this.#seen].filter(([url]) => urls.has(url)));
    return { items: [...items.values()], skipped };
  }

  async open(item: SourceItem, signal: AbortSignal): Promise<OpenedItem> {
    const { uri = '' } = item;
    const response = await this.#get(uri, signal, {});
    const { status, headers } = response;
    if (status !== 200) {
      response.body.finish();
      // What is gone is no longer found; a server in trouble takes nothing away.
      const code = status === 404 || status === 410 ? 'document_unreadable' : 'source_failed';
      throw new CadreError(code, `the server answered with status ${status}`, { param: uri });
    }
    this.#remember(uri, item.mark, headers);
    const opened = await keepItem(
      answerBytes(response, new URL(uri).host),
      suffixOf(headers['content-type'] ?? '', uri),
      signal,
    );
    return opened;
  }

  /** The rules of an address's own host, asked for once per listing. */
  async #obey(
    known: Map<string, RobotRules>,
    page: string | undefined,
    signal: AbortSignal,
  ): Promise<RobotRules> {
    const address = new URL('/robots.txt', page).href;
    const rules = known.get(address) ?? (await this.#robots(address, signal));
    known.set(address, rules);
    this.#pace.slowTo(rules.delay);
    return rules;
  }

  async #robots(address: string, signal: AbortSignal): Promise<RobotRules> {
    const { destination } = this.#spec;
    try {
      return readRobots((await readWebText(this.#documents, destination, address, signal)) ?? '');
    } catch (thrown) {
      signal.throwIfAborted();
      // Below a path of the host its robots.txt may be out of the destination's reach.
      if (toCadreError(thrown).code === 'egress_refused') return readRobots('');
      throw thrown;
    }
  }

  async #pages(signal: AbortSignal) {
    const { sitemap, pages: named, mostPages, destination } = this.#spec;
    const listed = named.map((url): SitemapPage => ({ url, modified: '' }));
    if (sitemap === undefined)
      return { pages: listed.slice(0, mostPages), isCut: listed.length > mostPages };
    const found = await readSitemap(sitemap, mostPages, async (url) => {
      await this.#pace.pass(signal);
      return readWebText(this.#documents, destination, url, signal);
    });
    const pages = [...listed, ...found.pages];
    return { pages: pages.slice(0, mostPages), isCut: found.isCut || pages.length > mostPages };
  }

  #reasonAgainst(url: URL, robots: RobotRules): string | undefined {
    if (!robots.allows(url.pathname + url.search)) return 'robots.txt forbids it';
    try {
      this.#documents.leave(this.#spec.destination, url.href);
      return undefined;
    } catch (thrown) {
      return toCadreError(thrown).message;
    }
  }

  /**
   * A page without a date in the sitemap is asked for whether it is still the one that was seen; one
   * that was not seen by this process has to be opened, so it gets a mark that nothing has.
   */
  async #itemOf(page: SitemapPage, path: string, signal: AbortSignal): Promise<SourceItem> {
    const uri = withoutHash(page.url);
    const dated = Date.parse(page.modified);
    const base = { path, bytes: 0, uri, type: 'web' };
    if (!Number.isNaN(dated)) return { ...base, mark: page.modified, modifiedAt: dated };
    const seen = this.#seen.get(uri);
    const isSame = seen !== undefined && (await this.#isSame(uri, seen, signal));
    const changed = Date.parse(seen?.modified ?? '');
    return {
      ...base,
      mark: isSame ? seen.mark : `unseen ${this.#now()}`,
      ...(isSame && !Number.isNaN(changed) ? { modifiedAt: changed } : {}),
    };
  }

  async #isSame(uri: string, seen: Seen, signal: AbortSignal): Promise<boolean> {
    if (seen.etag === undefined && seen.modified === undefined) return false;
    const response = await this.#get(uri, signal, {
      ...(seen.etag === undefined ? {} : { 'if-none-match': seen.etag }),
      ...(seen.modified === undefined ? {} : { 'if-modified-since': seen.modified }),
    }).catch((thrown: unknown) => {
      signal.throwIfAborted();
      return toCadreError(thrown);
    });
    // Opening it tells what is wrong with it.
    if (response instanceof CadreError) return false;
    response.body.finish();
    return response.status === 304;
  }

  async #get(
    url: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
  ): Promise<ExchangeResponse> {
    await this.#pace.pass(signal);
    const { destination } = this.#spec;
    return this.#documents.get({ destination, url, headers, maxBytes: FILE_LIMIT, signal });
  }

  #remember(uri: string, mark: string, headers: ExchangeResponse['headers']): void {
    const { etag, 'last-modified': modified } = headers;
    this.#seen.set(uri, {
      mark,
      ...(etag === undefined ? {} : { etag }),
      ...(modified === undefined ? {} : { modified }),
    });
  }
}

function withoutHash(address: string): string {
  const url = new URL(address);
  url.hash = '';
  return url.href;
}

/** `https://host/guide/a.html?b` → `guide/a.html?b`. */
function pathOf({ pathname, search }: URL): string {
  let path = pathname;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    // An escape that means nothing stays as it is written.
  }
  return `${path.replace(/^\/+|\/+$/g, '') || 'index'}${search}`;
}

function suffixOf(contentType: string, uri: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const suffix = extname(new URL(uri).pathname).toLowerCase();
  const known = SUFFIXES[type];
  if (known !== undefined) return known;
  if (formatOf(`x${suffix}`) !== undefined) return suffix;
  throw new CadreError(
    'document_unreadable',
    `pages of the type ${type || 'unknown'} are not read`,
  );
}
