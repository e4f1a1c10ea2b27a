import { createHash } from 'node:crypto';
import type { RowsFile } from '../adapters/models/classifier-protocol.ts';
import { readRowsFile } from '../adapters/sources/rows-file.ts';
import { rowKey } from '../learn/curated-rows.ts';

export function readRows(file: RowsFile) {
  const { name } = file;
  return { name, ...readRowsFile('path' in file ? file.path : file.bytes, name) };
}

/** 8 bytes that stand for a text, whatever its case and spacing. */
export function keyOf(text: string): bigint {
  return createHash('sha256').update(rowKey(text)).digest().readBigUInt64BE();
}

/** 32 even bits of a text. */
export function evenHash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
