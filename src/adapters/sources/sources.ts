import type { SourceSpec } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectStore } from '../../core/objects.ts';
import type { OpenSource, Source } from '../../core/source.ts';
import type { DocumentClient } from '../egress/document-client.ts';
import type { GitClient } from '../egress/git-client.ts';
import { createFeedSource } from './feed.ts';
import { createFolderSource } from './folder.ts';
import type { WatchOptions } from './folder-watch.ts';
import { createGitSource } from './git.ts';
import { createMailSource } from './mail.ts';
import { createSqlSource } from './sql.ts';
import { createUploadedFiles } from './uploaded-files.ts';
import { createWebSource } from './web.ts';

export interface SourceParts {
  readonly watch: WatchOptions;
  readonly documents: DocumentClient;
  readonly git: GitClient;
  /** Where copies of remote repositories are kept. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Where uploaded files lie; absent where nothing is uploaded. */
  readonly objects?: ObjectStore | undefined;
}

/** Every kind of source. */
export function createSources(parts: SourceParts): OpenSource {
  return (spec) => createSource(spec, parts);
}

function createSource(spec: SourceSpec, parts: SourceParts): Source {
  switch (spec.kind) {
    case 'folder':
      return createFolderSource(spec.folder, parts.watch);
    case 'git':
      return createGitSource(spec, parts);
    case 'web':
      return createWebSource(spec, parts);
    case 'feed':
      return createFeedSource(spec, parts);
    case 'sql':
      return createSqlSource(spec, parts.environment);
    case 'mail':
      return createMailSource(spec);
    case 'files':
      if (parts.objects === undefined)
        throw new CadreError('internal', 'uploaded files have no store here');
      return createUploadedFiles(spec.store, parts.objects);
  }
}
