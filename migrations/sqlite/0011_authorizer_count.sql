-- How many accounts are in each state, kept as they change, so that a page costs the same whatever their number. One
-- writer at a time: the rows are the counts themselves.
CREATE TABLE authorizer_count (
    tenant_id       TEXT NOT NULL,
    component_appid TEXT NOT NULL,
    health_rank     BIGINT NOT NULL,
    amount          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, component_appid, health_rank)
);

CREATE TRIGGER authorizer_count_insert AFTER INSERT ON authorizer BEGIN
    INSERT INTO authorizer_count VALUES (NEW.tenant_id, NEW.component_appid, NEW.health_rank, 1)
        ON CONFLICT DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER authorizer_count_delete AFTER DELETE ON authorizer BEGIN
    UPDATE authorizer_count SET amount = amount - 1 WHERE tenant_id = OLD.tenant_id
        AND component_appid = OLD.component_appid AND health_rank = OLD.health_rank;
END;
CREATE TRIGGER authorizer_count_update AFTER UPDATE OF tenant_id, health_rank ON authorizer
    WHEN OLD.tenant_id <> NEW.tenant_id OR OLD.health_rank <> NEW.health_rank BEGIN
    UPDATE authorizer_count SET amount = amount - 1 WHERE tenant_id = OLD.tenant_id
        AND component_appid = OLD.component_appid AND health_rank = OLD.health_rank;
    INSERT INTO authorizer_count VALUES (NEW.tenant_id, NEW.component_appid, NEW.health_rank, 1)
        ON CONFLICT DO UPDATE SET amount = amount + 1;
END;

INSERT INTO authorizer_count
    SELECT tenant_id, component_appid, health_rank, COUNT(*) FROM authorizer GROUP BY 1, 2, 3;
