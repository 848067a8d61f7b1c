-- What a tenant may have at most; NULL: as much as it likes. And how it ends: asked for, with days in which that can be
-- undone, then purged in batches.
ALTER TABLE tenant ADD COLUMN most_authorizers BIGINT;
ALTER TABLE tenant ADD COLUMN most_members BIGINT;
ALTER TABLE tenant ADD COLUMN most_keys BIGINT;
ALTER TABLE tenant ADD COLUMN deletion_requested_at BIGINT;
ALTER TABLE tenant ADD COLUMN purge_at BIGINT;
ALTER TABLE tenant ADD COLUMN purge_began_at BIGINT;
CREATE INDEX tenant_to_purge ON tenant (purge_at) WHERE purge_at IS NOT NULL;

-- What is left of a tenant that was purged: that it was there.
CREATE TABLE purged_tenant (
    id           TEXT PRIMARY KEY,
    slug         TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    purged_at    BIGINT NOT NULL
);
CREATE INDEX purged_tenant_by_time ON purged_tenant (purged_at);

-- The narrow door in what is only ever added to: the history of a tenant whose days of grace are over.
CREATE FUNCTION tenant_purge_has_its_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.purge_began_at IS NOT NULL AND (OLD.purge_at IS NULL OR NEW.purge_began_at < OLD.purge_at) THEN
        RAISE EXCEPTION 'the days of grace are not over';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenant_purge_has_its_time BEFORE UPDATE OF purge_began_at ON tenant
    FOR EACH ROW EXECUTE FUNCTION tenant_purge_has_its_time();
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS
        (SELECT 1 FROM tenant WHERE tenant.id = OLD.tenant_id AND tenant.purge_began_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'history is append-only';
END $$;
