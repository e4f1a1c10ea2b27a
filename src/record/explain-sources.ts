import { counted } from '../base/counted.ts';
import type { SourceReference } from '../core/receipt.ts';

/** A place with more sources than this is told in numbers. */
const SOURCES_SHOWN = 12;

/** In UTC. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The sentences that an answer stands on, one a line. */
export function sourcesOf(sources: readonly SourceReference[]): string[] {
  const cited = sources.filter((one) => one.cited);
  const shown = cited.slice(0, SOURCES_SHOWN).map((one) => {
    const page = one.page === undefined ? '' : ` page ${one.page}`;
    const line = one.line === undefined ? '' : ` line ${one.line}`;
    const place = one.path === '' ? 'a document that is gone or closed' : one.path;
    const changed = one.modifiedAt === undefined ? '' : `, changed ${dayOf(one.modifiedAt)}`;
    const index = one.indexVersion === undefined ? '' : `, index version ${one.indexVersion}`;
    return `cited ${one.collection}/${place}${page}${line} (version ${one.documentVersion}${changed}${index}, characters ${one.start}–${one.end}, score ${one.score.toFixed(2)})`;
  });
  if (cited.length > SOURCES_SHOWN) shown.push(`and ${cited.length - SOURCES_SHOWN} more cited`);
  const unused = sources.length - cited.length;
  if (unused > 0)
    shown.push(`${counted(unused, 'more sentence was', 'more sentences were')} read and not cited`);
  return shown;
}
