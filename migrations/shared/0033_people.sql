-- By whose clock a person reads moments: a name of the IANA's list. NULL: Beijing's.
ALTER TABLE app_user ADD COLUMN time_zone TEXT;

-- Somebody asks for an account and a tenant of their own. Written for known and unknown addresses alike; a job makes
-- letters of it.
CREATE TABLE sign_up_request (
    id       TEXT PRIMARY KEY,
    email    TEXT NOT NULL,
    language TEXT NOT NULL,
    name     TEXT NOT NULL,
    company  TEXT NOT NULL,
    asked_at BIGINT NOT NULL
);

-- What somebody who signs up said, until the link of their letter is used.
ALTER TABLE person_link ADD COLUMN name TEXT;
ALTER TABLE person_link ADD COLUMN company TEXT;
