-- People who are asked to become members of a tenant.
CREATE TABLE invitation (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    role        TEXT NOT NULL,
    token_hash  TEXT NOT NULL UNIQUE,
    invited_by  TEXT,                         -- the user's name at that time
    letter_id   TEXT,                         -- NULL: the link was shown to the inviter
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at  BIGINT
);
CREATE INDEX invitation_of_tenant ON invitation (tenant_id, created_at);
CREATE INDEX invitation_by_expiry ON invitation (expires_at);
