-- A tenant's logo for the pages that merchants see. The bytes in base64: TEXT is all that both databases share.
CREATE TABLE tenant_logo (
    tenant_id  TEXT PRIMARY KEY REFERENCES tenant (id),
    name       TEXT NOT NULL,                      -- of the file: a hash of tenant and bytes, with its ending
    bytes      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX tenant_logo_by_name ON tenant_logo (name);
