-- What one person did in one tenant, and how often one thing: see store/audit_list.rs.
CREATE INDEX audit_tenant_actor ON audit (tenant_id, actor_id, at, seq);
CREATE INDEX audit_actor_action ON audit (actor_id, action, at, seq);
