import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { SourceOf } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { Source, SourceItem, SourceListing } from '../../core/source.ts';
import { FILE_LIMIT } from '../parsers/formats.ts';
import { HEADER_BYTES, readHeaders } from '../parsers/mail-headers.ts';
import { markOf, reasonOf } from './folder-walk.ts';
import { keepItem } from './item-file.ts';
import { mboxMessages } from './mbox.ts';

const MOST_MESSAGES = 200_000;
const LONGEST_SUBJECT = 80;
const TOO_LARGE = `the message is larger than ${FILE_LIMIT / 1e6} MB; take its attachments out`;

/** Where the bytes of a message lie. */
interface Place {
  readonly file: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

interface Listed {
  readonly item: SourceItem;
  readonly place: Place;
}

/** Messages of an mbox file, or of the .eml, mbox and Maildir files of a folder and all below it. */
export function createMailSource({ path }: SourceOf<'mail'>): Source {
  /** What the files held when they were last looked at; a file with the same mark is not read again. */
  let known = new Map<string, { readonly mark: string; readonly messages: readonly Listed[] }>();
  let places = new Map<string, Place>();
  return {
    async doList({ signal, onCount }) {
      const skipped: { path: string; reason: string }[] = [];
      const seen: typeof known = new Map();
      const listed = new Map<string, Listed>();
      for (const { file, name } of await mailFiles(path)) {
        signal.throwIfAborted();
        try {
          const mark = markOf(await stat(file, { bigint: true }));
          const before = known.get(file);
          const messages =
            before?.mark === mark ? before.messages : await messagesOf(file, name, mark, signal);
          seen.set(file, { mark, messages });
          for (const one of messages)
            if (one.item.bytes <= FILE_LIMIT) listed.set(one.item.path, one);
            else skipped.push({ path: one.item.path, reason: TOO_LARGE });
        } catch (thrown) {
          signal.throwIfAborted();
          skipped.push({ path: name, reason: reasonOf(thrown) });
        }
        onCount?.(listed.size);
        if (listed.size > MOST_MESSAGES)
          throw new CadreError(
            'invalid_request',
            `${path} has more than ${MOST_MESSAGES} messages`,
          );
      }
      known = seen;
      places = new Map([...listed.values()].map(({ item, place }) => [item.path, place]));
      const items = [...listed.values()].map(({ item }) => item);
      return { items, skipped } satisfies SourceListing;
    },
    async doOpen(item, { signal }) {
      const place = places.get(item.path);
      if (place === undefined) throw moved(item);
      const { file, start, end } = place;
      const opened = await keepItem(
        createReadStream(file, { start, end: Math.max(start, end - 1), signal }),
        '.eml',
        signal,
      );
      // A mailbox that was rewritten has other messages at the old places.
      if (item.mark.length === 64 && opened.hash !== item.mark) {
        await opened.close();
        throw moved(item);
      }
      return opened;
    },
  };
}

function moved(item: SourceItem): CadreError {
  return new CadreError('source_failed', 'the mailbox changed while it was read', {
    param: item.path,
  });
}

async function mailFiles(path: string): Promise<readonly { file: string; name: string }[]> {
  const found = await stat(path).catch((thrown: unknown) => {
    throw new CadreError('invalid_request', `${path} cannot be read: ${reasonOf(thrown)}`, {
      param: 'path',
    });
  });
  if (!found.isDirectory()) return [{ file: path, name: basename(path) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\.(eml|mbox)$/i.test(file) || /[\\/](cur|new)[\\/][^\\/]+$/.test(file))
    .sort()
    .map((file) => ({ file, name: relative(path, file).split(sep).join('/') }));
}

async function messagesOf(
  file: string,
  name: string,
  mark: string,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const head = await headOf(file);
  const { size, mtimeMs } = await stat(file);
  if (head.subarray(0, 5).toString('latin1') !== 'From ') {
    const item = itemOf(head, { path: name, mark, bytes: size, modifiedAt: Math.trunc(mtimeMs) });
    return [{ item, place: { file, start: 0, end: size } }];
  }
  const messages: Listed[] = [];
  for await (const one of mboxMessages(file, signal)) {
    const { start, end, hash } = one;
    const facts = { mark: hash, bytes: end - start, modifiedAt: Math.trunc(mtimeMs) };
    const item = itemOf(one.head, { path: `${name}/${nameOf(one.head)}`, ...facts });
    messages.push({ item, place: { file, start, end } });
    if (messages.length > MOST_MESSAGES) break;
  }
  return messages;
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** `2026-03-05 Pump inspection 3f9a21c0.eml`: the last word stays when the mailbox is rewritten. */
function nameOf(head: Uint8Array): string {
  const fields = readHeaders(head);
  const id = fields.get('message-id') ?? [...fields].join('\n');
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 8);
  const day = dateOf(fields)?.toISOString().slice(0, 10);
  const subject = (fields.get('subject') ?? '')
    .replace(/[\s/\\\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_SUBJECT);
  return `${[day, subject.toWellFormed(), digest].filter(Boolean).join(' ')}.eml`;
}

function itemOf(
  head: Uint8Array,
  facts: Pick<SourceItem, 'path' | 'mark' | 'bytes' | 'modifiedAt'>,
): SourceItem {
  const fields = readHeaders(head);
  const subject = fields.get('subject');
  const date = dateOf(fields);
  const metadata = Object.fromEntries(
    ['from', 'to', 'cc'].flatMap((name) => {
      const value = fields.get(name);
      return value === undefined ? [] : [[name, value.slice(0, 1000)]];
    }),
  );
  return {
    ...facts,
    ...(date === undefined ? {} : { modifiedAt: date.getTime() }),
    ...(subject === undefined || subject === '' ? {} : { title: subject.slice(0, 500) }),
    type: 'mail',
    given: { metadata: { ...metadata, ...(date && { date: date.toISOString() }) } },
  };
}

function dateOf(fields: ReadonlyMap<string, string>): Date | undefined {
  const date = new Date(fields.get('date') ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
