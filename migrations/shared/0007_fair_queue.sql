-- What is due is read in turns by tenant, the token that ends first before others. Walking past very many due accounts
-- of one tenant takes time, so what was read serves for many claims (service/refresh_queue.rs).
DROP INDEX authorizer_due;
CREATE INDEX authorizer_due
    ON authorizer (component_appid, next_refresh_at, tenant_id, token_expires_at, authorizer_appid);
