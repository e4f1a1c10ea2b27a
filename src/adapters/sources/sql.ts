import { createHash } from 'node:crypto';
import type { MetadataValue } from '../../core/access.ts';
import type { SourceOf } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { CallOptions } from '../../core/ports.ts';
import type { Source, SourceItem, SourceListing } from '../../core/source.ts';
import { postgresRows } from '../stores/postgres-rows.ts';
import { keepItem } from './item-file.ts';
import { Spool, type SpoolPlace } from './spool.ts';
import { type SqlRow, sqliteRows } from './sqlite-rows.ts';

const SUFFIXES = { text: '.txt', markdown: '.md', html: '.html' } as const;
/** Bytes of text that one listing may keep on disk. */
const MOST_BYTES = 2_000_000_000;
const LONGEST_VALUE = 1000;

/** Rows of one query; their texts wait in a spool until they are opened. */
export function createSqlSource(
  spec: SourceOf<'sql'>,
  environment: Readonly<Record<string, string | undefined>>,
): Source {
  let spool: Spool | undefined;
  let places = new Map<string, SpoolPlace>();
  const release = async () => {
    await spool?.close();
    spool = undefined;
    places = new Map();
  };
  return {
    hasTrueMarks: true,
    doRelease: release,
    async doList({ signal, onCount }): Promise<SourceListing> {
      await release();
      const target = await Spool.make();
      spool = target;
      try {
        return await listRows(spec, environment, {
          spool: target,
          places,
          signal,
          onCount: onCount ?? (() => undefined),
        });
      } catch (thrown) {
        await release();
        throw thrown;
      }
    },
    async doOpen(item, { signal }) {
      const place = places.get(item.path);
      if (place === undefined || spool === undefined)
        throw new CadreError('source_failed', 'the row was not listed', { param: item.path });
      return keepItem([await spool.read(place)], SUFFIXES[spec.format], signal);
    },
  };
}

async function listRows(
  spec: SourceOf<'sql'>,
  environment: Readonly<Record<string, string | undefined>>,
  options: CallOptions & {
    readonly onCount: (count: number) => void;
    readonly spool: Spool;
    readonly places: Map<string, SpoolPlace>;
  },
): Promise<SourceListing> {
  const { spool, places, signal, onCount } = options;
  const items: SourceItem[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for await (const rows of pagesOf(spec, environment, signal)) {
    for (const row of rows) {
      const { item, text } = readRow(spec, row);
      const reason = reasonAgainst(item, places, spool);
      if (reason !== undefined) skipped.push({ path: item.path, reason });
      else {
        places.set(item.path, await spool.add(Buffer.from(text)));
        items.push(item);
      }
    }
    onCount(items.length);
  }
  if (items.length + skipped.length >= spec.mostRows)
    skipped.push({ path: '*', reason: `rows after the first ${spec.mostRows} are left out` });
  return { items, skipped };
}

function pagesOf(
  { file, postgresEnv = '', query, mostRows }: SourceOf<'sql'>,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): AsyncIterable<readonly SqlRow[]> {
  if (file !== undefined) return sqliteRows(file, query, mostRows, signal);
  const url = environment[postgresEnv];
  if (!url)
    throw new CadreError(
      'config_invalid',
      `the Postgres URL is wanted in ${postgresEnv}, which is not set`,
      { param: 'postgresEnv' },
    );
  return postgresRows(url, query, { most: mostRows, name: postgresEnv, signal });
}

function reasonAgainst(
  { path, bytes }: SourceItem,
  places: ReadonlyMap<string, SpoolPlace>,
  spool: Spool,
): string | undefined {
  if (path === '') return 'a row whose id is empty';
  if (places.has(path)) return 'two rows have this id';
  if (spool.length + bytes > MOST_BYTES) return `the rows have more than ${MOST_BYTES / 1e9} GB`;
  return undefined;
}

function readRow(
  spec: SourceOf<'sql'>,
  row: SqlRow,
): { readonly item: SourceItem; readonly text: string } {
  const cellOf = (column: string) => {
    if (Object.hasOwn(row, column)) return row[column];
    const columns = Object.keys(row).slice(0, 30).join(', ');
    throw new CadreError(
      'invalid_request',
      `the query has no column ${column}; it has ${columns}`,
      { param: 'query' },
    );
  };
  const text = spec.text
    .map((column) => textOf(cellOf(column)))
    .filter((one) => one.trim() !== '')
    .join('\n\n');
  const path = textOf(cellOf(spec.id)).slice(0, LONGEST_VALUE);
  const title = spec.title === undefined ? '' : textOf(cellOf(spec.title)).slice(0, LONGEST_VALUE);
  const uri = spec.uri === undefined ? '' : textOf(cellOf(spec.uri)).slice(0, 2 * LONGEST_VALUE);
  const modifiedAt = spec.modified === undefined ? undefined : timeOf(cellOf(spec.modified));
  const metadata = Object.fromEntries(
    spec.metadata.flatMap((column) => {
      const value = metadataOf(cellOf(column));
      return value === undefined ? [] : [[column, value]];
    }),
  );
  const mark = createHash('sha256')
    .update(JSON.stringify([text, title, uri, modifiedAt, metadata]))
    .digest('hex');
  const item: SourceItem = {
    path,
    mark,
    bytes: Buffer.byteLength(text),
    type: 'row',
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(title === '' ? {} : { title }),
    ...(uri === '' ? {} : { uri }),
    ...(spec.metadata.length === 0 ? {} : { given: { metadata } }),
  };
  return { item, text };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function metadataOf(value: unknown): MetadataValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return textOf(value).slice(0, LONGEST_VALUE);
}

/** A date, ISO text, or a number of seconds or milliseconds since the epoch. */
function timeOf(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number))
    return Math.trunc(number < 1e11 ? number * 1000 : number);
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
