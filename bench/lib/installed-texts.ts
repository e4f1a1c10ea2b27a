import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = resolve(import.meta.dirname, '..', '..');
/** Documentation, manual pages and commented sources that most machines have, in this order. */
const PLACES: readonly (readonly [folder: string, names: RegExp, suffix: string])[] = [
  [join(root, 'node_modules'), /\.(?:md|d\.ts)$/, ''],
  ['/usr/share/doc', /(?:README|NEWS|changelog|FAQ|HOWTO)[^/]*\.gz$|\.(?:txt|md|rst)$/i, '.txt'],
  ['/usr/share/man', /man[1-9]\/[^/]*\.gz$/, '.txt'],
  ['/usr/lib/python3.11', /\.py$/, ''],
  ['/usr/share/perl', /\.(?:pod|pm)$/, '.txt'],
];
/** A larger one is a table or a bundle. */
const LARGEST = 400_000;

/**
 * Copies texts of installed packages into `folder` until they have `characters` in sum, without
 * repetition, small folders first to last in a fixed order. Returns how many files were written.
 */
export function copyInstalledTexts(folder: string, characters: number): number {
  const seen = new Set<string>();
  let written = 0;
  let sum = 0;
  for (const [place, names, suffix] of PLACES) {
    for (const path of filesBelow(place, names)) {
      if (sum >= characters) return written;
      const text = textOf(path);
      if (text === undefined || text.length < 200) continue;
      const hash = createHash('sha256').update(text).digest('hex');
      if (seen.has(hash)) continue;
      seen.add(hash);
      // A folder of the name node_modules is never read.
      const name =
        `${place.split('/').at(-1)}/${path.slice(place.length + 1).replace(/\.gz$/, '')}`.replaceAll(
          'node_modules',
          'packages',
        );
      const target = join(folder, `${name}${suffix}`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
      written += 1;
      sum += text.length;
    }
  }
  return written;
}

function filesBelow(folder: string, names: RegExp): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => names.test(path))
      .sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  const bytes = readFileSync(path);
  if (bytes.length > LARGEST) return undefined;
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.length > LARGEST || text.includes('\0') ? undefined : text;
}
