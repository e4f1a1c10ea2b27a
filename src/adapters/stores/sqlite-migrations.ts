/**
 * One entry per schema version, applied in order; `user_version` is the number of applied entries.
 * An entry that was published is never changed.
 *
 * Documents carry the collection version of their first appearance, of their last new content
 * (`changed`) and of their row's last change of any kind (`touched`), and
 * drops are remembered by id, so that another reader can follow from any version it has seen.
 * `collection_versions` outlives the collection: a name that is dropped and made again goes on
 * counting, and readers of the old one see its documents go. `sayings` keeps what was said by hand of
 * documents that went: a rename or a save that a listing sees as a deletion must not open what was closed.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE receipts (
    id TEXT PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, parent TEXT,
    body TEXT NOT NULL, events TEXT NOT NULL
  );
  CREATE INDEX receipts_by_time ON receipts (at, id);
  CREATE INDEX receipts_by_key ON receipts (key, at, id);
  CREATE INDEX receipts_by_parent ON receipts (parent, at, id) WHERE parent IS NOT NULL;
  CREATE TABLE texts (id TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL);
  CREATE INDEX texts_by_time ON texts (at);

  CREATE TABLE keys (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, created_at REAL NOT NULL,
    revoked_at REAL, body TEXT NOT NULL
  );

  CREATE TABLE spend (
    key TEXT NOT NULL, period TEXT NOT NULL,
    settled INTEGER NOT NULL, reserved INTEGER NOT NULL,
    PRIMARY KEY (key, period)
  ) WITHOUT ROWID;
  CREATE TABLE reservations (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, period TEXT NOT NULL, amount INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released')), at REAL NOT NULL
  );
  CREATE INDEX reservations_open ON reservations (at) WHERE state = 'open';
  CREATE INDEX reservations_closed ON reservations (at) WHERE state <> 'open';

  CREATE TABLE collection_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE collections (
    name TEXT PRIMARY KEY, folder TEXT NOT NULL, watched INTEGER NOT NULL,
    principals TEXT NOT NULL, embedder TEXT
  );
  CREATE TABLE documents (
    collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    path TEXT NOT NULL, body TEXT NOT NULL,
    appeared INTEGER NOT NULL, changed INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
  );
  CREATE INDEX documents_by_change ON documents (collection, changed);
  CREATE TABLE drops (
    collection TEXT NOT NULL, document_id TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (collection, document_id)
  ) WITHOUT ROWID;
  CREATE TABLE chunks (
    collection TEXT NOT NULL, document_id TEXT NOT NULL, position INTEGER NOT NULL,
    id TEXT NOT NULL, body TEXT NOT NULL, embedding BLOB,
    UNIQUE (collection, document_id, position),
    UNIQUE (collection, id)
  );
  `,
  `
  CREATE TABLE objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, created_at REAL NOT NULL,
    expires_at REAL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  );
  CREATE INDEX objects_by_time ON objects (kind, created_at, id);
  CREATE INDEX objects_by_key ON objects (kind, key, created_at, id);
  CREATE INDEX objects_by_expiry ON objects (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE object_parts (
    kind TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, at REAL NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (kind, id, position)
  );
  CREATE INDEX object_parts_by_time ON object_parts (at, kind, id);
  `,
  `
  CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  CREATE TABLE feedback (
    receipt TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, score REAL NOT NULL,
    at REAL NOT NULL, text TEXT,
    PRIMARY KEY (receipt, source)
  );
  CREATE INDEX feedback_by_time ON feedback (at, receipt, source);
  CREATE INDEX feedback_with_text ON feedback (at) WHERE text IS NOT NULL;
  `,
  `
  ALTER TABLE collections ADD COLUMN body TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE documents ADD COLUMN principals TEXT NOT NULL DEFAULT '["public"]';
  ALTER TABLE documents ADD COLUMN override TEXT;
  ALTER TABLE documents ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
  UPDATE documents SET touched = changed;
  CREATE INDEX documents_by_touch ON documents (collection, touched);
  `,
  `
  ALTER TABLE collections RENAME COLUMN folder TO sources;
  `,
  `
  CREATE TABLE sayings (
    collection TEXT NOT NULL, document_id TEXT NOT NULL, path TEXT NOT NULL, hash TEXT NOT NULL,
    override TEXT NOT NULL,
    PRIMARY KEY (collection, document_id)
  ) WITHOUT ROWID;
  CREATE INDEX sayings_by_path ON sayings (collection, path);
  CREATE INDEX sayings_by_hash ON sayings (collection, hash);
  `,
  `
  CREATE INDEX documents_said ON documents (collection) WHERE override IS NOT NULL;
  `,
];
