import { join } from 'node:path';
import { createDocumentClient, type DocumentClient } from '../adapters/egress/document-client.ts';
import { GitClient } from '../adapters/egress/git-client.ts';
import { createSources } from '../adapters/sources/sources.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { OpenSource } from '../core/source.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { Settings } from './settings.ts';

const PERMIT_MS = 60_000;

/** What reads documents from the configured destinations; each request has a permit of its own. */
export function composeDocuments(
  { config, environment }: Settings,
  permits: PermitOffice,
): DocumentClient {
  return createDocumentClient({
    destinations: config.destinations,
    environment,
    permit: (destination) =>
      permits.issue({
        destination,
        label: 'public',
        requestId: 'sources',
        budget: 0,
        ttlMs: PERMIT_MS,
      }),
    refusal: permits.refusal,
  });
}

/** All kinds of sources, over the settings of the start. */
export function composeSources(
  { config, environment, home }: Settings,
  parts: {
    readonly documents: DocumentClient;
    readonly clock: Clock;
    readonly objects: ObjectStore;
  },
): OpenSource {
  return createSources({
    ...parts,
    watch: config.ground,
    git: new GitClient(environment),
    folder: join(home, 'sources'),
    environment,
    now: parts.clock.now,
  });
}
