-- What a person adds to the password.

-- The authenticator app, at most one for each user.
CREATE TABLE totp (
    user_id       TEXT PRIMARY KEY REFERENCES app_user (id) ON DELETE CASCADE,
    secret_sealed TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    confirmed_at  BIGINT,            -- NULL: shown, but no code of it has been entered yet
    last_step     BIGINT NOT NULL    -- codes of this time step and of earlier ones do not count any more
);

-- Ten at a time; the slot is the number the code begins with, so that one hash is compared and not ten.
CREATE TABLE recovery_code (
    user_id    TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    slot       BIGINT NOT NULL,
    code_hash  TEXT NOT NULL,        -- PHC string, argon2id
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (user_id, slot)
);

CREATE TABLE passkey (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    credential_id TEXT NOT NULL UNIQUE,
    credential    TEXT NOT NULL,     -- public key and counter, JSON of webauthn-rs; no secret
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkey_of_user ON passkey (user_id, created_at);

-- Wrong proofs in a row, so that nobody can guess for long.
CREATE TABLE proof_try (
    user_id       TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    what          TEXT NOT NULL,     -- sign_in, step_up
    failures      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    PRIMARY KEY (user_id, what)
);

-- Tenants whose members need a second factor.
CREATE TABLE mfa_policy (
    tenant_id   TEXT PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
    required_at BIGINT NOT NULL
);
