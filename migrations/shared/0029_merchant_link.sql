-- Links for merchants without a login: who holds the token may start an authorisation for the tenant.
CREATE TABLE merchant_link (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL REFERENCES tenant (id),
    token_hash      TEXT NOT NULL UNIQUE,
    token_sealed    TEXT NOT NULL,                 -- so that it can be copied again
    label           TEXT NOT NULL,                 -- for whom
    email           TEXT,
    language        TEXT,                          -- NULL: the visitor's browser decides
    component_appid TEXT REFERENCES component (appid), -- NULL: the platform's first
    auth_type       BIGINT NOT NULL,
    way             TEXT NOT NULL,                 -- any, pc, h5
    locked_appid    TEXT,                          -- only this account may be granted
    most_uses       BIGINT,                        -- NULL: any number
    uses            BIGINT NOT NULL,               -- attempts that ended well
    created_by      TEXT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    revoked_at      BIGINT,
    sent_at         BIGINT,                        -- by e-mail
    opened          BIGINT NOT NULL,               -- browsers that came, see merchant_link_visit
    first_opened_at BIGINT,
    last_opened_at  BIGINT
);
CREATE INDEX merchant_link_by_tenant ON merchant_link (tenant_id, created_at, id);
CREATE INDEX merchant_link_by_account ON merchant_link (tenant_id, locked_appid);

-- Browsers that opened a link, so that a reload counts once. Bounded for each link.
CREATE TABLE merchant_link_visit (
    link_id    TEXT NOT NULL REFERENCES merchant_link (id),
    visit_hash TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (link_id, visit_hash)
);
CREATE INDEX merchant_link_visit_by_time ON merchant_link_visit (at);

-- How often a button may be pressed: for each link and each address the moment at which it is rested again.
CREATE TABLE press_rate (
    bucket    TEXT PRIMARY KEY,
    rested_at BIGINT NOT NULL
);
CREATE INDEX press_rate_by_time ON press_rate (rested_at);

ALTER TABLE "authorization" ADD COLUMN link_id TEXT;
CREATE INDEX authorization_by_link ON "authorization" (link_id, created_at) WHERE link_id IS NOT NULL;
