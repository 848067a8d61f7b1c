-- The master keys by name, as far as this database has ever used them. What one of them wrapped, also in old copies of
-- this database, is unreadable once it is retired.
CREATE TABLE master_key (
    id           TEXT PRIMARY KEY,
    activated_at BIGINT NOT NULL,                  -- 0: from before this was written down
    retired_at   BIGINT
);
