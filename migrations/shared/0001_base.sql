-- One text for both databases: TEXT, BIGINT and BOOLEAN only; moments are Unix seconds; `_sealed` columns hold
-- what `src/vault.rs` made, bound to table, column and the row's key.

CREATE TABLE vault_check (
    id     TEXT PRIMARY KEY,
    sealed TEXT NOT NULL
);

CREATE TABLE tenant (
    id           TEXT PRIMARY KEY,
    slug         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    suspended_at BIGINT
);

CREATE TABLE app_user (
    id              TEXT PRIMARY KEY,
    email           TEXT NOT NULL UNIQUE,          -- lower case
    name            TEXT NOT NULL,
    password_hash   TEXT NOT NULL,                 -- PHC string, argon2id
    platform_admin  BOOLEAN NOT NULL,
    language        TEXT,
    created_at      BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    disabled_at     BIGINT
);

CREATE TABLE membership (
    tenant_id  TEXT NOT NULL REFERENCES tenant (id),
    user_id    TEXT NOT NULL REFERENCES app_user (id),
    role       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX membership_by_user ON membership (user_id, tenant_id);

CREATE TABLE session (
    key_hash     TEXT PRIMARY KEY,                 -- SHA-256 of the cookie's key
    user_id      TEXT,
    state        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX session_by_user ON session (user_id);

-- The one-time link that makes the first administrator.
CREATE TABLE setup_link (
    token_hash TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE TABLE component (
    appid                   TEXT PRIMARY KEY,
    name                    TEXT NOT NULL,
    created_at              BIGINT NOT NULL,
    appsecret_sealed        TEXT NOT NULL,
    token_sealed            TEXT NOT NULL,
    previous_token_sealed   TEXT,
    aes_key_sealed          TEXT NOT NULL,
    previous_aes_key_sealed TEXT,
    -- api_start_push_ticket
    push_requested_at       BIGINT,
    push_answer             TEXT,
    -- the component_access_token and its lane
    access_token_sealed     TEXT,
    token_obtained_at       BIGINT,
    token_expires_at        BIGINT,
    token_generation        BIGINT NOT NULL,
    token_distrusted_at     BIGINT,                -- WeChat refused one before its time
    next_token_refresh_at   BIGINT NOT NULL,
    token_failures          BIGINT NOT NULL,
    lease_holder            TEXT,
    lease_until             BIGINT NOT NULL,
    epoch                   BIGINT NOT NULL,
    -- nightly comparison with api_get_authorizer_list
    next_reconcile_at       BIGINT NOT NULL,
    last_reconciled_at      BIGINT
);

-- The newest tickets; two are kept.
CREATE TABLE component_ticket (
    component_appid TEXT NOT NULL REFERENCES component (appid),
    fingerprint     TEXT NOT NULL,
    ticket_sealed   TEXT NOT NULL,
    create_time     BIGINT NOT NULL,               -- WeChat's CreateTime
    received_at     BIGINT NOT NULL,
    PRIMARY KEY (component_appid, fingerprint)
);

CREATE TABLE incident (
    id              TEXT PRIMARY KEY,
    component_appid TEXT NOT NULL REFERENCES component (appid),
    cause           TEXT NOT NULL,                 -- a code of domain/reason.rs
    opened_at       BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL,
    closed_at       BIGINT,
    errcode         BIGINT,
    rid             TEXT,
    evidence        TEXT,                          -- what WeChat said, without secrets; the address for 61004
    next_probe_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX incident_open ON incident (component_appid, cause) WHERE closed_at IS NULL;
CREATE INDEX incident_by_time ON incident (component_appid, opened_at);

-- The inbox of pushes: durable before `success` is answered.
CREATE TABLE notice (
    id               TEXT PRIMARY KEY,
    component_appid  TEXT NOT NULL REFERENCES component (appid),
    dedupe_key       TEXT NOT NULL,
    info_type        TEXT NOT NULL,
    authorizer_appid TEXT,
    create_time      BIGINT NOT NULL,
    received_at      BIGINT NOT NULL,
    body_sealed      TEXT,                         -- wiped once it is processed
    processed_at     BIGINT,
    outcome          TEXT,
    tries            BIGINT NOT NULL,
    next_try_at      BIGINT,                       -- NULL: nothing left to do
    UNIQUE (component_appid, dedupe_key)
);
CREATE INDEX notice_due ON notice (next_try_at);
CREATE INDEX notice_by_time ON notice (received_at);

-- One attempt at granting, made by one press of a button.
CREATE TABLE "authorization" (
    id                   TEXT PRIMARY KEY,
    component_appid      TEXT NOT NULL REFERENCES component (appid),
    tenant_id            TEXT NOT NULL REFERENCES tenant (id),
    user_id              TEXT,
    session_hash         TEXT,                     -- the browser that asked
    device_hash          TEXT,                     -- the other device that opened the entry page's QR code
    state_hash           TEXT NOT NULL UNIQUE,
    entry_hash           TEXT NOT NULL UNIQUE,     -- finds the entry page
    state_sealed         TEXT NOT NULL,
    entry_sealed         TEXT NOT NULL,
    auth_type            BIGINT NOT NULL,
    expected_appid       TEXT,
    pre_auth_code_sealed TEXT NOT NULL,
    pre_auth_code_hash   TEXT NOT NULL,
    code_expires_at      BIGINT NOT NULL,
    status               TEXT NOT NULL,
    problem              TEXT,
    authorizer_appid     TEXT,
    created_at           BIGINT NOT NULL,
    returned_at          BIGINT,                   -- the state was used
    finished_at          BIGINT
);
CREATE INDEX authorization_by_code ON "authorization" (component_appid, pre_auth_code_hash);
CREATE INDEX authorization_by_tenant ON "authorization" (tenant_id, status, created_at);

-- The code broker: one row for each authorization code, exchanged once.
CREATE TABLE grant_code (
    id                  TEXT PRIMARY KEY,
    component_appid     TEXT NOT NULL REFERENCES component (appid),
    code_hash           TEXT NOT NULL,
    code_sealed         TEXT,                      -- wiped once the grant is settled
    authorization_id    TEXT,                      -- named by the browser's state
    pre_auth_code_hash  TEXT,                      -- named by the push
    authorizer_appid    TEXT,
    create_time         BIGINT,                    -- WeChat's CreateTime, when a push brought it
    received_at         BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    status              TEXT NOT NULL,             -- waiting, exchanged, settled, held, failed
    problem             TEXT,
    answer_sealed       TEXT,                      -- api_query_auth's answer until it is applied
    held_for_tenant     TEXT,                      -- who asked, for a held grant
    lease_holder        TEXT,
    lease_until         BIGINT NOT NULL,
    epoch               BIGINT NOT NULL,
    tries               BIGINT NOT NULL,
    next_try_at         BIGINT,
    errcode             BIGINT,
    rid                 TEXT,
    settled_at          BIGINT,
    UNIQUE (component_appid, code_hash)
);
CREATE INDEX grant_code_due ON grant_code (next_try_at);
CREATE INDEX grant_code_by_status ON grant_code (status, received_at);
CREATE INDEX grant_code_by_account ON grant_code (component_appid, authorizer_appid, received_at);

CREATE TABLE authorizer (
    component_appid               TEXT NOT NULL REFERENCES component (appid),
    authorizer_appid              TEXT NOT NULL,
    tenant_id                     TEXT NOT NULL REFERENCES tenant (id),
    -- what WeChat tells
    kind                          TEXT NOT NULL,
    nick_name                     TEXT,
    head_img                      TEXT,
    user_name                     TEXT,
    alias                         TEXT,
    principal_name                TEXT,
    signature                     TEXT,
    service_type                  BIGINT,
    verify_type                   BIGINT,
    account_status                BIGINT,
    func_info                     TEXT NOT NULL,   -- JSON array of ids
    search                        TEXT NOT NULL,   -- lower case: name, appid, original id
    info_at                       BIGINT,
    next_info_at                  BIGINT,
    info_failures                 BIGINT NOT NULL,
    -- the grant
    authorized_at                 BIGINT NOT NULL, -- when we learned of the newest grant
    grant_time                    BIGINT,          -- WeChat's own time of it
    -- the tokens
    access_token_sealed           TEXT,
    token_obtained_at             BIGINT,
    token_expires_at              BIGINT,
    refresh_token_sealed          TEXT,
    previous_refresh_token_sealed TEXT,
    generation                    BIGINT NOT NULL,
    last_success_at               BIGINT,
    -- the plan and the lease
    next_refresh_at               BIGINT,
    failures                      BIGINT NOT NULL,
    lease_holder                  TEXT,
    lease_until                   BIGINT NOT NULL,
    epoch                         BIGINT NOT NULL,
    -- health
    health                        TEXT NOT NULL,
    health_rank                   BIGINT NOT NULL,
    health_since                  BIGINT NOT NULL,
    attention_at                  BIGINT NOT NULL, -- second key of the list's order: the token's end
    reason                        TEXT NOT NULL,
    errcode                       BIGINT,
    rid                           TEXT,
    created_at                    BIGINT NOT NULL,
    PRIMARY KEY (component_appid, authorizer_appid)
);
CREATE INDEX authorizer_due ON authorizer (component_appid, next_refresh_at);
CREATE INDEX authorizer_info_due ON authorizer (next_info_at);
CREATE INDEX authorizer_of_tenant ON authorizer (tenant_id, health_rank, attention_at, authorizer_appid, component_appid);
CREATE INDEX authorizer_of_tenant_due ON authorizer (tenant_id, next_refresh_at);
CREATE INDEX authorizer_by_urgency ON authorizer (health_rank, attention_at, authorizer_appid, component_appid);
CREATE INDEX authorizer_by_expiry ON authorizer (health, token_expires_at);

-- The attempt journal: written before WeChat is called; the answer is sealed into it before anything else changes.
CREATE TABLE attempt (
    id               TEXT PRIMARY KEY,
    component_appid  TEXT NOT NULL,
    authorizer_appid TEXT NOT NULL,
    epoch            BIGINT NOT NULL,
    holder           TEXT NOT NULL,
    cause            TEXT NOT NULL,                -- plan, person, recovery
    started_at       BIGINT NOT NULL,
    lease_until      BIGINT NOT NULL,
    answered_at      BIGINT,
    answer_sealed    TEXT,                         -- wiped once the tokens are in the authorizer's row
    finished_at      BIGINT,
    outcome          TEXT,                         -- succeeded, failed, in_doubt, fenced; NULL while open
    class            TEXT,
    errcode          BIGINT,
    rid              TEXT,
    message          TEXT,
    token_expires_at BIGINT
);
CREATE INDEX attempt_open ON attempt (lease_until) WHERE outcome IS NULL;
CREATE INDEX attempt_of_authorizer ON attempt (component_appid, authorizer_appid, started_at);
CREATE INDEX attempt_by_end ON attempt (finished_at);

-- What happened to an account, for its timeline. Append-only.
CREATE TABLE history (
    id               TEXT PRIMARY KEY,
    component_appid  TEXT NOT NULL,
    authorizer_appid TEXT NOT NULL,
    tenant_id        TEXT NOT NULL,                -- whose account it was then
    at               BIGINT NOT NULL,
    event            TEXT NOT NULL,                -- a name of domain/event.rs
    detail           TEXT NOT NULL,                -- JSON object of texts and numbers, no secrets
    seq              BIGINT NOT NULL               -- the account's lines in their order: many share a second
);
CREATE INDEX history_of_authorizer ON history (component_appid, authorizer_appid, seq);

-- One row for each process and job that lives: the heartbeat.
CREATE TABLE pulse (
    name     TEXT PRIMARY KEY,
    beat_at  BIGINT NOT NULL,
    detail   TEXT
);

-- Refused pushes by reason.
CREATE TABLE push_refusal (
    component_appid TEXT NOT NULL,
    reason          TEXT NOT NULL,
    count           BIGINT NOT NULL,
    last_at         BIGINT NOT NULL,
    PRIMARY KEY (component_appid, reason)
);
