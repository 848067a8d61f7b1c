-- Keys of business servers. The key itself is shown once and never stored.
CREATE TABLE api_key (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL REFERENCES tenant (id),
    name           TEXT NOT NULL,
    key_hash       TEXT NOT NULL UNIQUE,           -- SHA-256
    hint           TEXT NOT NULL,                  -- its first characters, to tell keys apart
    scopes         TEXT NOT NULL,                  -- names, one space between
    authorizers    TEXT,                           -- JSON array of appids; NULL: all
    networks       TEXT,                           -- JSON array of address ranges; NULL: from anywhere
    created_by     TEXT,                           -- a user; NULL: the command line
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT,
    revoked_at     BIGINT,
    last_used_at   BIGINT,                         -- written at most once a minute
    last_used_from TEXT
);
CREATE INDEX api_key_of_tenant ON api_key (tenant_id, created_at);

-- The generation whose access token a business server found dead before its time; it is not handed out any more.
ALTER TABLE authorizer ADD COLUMN reported_generation BIGINT;
