import { posix } from 'node:path';
import { readXml } from './xml-reader.ts';
import type { ZipArchive } from './zip-archive.ts';

/** Targets of a part's relationships by id (ECMA-376 part 2, 9.3), as names of members. */
export function relationsOf(archive: ZipArchive, part: string): ReadonlyMap<string, string> {
  const folder = posix.dirname(part);
  const source = archive.text(posix.join(folder, '_rels', `${posix.basename(part)}.rels`));
  const found = new Map<string, string>();
  readXml(source ?? '', {
    open: (tag) => {
      const id = tag.attribute('Id');
      const target = tag.attribute('Target');
      if (tag.name !== 'Relationship' || id === undefined || target === undefined) return;
      if (tag.attribute('TargetMode') === 'External') return;
      found.set(id, target.startsWith('/') ? target.slice(1) : posix.join(folder, target));
    },
  });
  return found;
}

/** A switch like `<w:vanish/>` or `w:val="0"`. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !/^(?:0|false|off|none)$/i.test(value);
}
