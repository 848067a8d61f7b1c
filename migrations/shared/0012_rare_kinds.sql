-- Nearly every account is one of two kinds; those of the others are few and found without looking through all.
CREATE INDEX authorizer_rare_kind ON authorizer
    (tenant_id, kind, health_rank, attention_at, authorizer_appid, component_appid)
    WHERE kind IN ('channels', 'other', 'unknown');
