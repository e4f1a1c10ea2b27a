import type { ParsedDocument } from '../../core/ports.ts';
import { BlockCutter } from './text-lines.ts';

/** One row per record (quoted fields may hold line ends); the first record is the heading of all. */
export function parseCsv(text: string): ParsedDocument {
  const cutter = new BlockCutter(text);
  let start = 0;
  let line = 1;
  let recordLine = 1;
  let isQuoted = false;
  let header: readonly string[] = [];
  const close = (end: number) => {
    const record = text.slice(start, end).trim();
    if (record === '') return;
    cutter.cut('table-row', start, end, recordLine, header);
    if (header.length === 0) header = [record.replace(/\s+/g, ' ').slice(0, 160).toWellFormed()];
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) isQuoted = !isQuoted;
    if (code !== 0x0a) continue;
    line += 1;
    if (isQuoted && !isRunaway(start, at)) continue;
    close(at);
    isQuoted = false;
    start = at + 1;
    recordLine = line;
  }
  close(text.length);
  return cutter.document();
}

/** A quote that never closes would swallow the rest of the file. */
function isRunaway(start: number, at: number): boolean {
  return at - start > 20_000;
}
