import type { SourceSpec } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectStore } from '../../core/objects.ts';
import type { OpenSource, Source } from '../../core/source.ts';
import { createFolderSource } from './folder.ts';
import type { WatchOptions } from './folder-watch.ts';
import { createUploadedFiles } from './uploaded-files.ts';

export interface SourcesOptions extends WatchOptions {
  /** Where uploaded files lie; absent where nothing is uploaded. */
  readonly objects?: ObjectStore;
}

/** Every kind of source; the one of a specification is made once and kept. */
export function createSources(options: SourcesOptions): OpenSource {
  const made = new Map<string, Source>();
  return (spec) => {
    const key = JSON.stringify(spec);
    const source = made.get(key) ?? createSource(spec, options);
    made.set(key, source);
    return source;
  };
}

function createSource(spec: SourceSpec, options: SourcesOptions): Source {
  if (spec.kind === 'folder') return createFolderSource(spec.folder, options);
  if (options.objects === undefined)
    throw new CadreError('internal', 'uploaded files have no store here');
  return createUploadedFiles(spec.store, options.objects);
}
