-- How many accounts are in each state, kept as they change, so that a page costs the same whatever their number. Many
-- writers: a count is the sum of its rows, which are only added, so that no two transactions wait for one row. The rows
-- of a count are added up to one now and then (store/authorizer_count.rs).
CREATE TABLE authorizer_count (
    tenant_id       TEXT NOT NULL,
    component_appid TEXT NOT NULL,
    health_rank     BIGINT NOT NULL,
    amount          BIGINT NOT NULL
);
CREATE INDEX authorizer_count_of_tenant ON authorizer_count (tenant_id, component_appid, health_rank);

CREATE FUNCTION authorizer_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO authorizer_count VALUES (OLD.tenant_id, OLD.component_appid, OLD.health_rank, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO authorizer_count VALUES (NEW.tenant_id, NEW.component_appid, NEW.health_rank, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER authorizer_count_insert_delete AFTER INSERT OR DELETE ON authorizer
    FOR EACH ROW EXECUTE FUNCTION authorizer_count_change();
CREATE TRIGGER authorizer_count_update AFTER UPDATE OF tenant_id, health_rank ON authorizer
    FOR EACH ROW WHEN (OLD.tenant_id <> NEW.tenant_id OR OLD.health_rank <> NEW.health_rank)
    EXECUTE FUNCTION authorizer_count_change();

INSERT INTO authorizer_count
    SELECT tenant_id, component_appid, health_rank, COUNT(*) FROM authorizer GROUP BY 1, 2, 3;
