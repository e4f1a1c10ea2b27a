import { createHash } from 'node:crypto';
import type { SourceOf } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { Source, SourceItem } from '../../core/source.ts';
import type { DocumentClient } from '../egress/document-client.ts';
import { keepItem } from './item-file.ts';
import { readWebText } from './web-read.ts';
import { textOf, type XmlRecord, xmlElements } from './xml-elements.ts';

const MOST_ENTRIES = 5000;
const LONGEST_NAME = 120;

/** Entries of an RSS or Atom feed, with the text that the feed itself has. */
export function createFeedSource(
  spec: SourceOf<'feed'>,
  parts: { readonly documents: DocumentClient },
): Source {
  let texts = new Map<string, string>();
  return {
    hasTrueMarks: true,
    async doList({ signal, onCount }) {
      const { destination, url } = spec;
      const xml = await readWebText(parts.documents, destination, url, signal);
      if (xml === undefined) throw new CadreError('source_failed', `there is no feed at ${url}`);
      const read = new Map<string, { readonly item: SourceItem; readonly html: string }>();
      for await (const { fields } of xmlElements(xml, ['item', 'entry'])) {
        const entry = readEntry(fields);
        if (!read.has(entry.item.path)) read.set(entry.item.path, entry);
        if (read.size >= MOST_ENTRIES) break;
      }
      if (read.size === 0 && !/<(rss|feed|rdf:RDF)[\s>]/i.test(xml))
        throw new CadreError('source_failed', `what is at ${url} is no RSS or Atom feed`);
      onCount?.(read.size);
      texts = new Map([...read].map(([path, { html }]) => [path, html]));
      return { items: [...read.values()].map(({ item }) => item), skipped: [], isPartial: true };
    },
    async doOpen(item, { signal }) {
      const html = texts.get(item.path);
      if (html === undefined)
        throw new CadreError('source_failed', 'the entry left the feed', { param: item.path });
      return keepItem([Buffer.from(html)], '.html', signal);
    },
  };
}

function readEntry(fields: XmlRecord): { readonly item: SourceItem; readonly html: string } {
  const title = textOf(fields, 'title').replace(/<[^>]*>/g, '');
  const link = linkOf(fields);
  const body = textOf(fields, 'encoded', 'content', 'description', 'summary');
  const author = textOf(fields, 'creator', 'author')
    .replace(/<[^>]*>/g, ' ')
    .trim();
  const time = Date.parse(textOf(fields, 'updated', 'pubDate', 'published', 'date'));
  const id = digest(textOf(fields, 'guid', 'id') || link || `${title}\n${body}`).slice(0, 8);
  const name = title
    .replace(/[\s/\\\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
  const html = `<p>${body}</p>`;
  const metadata = author === '' ? {} : { author: author.slice(0, 500) };
  return {
    html,
    item: {
      path: `${name.toWellFormed()} ${id}`.trim(),
      mark: digest(`${title}\n${link}\n${html}\n${time}`),
      bytes: Buffer.byteLength(html),
      type: 'feed',
      ...(Number.isNaN(time) ? {} : { modifiedAt: time }),
      ...(URL.canParse(link) ? { uri: link } : {}),
      ...(title === '' ? {} : { title: title.slice(0, 500) }),
      given: { metadata },
    },
  };
}

function linkOf(fields: XmlRecord): string {
  const links = fields.get('link') ?? [];
  const main = links.find(
    ({ attributes }) => (attributes.get('rel') ?? 'alternate') === 'alternate',
  );
  return main?.attributes.get('href') ?? main?.text ?? '';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
