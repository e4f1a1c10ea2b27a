import { readFileSync } from 'node:fs';
import type { Source, SourceListing } from '../../src/core/source.ts';

const { signal } = new AbortController();

export const list = (source: Source): Promise<SourceListing> => source.doList({ signal });

/** The text of an item, as its parser would find it; the file is gone afterwards. */
export async function textOf(source: Source, path: string): Promise<string> {
  const item = (await list(source)).items.find((one) => one.path === path);
  if (item === undefined) throw new Error(`no item ${path}`);
  const opened = await source.doOpen(item, { signal });
  const text = readFileSync(opened.file, 'utf8');
  await opened.close();
  return text;
}
