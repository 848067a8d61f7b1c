-- Who did what. Records are numbered from 1 without gaps and chained by hash; they are only ever added (see 0026).
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    tenant_id TEXT,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT,
    address TEXT,
    trace TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    subject_name TEXT,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at, seq);
CREATE INDEX audit_action ON audit (action, at, seq);
CREATE INDEX audit_actor ON audit (actor_id, at, seq);
CREATE INDEX audit_subject ON audit (subject_id, at, seq);
CREATE INDEX audit_tenant ON audit (tenant_id, at, seq);
CREATE INDEX audit_tenant_action ON audit (tenant_id, action, at, seq);

-- The chain's end: the one row that a writer of the audit locks.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- The chain up to a record, signed with a key that is not in the database.
CREATE TABLE audit_checkpoint (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    mac TEXT NOT NULL
);

-- Token reads of the hours that are not in the audit yet: each process keeps a row for each key and hour.
CREATE TABLE token_read (
    api_key_id TEXT NOT NULL,
    hour BIGINT NOT NULL,
    holder TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    reads BIGINT NOT NULL,
    accounts TEXT NOT NULL,
    addresses TEXT NOT NULL,
    PRIMARY KEY (api_key_id, hour, holder)
);
CREATE INDEX token_read_hour ON token_read (hour);
