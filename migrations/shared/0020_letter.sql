-- Letters to people, from the moment they are owed until a while after they are over.
CREATE TABLE letter (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT REFERENCES tenant (id) ON DELETE CASCADE,   -- whose business it is about; NULL: the platform's
    recipient      TEXT NOT NULL,
    kind           TEXT NOT NULL,
    language       TEXT NOT NULL,
    content_sealed TEXT,                        -- subject, text and HTML; NULL once it is over
    queued_at      BIGINT NOT NULL,
    due_at         BIGINT,                      -- NULL once it is over; ahead while somebody is at it
    tries          BIGINT NOT NULL,
    sent_at        BIGINT,
    failed_at      BIGINT,
    problem        TEXT                         -- the mail server's words at the last try
);
CREATE INDEX letter_by_due ON letter (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX letter_by_age ON letter (queued_at);
