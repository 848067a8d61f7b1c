//! What each switch does, for the control page. A test holds this list against the switches that exist.

/// Name, words in Chinese and English, and the positions of a switch that is neither a number nor on/off.
pub struct SwitchWords {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub positions: &'static [&'static str],
}

const fn simple(name: &'static str, zh: &'static str, en: &'static str) -> SwitchWords {
    SwitchWords { name, zh, en, positions: &[] }
}

const fn choice(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    positions: &'static [&'static str],
) -> SwitchWords {
    SwitchWords { name, zh, en, positions }
}

/// The switches in groups: title in Chinese and English, then its switches.
pub const GROUPS: &[(&str, &str, &[SwitchWords])] = &[
    (
        "令牌",
        "Tokens",
        &[
            choice(
                "rotation",
                "刷新时 authorizer_refresh_token 是否轮换",
                "What a refresh does to authorizer_refresh_token",
                &["off", "on", "single_use", "overlap"],
            ),
            simple(
                "overlap_seconds",
                "overlap 时旧 refresh_token 的余寿（秒）",
                "Life of the old one with overlap, seconds",
            ),
            simple(
                "update_replaces_refresh_token",
                "重新授权时更换 refresh_token",
                "Re-authorising replaces the refresh token",
            ),
            simple(
                "changed_sets_kill_access_token",
                "权限集变化时立即作废 access_token",
                "Changed sets kill the access token at once",
            ),
            simple(
                "access_token_seconds",
                "authorizer_access_token 有效期（秒）",
                "Life of access tokens, seconds",
            ),
            simple(
                "component_token_seconds",
                "component_access_token 有效期（秒）",
                "Life of component tokens, seconds",
            ),
            simple(
                "component_tokens_per_day",
                "每日可获取 component_access_token 次数",
                "Component tokens per day",
            ),
            simple(
                "old_token_grace_seconds",
                "旧令牌宽限（秒，0 为立即失效）",
                "Grace of the token before the newest, seconds (0: none)",
            ),
            simple(
                "frozen_refresh_errcode",
                "冻结、封禁、注销帐号刷新时的 errcode（0 为正常）",
                "errcode of a refresh for frozen, banned and cancelled accounts (0: works)",
            ),
            simple(
                "cancelled_call_errcode",
                "取消授权后调用接口的 errcode",
                "errcode of calls after a cancel (61003 or 40001)",
            ),
        ],
    ),
    (
        "授权",
        "Authorization",
        &[
            simple("pre_auth_code_seconds", "pre_auth_code 有效期（秒）", "Life of pre_auth_code, seconds"),
            choice(
                "consume_pre_auth_code_at",
                "pre_auth_code 何时作废",
                "When pre_auth_code is used up",
                &["confirm", "open"],
            ),
            simple("auth_code_seconds", "授权码有效期（秒）", "Life of the authorization code, seconds"),
            simple(
                "auth_code_idempotent",
                "授权码可重复换取",
                "The authorization code can be exchanged again",
            ),
            simple("referer_check_pc", "PC 授权页检查 Referer", "The PC page checks the Referer"),
            simple("referer_check_h5", "H5 授权页检查 Referer", "The H5 page checks the Referer"),
            choice(
                "exclusive_sets",
                "互斥权限集已在他处",
                "Exclusive sets that another platform holds",
                &["off", "warn", "deny"],
            ),
            choice(
                "event_order",
                "授权事件与跳转的先后",
                "The event, seen from the redirect",
                &["before", "after", "never"],
            ),
            simple("push_delay_ms", "after 时推送延后（毫秒）", "Delay of the push with `after`, ms"),
            choice("redirect", "确认后跳转", "Redirect after the consent", &["yes", "never"]),
            simple("event_on_unchanged_sets", "权限集未变也推送", "Event even when the sets did not change"),
            simple(
                "push_carries_same_code",
                "推送与跳转携带同一授权码",
                "Push and redirect carry the same code",
            ),
            simple("push_carries_pre_auth_code", "推送携带 PreAuthCode", "The push carries PreAuthCode"),
            simple(
                "expired_time_is_absolute",
                "AuthorizationCodeExpiredTime 为绝对时间",
                "AuthorizationCodeExpiredTime is a moment, not a span",
            ),
        ],
    ),
    (
        "推送",
        "Pushes",
        &[
            simple("ticket_interval_seconds", "ticket 推送间隔（秒）", "Interval of tickets, seconds"),
            simple("ticket_seconds", "ticket 有效期（秒）", "Life of a ticket, seconds"),
            simple(
                "ticket_stop_after",
                "连续失败多少次后停止推送（0 为不停）",
                "Failed periods until tickets stop (0: never)",
            ),
            simple("ticket_repeats", "重复推送同一 ticket", "The same ticket again and again"),
            simple("push_timeout_ms", "推送超时（毫秒）", "Deadline of a push, ms"),
            simple("push_attempts", "每次推送的尝试次数", "Attempts of a push"),
            simple("push_retry_delay_ms", "重试间隔（毫秒）", "Time between attempts, ms"),
            simple("push_clock_skew_seconds", "推送时间戳偏移（秒）", "Skew of the pushes' clock, seconds"),
        ],
    ),
    (
        "接口",
        "API",
        &[
            choice(
                "query_name",
                "组件接口令牌的参数名",
                "Name of the token in the query",
                &["either", "component_access_token", "access_token"],
            ),
            simple("list_max", "授权列表单页上限", "Largest page of the list"),
            simple(
                "info_without_authorization",
                "帐号信息不含 authorization_info",
                "Info leaves out authorization_info",
            ),
            simple(
                "long_func_info",
                "func_info 含名称与未知权限集",
                "func_info with names and an unknown set",
            ),
            simple("errmsg_hint", "errmsg 使用旧的 hint 结尾", "errmsg ends with the old hint"),
            simple("unknown_fields", "应答带未知字段", "Unknown fields in answers"),
            simple("errcode_zero", "成功应答带 errcode 0", "errcode 0 in success bodies"),
            simple("string_numbers", "数字以字符串返回", "Numbers as texts"),
            choice("content_type", "Content-Type", "Content-Type", &["json", "text_plain"]),
            simple("latency_ms", "每次调用的延迟（毫秒）", "Latency of every call, ms"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::GROUPS;
    use crate::sandbox::switches::Switches;

    #[test]
    fn every_switch_is_explained_once() {
        let all = serde_json::to_value(Switches::default()).unwrap();
        let mut exist: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
        let mut explained: Vec<&str> =
            GROUPS.iter().flat_map(|(_, _, switches)| switches.iter().map(|switch| switch.name)).collect();
        exist.sort_unstable();
        explained.sort_unstable();
        assert_eq!(exist, explained);
    }
}
