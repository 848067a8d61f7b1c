-- One account of a tenant by its appid, as every hand-out and every page of an account asks for it: without this, all of
-- the tenant's accounts were looked through.
CREATE INDEX authorizer_of_tenant_by_appid ON authorizer (tenant_id, authorizer_appid, component_appid);
