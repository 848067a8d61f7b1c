-- How refreshes ended, by the hour: what the overview draws. Rows are added up with the recording of a refresh.
CREATE TABLE refresh_tally (
    tenant_id       TEXT NOT NULL,
    hour            BIGINT NOT NULL,               -- the moment at which it begins
    component_appid TEXT NOT NULL,
    outcome         TEXT NOT NULL,                 -- succeeded, failed, in_doubt, fenced
    class           TEXT NOT NULL,                 -- of the failure, or none
    count           BIGINT NOT NULL,
    -- how many began so many seconds after their plan at most, each counted once; see domain/lateness.rs
    late_1          BIGINT NOT NULL,
    late_2          BIGINT NOT NULL,
    late_5          BIGINT NOT NULL,
    late_10         BIGINT NOT NULL,
    late_30         BIGINT NOT NULL,
    late_60         BIGINT NOT NULL,
    late_300        BIGINT NOT NULL,
    late_1800       BIGINT NOT NULL,
    late_more       BIGINT NOT NULL,
    late_max        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hour, component_appid, outcome, class)
);
CREATE INDEX refresh_tally_by_hour ON refresh_tally (hour);
