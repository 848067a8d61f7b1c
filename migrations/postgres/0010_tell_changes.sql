-- Tells every process what it must not hand out from memory any longer. The channel carries the schema's name: channels
-- belong to the whole database. Planned refreshes are not told, because the token before them stays good: a commit that
-- notifies waits for its turn, and there are as many refreshes as accounts.
CREATE FUNCTION tell_authorizer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hufu_' || left(TG_TABLE_SCHEMA, 50), 'authorizer ' || NEW.authorizer_appid);
    RETURN NULL;
END $$;
CREATE TRIGGER authorizer_is_told AFTER UPDATE ON authorizer FOR EACH ROW
    WHEN (OLD.tenant_id <> NEW.tenant_id
        OR OLD.reported_generation IS DISTINCT FROM NEW.reported_generation
        OR (OLD.generation <> NEW.generation
            AND (OLD.epoch <> NEW.epoch OR OLD.reported_generation = OLD.generation))
        OR (OLD.health <> NEW.health
            AND (OLD.health IN ('unauthorized', 'needs_reauthorization', 'not_exchanged', 'paused')
                OR NEW.health IN ('unauthorized', 'needs_reauthorization', 'not_exchanged', 'paused'))))
    EXECUTE FUNCTION tell_authorizer();

CREATE FUNCTION tell_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hufu_' || left(TG_TABLE_SCHEMA, 50), 'api_key ' || NEW.key_hash);
    RETURN NULL;
END $$;
CREATE TRIGGER api_key_is_told AFTER UPDATE ON api_key FOR EACH ROW
    WHEN ((OLD.name, OLD.scopes, OLD.authorizers, OLD.networks, OLD.expires_at, OLD.revoked_at)
        IS DISTINCT FROM (NEW.name, NEW.scopes, NEW.authorizers, NEW.networks, NEW.expires_at, NEW.revoked_at))
    EXECUTE FUNCTION tell_api_key();

CREATE FUNCTION tell_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hufu_' || left(TG_TABLE_SCHEMA, 50), 'tenant ' || NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER tenant_is_told AFTER UPDATE ON tenant FOR EACH ROW
    WHEN (OLD.suspended_at IS DISTINCT FROM NEW.suspended_at)
    EXECUTE FUNCTION tell_tenant();
