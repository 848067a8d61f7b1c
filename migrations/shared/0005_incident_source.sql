-- Who saw an incident: the component token's own lane, or the accounts' refreshes. The latter ends only when an
-- account is refreshed again.
ALTER TABLE incident ADD COLUMN source TEXT NOT NULL DEFAULT 'component_token';
-- How many calls came to nothing while it lasted, where that is its evidence.
ALTER TABLE incident ADD COLUMN failed_calls BIGINT NOT NULL DEFAULT 0;
