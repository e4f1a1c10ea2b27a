import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Embedder } from '../../core/ports.ts';

export interface CachedEmbedder extends Embedder {
  /** Closes the file; the embedder behind it stays its owner's. */
  close(): void;
}

/** Texts per call of the embedder behind; what was embedded before a stop is kept. */
const BATCH = 32;

/**
 * An embedder that computes each text once: vectors lie in the SQLite file `path` under the SHA-256
 * of model, kind and text. Several processes may share the file. Meant for measurements, where the
 * same corpus is embedded again and again.
 */
export function cacheEmbeddings(inner: Embedder, path: string): CachedEmbedder {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 60_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID',
  );
  const find = database.prepare('SELECT vector FROM vectors WHERE hash = ?');
  const put = database.prepare('INSERT OR REPLACE INTO vectors VALUES (?, ?)');
  return {
    id: inner.id,
    dimensions: inner.dimensions,
    async doEmbed(texts, kind, options) {
      const hashes = texts.map((text) =>
        createHash('sha256').update(`${inner.id}\0${kind}\0${text}`).digest(),
      );
      const vectors = hashes.map((hash) => vectorOf(find.get(hash)));
      // Texts of one length in one call: padding is what an embedder loses most time on.
      const missing = [...texts.keys()]
        .filter((at) => vectors[at]?.length !== inner.dimensions)
        .sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0));
      for (let start = 0; start < missing.length; start += BATCH) {
        const places = missing.slice(start, start + BATCH);
        const batch = places.map((at) => texts[at] ?? '');
        const made = await inner.doEmbed(batch, kind, options);
        for (const [order, at] of places.entries()) {
          const vector = made[order] ?? new Float32Array(inner.dimensions);
          vectors[at] = vector;
          put.run(hashes[at] ?? '', new Uint8Array(vector.slice().buffer));
        }
      }
      return vectors.map((vector) => vector ?? new Float32Array(inner.dimensions));
    },
    close: () => database.close(),
  };
}

function vectorOf(row: Record<string, unknown> | undefined): Float32Array | undefined {
  const bytes = row?.['vector'];
  return bytes instanceof Uint8Array ? new Float32Array(bytes.slice().buffer) : undefined;
}
