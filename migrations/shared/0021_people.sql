-- Tries to sign in, to be told to wait; and addresses from which an account has been used. Keys are hashes.
CREATE TABLE throttle (
    key       TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,                  -- tally or known
    score     BIGINT NOT NULL,                -- thousandths of a failure
    at        BIGINT NOT NULL,
    until     BIGINT NOT NULL,                -- refused before this moment
    forget_at BIGINT NOT NULL
);
CREATE INDEX throttle_by_end ON throttle (forget_at);

-- Somebody asks for another password. Written for known and unknown addresses alike; a job makes letters of it.
CREATE TABLE reset_request (
    id       TEXT PRIMARY KEY,
    email    TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_at BIGINT NOT NULL
);

-- One-time links to a person: another password, a confirmed e-mail address, the end of signing up.
CREATE TABLE person_link (
    token_hash TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    user_id    TEXT REFERENCES app_user (id) ON DELETE CASCADE,
    email      TEXT NOT NULL,                 -- the address it was sent to, or that it confirms
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX person_link_by_user ON person_link (user_id, kind);
CREATE INDEX person_link_by_expiry ON person_link (expires_at);

-- What a person recognises a session by.
ALTER TABLE session ADD COLUMN name_hash TEXT;
ALTER TABLE session ADD COLUMN agent TEXT;
ALTER TABLE session ADD COLUMN address TEXT;
