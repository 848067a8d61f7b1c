-- Everything of one tenant in its order, for taking it along and for deleting it in pieces: without these, all tenants'
-- rows were looked through.
CREATE INDEX history_of_tenant ON history (tenant_id, id);
CREATE INDEX authorization_of_tenant ON "authorization" (tenant_id, id);
CREATE INDEX letter_of_tenant ON letter (tenant_id, id);
