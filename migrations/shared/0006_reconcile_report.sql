-- What the last nightly comparison of a component with api_get_authorizer_list found.
CREATE TABLE reconcile_report (
    component_appid TEXT PRIMARY KEY REFERENCES component (appid),
    at              BIGINT NOT NULL,
    listed          BIGINT NOT NULL,               -- accounts in WeChat's list
    known           BIGINT NOT NULL                -- accounts in ours
);
CREATE TABLE reconcile_finding (
    component_appid TEXT NOT NULL REFERENCES component (appid),
    finding         TEXT NOT NULL,                 -- a name of domain/finding.rs
    is_new          BOOLEAN NOT NULL,              -- learned since the comparison
    accounts        BIGINT NOT NULL,
    examples        TEXT NOT NULL,                 -- appids with spaces between
    PRIMARY KEY (component_appid, finding, is_new)
);

-- Accounts whose tokens somebody else seems to refresh as well.
CREATE TABLE foreign_refresher (
    component_appid  TEXT NOT NULL,
    authorizer_appid TEXT NOT NULL,
    evidence         TEXT NOT NULL,                -- refresh_token, access_token_died
    seen_at          BIGINT NOT NULL,              -- last
    times            BIGINT NOT NULL,
    PRIMARY KEY (component_appid, authorizer_appid)
);
