-- The second wall between tenants. The portal's first wall is the tenant in every query; this one holds when a query
-- forgets it. Whatever is read or written for a member of a tenant runs as the role hufu_tenant, which sees the rows of
-- the tenant named by the setting hufu.tenant and nothing else (store/db.rs, docs/roles.md). The portal's own work, which
-- is for all tenants, runs as the tables' owner.

-- The role belongs to the whole cluster: another database may be making it at this very moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hufu_tenant') THEN
        CREATE ROLE hufu_tenant NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role hufu_tenant is missing, and % may not create it: a database administrator has to run CREATE ROLE hufu_tenant NOLOGIN; GRANT hufu_tenant TO %', current_user, quote_ident(current_user);
END $$;

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hufu_tenant' AND (rolsuper OR rolbypassrls)) THEN
        RAISE EXCEPTION 'the role hufu_tenant passes through row-level security: a database administrator has to run ALTER ROLE hufu_tenant NOSUPERUSER NOBYPASSRLS';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper) THEN
        BEGIN
            EXECUTE format('GRANT hufu_tenant TO %I', current_user);
        EXCEPTION
            -- Another database grants it at the same moment, or somebody else has granted it before.
            WHEN unique_violation OR internal_error OR insufficient_privilege OR invalid_grant_operation THEN NULL;
        END;
    END IF;
    BEGIN
        PERFORM set_config('role', 'hufu_tenant', true);
        RESET ROLE;
    EXCEPTION
        WHEN insufficient_privilege THEN
            RAISE EXCEPTION '% may not act as the role hufu_tenant: a database administrator has to run GRANT hufu_tenant TO %', session_user, quote_ident(session_user);
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO hufu_tenant', current_schema());
END $$;

-- Puts a table behind the wall. For a new table with a column tenant_id, in a migration of its own:
-- SELECT hufu_wall('its_name');
CREATE FUNCTION hufu_wall(relation regclass, rule text DEFAULT $r$tenant_id = current_setting('hufu.tenant', true)$r$)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('CREATE POLICY of_tenant ON %s TO hufu_tenant USING (%s) WITH CHECK (%s)', relation, rule, rule);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO hufu_tenant', relation);
END $$;

-- Lets the role read a table's columns except those that hold secrets, sealed or hashed.
CREATE FUNCTION hufu_window(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    readable text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ') INTO readable FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
        AND attname NOT LIKE '%sealed%' AND attname NOT LIKE '%hash%' AND attname NOT LIKE '%secret%';
    EXECUTE format('GRANT SELECT (%s) ON %s TO hufu_tenant', readable, relation);
END $$;

-- Every table that says itself whose its rows are; an attempt says only whose key sealed its answer.
SELECT hufu_wall(attrelid::regclass) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE attname = 'tenant_id' AND NOT attisdropped AND relkind = 'r'
    AND relnamespace = current_schema()::regnamespace AND relname <> 'attempt';

-- Tables whose rows belong to a tenant by something else.
SELECT hufu_wall('tenant', $r$id = current_setting('hufu.tenant', true)$r$);
SELECT hufu_wall('data_key', $r$scope = current_setting('hufu.tenant', true)$r$);
REVOKE UPDATE, DELETE ON data_key FROM hufu_tenant;
SELECT hufu_wall('attempt', $r$EXISTS (SELECT 1 FROM authorizer a WHERE a.component_appid = attempt.component_appid
    AND a.authorizer_appid = attempt.authorizer_appid AND a.tenant_id = current_setting('hufu.tenant', true))$r$);
SELECT hufu_wall('foreign_refresher', $r$EXISTS (SELECT 1 FROM authorizer a
    WHERE a.component_appid = foreign_refresher.component_appid
    AND a.authorizer_appid = foreign_refresher.authorizer_appid
    AND a.tenant_id = current_setting('hufu.tenant', true))$r$);

-- What is only ever added to is added past the wall, because it is numbered across tenants.
REVOKE INSERT, UPDATE, DELETE ON history, audit, refresh_tally FROM hufu_tenant;

-- What a tenant sees of a grant that waits: that it waits, for whom it was asked or whose account it concerns.
ALTER TABLE grant_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON grant_code FOR SELECT TO hufu_tenant
    USING (held_for_tenant = current_setting('hufu.tenant', true)
        OR EXISTS (SELECT 1 FROM authorizer a WHERE a.component_appid = grant_code.component_appid
            AND a.authorizer_appid = grant_code.authorizer_appid
            AND a.tenant_id = current_setting('hufu.tenant', true)));
SELECT hufu_window('grant_code');

-- People are seen by those who share a tenant with them.
ALTER TABLE app_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON app_user FOR SELECT TO hufu_tenant
    USING (EXISTS (SELECT 1 FROM membership m WHERE m.user_id = app_user.id
        AND m.tenant_id = current_setting('hufu.tenant', true)));
SELECT hufu_window('app_user');

-- The platform's own state that every tenant's pages tell of.
SELECT hufu_window('component');
SELECT hufu_window('component_ticket');
SELECT hufu_window('incident');
SELECT hufu_window('pulse');
SELECT hufu_window('key_state');
