-- At most one refresh run of an account in a minute: set by each claim, so that it holds whatever happens afterwards.
ALTER TABLE authorizer ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0;
-- Seconds between two runs: 60, less for tokens that live less than two minutes.
ALTER TABLE authorizer ADD COLUMN refresh_floor BIGINT NOT NULL DEFAULT 60;
-- Runs since the last success whose holder vanished; the first of them is made up for at once.
ALTER TABLE authorizer ADD COLUMN doubts BIGINT NOT NULL DEFAULT 0;
