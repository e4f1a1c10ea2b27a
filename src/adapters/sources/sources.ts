import type { OpenSource, Source } from '../../core/source.ts';
import { createFolderSource } from './folder.ts';
import type { WatchOptions } from './folder-watch.ts';

/** Every kind of source; the one of a specification is made once and kept. */
export function createSources(options: WatchOptions): OpenSource {
  const made = new Map<string, Source>();
  return (spec) => {
    const key = JSON.stringify(spec);
    const source = made.get(key) ?? createFolderSource(spec.folder, options);
    made.set(key, source);
    return source;
  };
}
