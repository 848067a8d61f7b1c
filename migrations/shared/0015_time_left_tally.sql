-- How many tokens end when, of tenants with so many accounts that counting them would be felt on a page. Counted anew
-- every minute (service/count_time_left.rs); each class as in domain/time_left.rs.
CREATE TABLE time_left_tally (
    tenant_id  TEXT PRIMARY KEY,
    counted_at BIGINT NOT NULL,
    left_over  BIGINT NOT NULL,
    left_5     BIGINT NOT NULL,
    left_15    BIGINT NOT NULL,
    left_30    BIGINT NOT NULL,
    left_60    BIGINT NOT NULL,
    left_90    BIGINT NOT NULL,
    left_more  BIGINT NOT NULL
);
