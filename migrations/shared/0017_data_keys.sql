-- The data keys, wrapped by a master key that is not in this database (src/vault.rs).
CREATE TABLE data_key (
    id            TEXT NOT NULL,                   -- the same for every version of a scope's key
    version       BIGINT NOT NULL,
    scope         TEXT NOT NULL,                   -- a tenant's id; empty: the platform
    master_key    TEXT NOT NULL,                   -- the name of the master key that wraps it
    wrapped       TEXT NOT NULL,
    superseded_at BIGINT,                          -- NULL: seals
    PRIMARY KEY (scope, version)
);
CREATE UNIQUE INDEX data_key_by_name ON data_key (id, version);

-- One row: which master key wraps, and how often data keys were replaced or destroyed.
CREATE TABLE key_state (
    id         TEXT PRIMARY KEY,
    master_key TEXT NOT NULL,
    generation BIGINT NOT NULL
);

-- Whose data key sealed the answer; NULL for one of before, sealed by a master key.
ALTER TABLE attempt ADD COLUMN tenant_id TEXT;
CREATE INDEX attempt_of_tenant ON attempt (tenant_id, id);
