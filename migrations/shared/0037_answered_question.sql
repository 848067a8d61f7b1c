-- What a passkey was asked and answered rightly, so that the same answer does not count twice. The question itself is in
-- the visitor's sealed cookie, or in the session of somebody who is known.
CREATE TABLE answered_question (
    question_hash TEXT PRIMARY KEY,
    forget_at     BIGINT NOT NULL
);
CREATE INDEX answered_question_by_end ON answered_question (forget_at);
