-- Which of a user's sessions live: those of the present epoch. Whatever ends sessions raises it, so that one which is
-- written later by somebody who was admitted before is over from its beginning.
ALTER TABLE app_user ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

-- Whose second step is awaited, in a session that is nobody's yet. Those that wait now do not say it, and are begun anew.
ALTER TABLE session ADD COLUMN awaited_id TEXT;
CREATE INDEX session_by_awaited ON session (awaited_id);
DELETE FROM session WHERE user_id IS NULL;
