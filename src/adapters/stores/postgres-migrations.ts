/**
 * One entry per schema version, applied in order; the table cadre_schema counts them. An entry that
 * was published is never changed. Ids sort by bytes (COLLATE "C") as they do in SQLite; free text is
 * JSON text, see row-codec.ts. The meaning of the tables is told in sqlite-migrations.ts.
 */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE cadre_receipts (
    id TEXT COLLATE "C" PRIMARY KEY, at DOUBLE PRECISION NOT NULL, key TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C", body TEXT NOT NULL, events TEXT NOT NULL
  );
  CREATE INDEX ON cadre_receipts (at, id);
  CREATE INDEX ON cadre_receipts (key, at, id);
  CREATE INDEX ON cadre_receipts (parent, at, id) WHERE parent IS NOT NULL;
  CREATE TABLE cadre_texts (
    id TEXT COLLATE "C" PRIMARY KEY, at DOUBLE PRECISION NOT NULL, body TEXT NOT NULL
  );
  CREATE INDEX ON cadre_texts (at);

  CREATE TABLE cadre_keys (
    id TEXT COLLATE "C" PRIMARY KEY, hash TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at DOUBLE PRECISION NOT NULL, revoked_at DOUBLE PRECISION, body TEXT NOT NULL
  );

  CREATE TABLE cadre_spend (
    key TEXT COLLATE "C" NOT NULL, period TEXT COLLATE "C" NOT NULL,
    settled BIGINT NOT NULL, reserved BIGINT NOT NULL,
    PRIMARY KEY (key, period)
  );
  CREATE TABLE cadre_reservations (
    id TEXT COLLATE "C" PRIMARY KEY, key TEXT COLLATE "C" NOT NULL, period TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL, state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released')),
    at DOUBLE PRECISION NOT NULL
  );
  CREATE INDEX ON cadre_reservations (at) WHERE state = 'open';
  CREATE INDEX ON cadre_reservations (at) WHERE state <> 'open';

  CREATE TABLE cadre_collection_versions (
    name TEXT COLLATE "C" PRIMARY KEY, version BIGINT NOT NULL
  );
  CREATE TABLE cadre_collections (
    name TEXT COLLATE "C" PRIMARY KEY, folder TEXT NOT NULL, watched BOOLEAN NOT NULL,
    principals TEXT NOT NULL, embedder TEXT
  );
  CREATE TABLE cadre_documents (
    collection TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL,
    path TEXT NOT NULL, body TEXT NOT NULL,
    appeared BIGINT NOT NULL, changed BIGINT NOT NULL,
    PRIMARY KEY (collection, id)
  );
  CREATE INDEX ON cadre_documents (collection, changed);
  CREATE TABLE cadre_drops (
    collection TEXT COLLATE "C" NOT NULL, document_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (collection, document_id)
  );
  CREATE TABLE cadre_chunks (
    collection TEXT COLLATE "C" NOT NULL, document_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL, id TEXT COLLATE "C" NOT NULL, body TEXT NOT NULL, embedding BYTEA,
    PRIMARY KEY (collection, document_id, position),
    UNIQUE (collection, id)
  );
  `,
  `
  CREATE TABLE cadre_objects (
    kind TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    created_at DOUBLE PRECISION NOT NULL, expires_at DOUBLE PRECISION, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  );
  CREATE INDEX ON cadre_objects (kind, created_at, id);
  CREATE INDEX ON cadre_objects (kind, key, created_at, id);
  CREATE INDEX ON cadre_objects (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE cadre_object_parts (
    kind TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, position INTEGER NOT NULL,
    at DOUBLE PRECISION NOT NULL, bytes BYTEA NOT NULL,
    PRIMARY KEY (kind, id, position)
  );
  CREATE INDEX ON cadre_object_parts (at, kind, id);
  `,
  `
  CREATE TABLE cadre_feedback (
    receipt TEXT COLLATE "C" NOT NULL, source TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL, score DOUBLE PRECISION NOT NULL,
    at DOUBLE PRECISION NOT NULL, text TEXT,
    PRIMARY KEY (receipt, source)
  );
  CREATE INDEX ON cadre_feedback (at, receipt, source);
  CREATE INDEX ON cadre_feedback (at) WHERE text IS NOT NULL;
  `,
  `
  ALTER TABLE cadre_collections ADD COLUMN body TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE cadre_documents ADD COLUMN principals TEXT NOT NULL DEFAULT '["public"]';
  ALTER TABLE cadre_documents ADD COLUMN override TEXT;
  ALTER TABLE cadre_documents ADD COLUMN touched BIGINT NOT NULL DEFAULT 0;
  UPDATE cadre_documents SET touched = changed;
  CREATE INDEX ON cadre_documents (collection, touched);
  `,
  `
  ALTER TABLE cadre_collections RENAME COLUMN folder TO sources;
  `,
  `
  CREATE TABLE cadre_sayings (
    collection TEXT COLLATE "C" NOT NULL, document_id TEXT COLLATE "C" NOT NULL,
    path TEXT NOT NULL, hash TEXT NOT NULL, override TEXT NOT NULL,
    PRIMARY KEY (collection, document_id)
  );
  CREATE INDEX ON cadre_sayings (collection, hash);
  `,
  `
  CREATE INDEX ON cadre_documents (collection) WHERE override IS NOT NULL;
  `,
];
