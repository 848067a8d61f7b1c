//! Everything about WeChat that is undocumented, disputed or worth exaggerating, as switches that can be turned
//! while the sandbox runs.

use serde::{Deserialize, Serialize};

/// What happens to `authorizer_refresh_token` when it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It never changes while the grant lives. All evidence says that WeChat does this.
    #[default]
    Off,
    /// Every refresh returns a new one; older ones go on working.
    On,
    /// Every refresh returns a new one and kills the one that was used.
    SingleUse,
    /// Every refresh returns a new one; the one before lives for five more minutes.
    Overlap,
}

/// When the `authorized` push leaves, seen from the browser's redirect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOrder {
    /// The push is answered, then the browser is redirected.
    #[default]
    Before,
    /// The browser is redirected, the push follows after `push_delay_ms`.
    After,
    /// No push at all.
    Never,
}

/// What the confirmation does with the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    #[default]
    Yes,
    /// The page says "done" and the browser stays: the tab was closed, the network was lost.
    Never,
}

/// When a `pre_auth_code` is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsumeAt {
    Open,
    #[default]
    Confirm,
}

/// Which names of the token in the query are understood by the component APIs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryName {
    #[default]
    Either,
    ComponentAccessToken,
    AccessToken,
}

/// What happens to sets that only one component may hold when another one holds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusiveSets {
    Off,
    #[default]
    Warn,
    Deny,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    #[default]
    Json,
    TextPlain,
}

/// The whole board. Seconds are of the sandbox's clock, milliseconds of the machine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a board of switches")]
pub struct Switches {
    pub rotation: Rotation,
    pub overlap_seconds: u64,
    /// Re-authorising without a cancel also replaces the refresh token.
    pub update_replaces_refresh_token: bool,
    /// Changed sets kill the access token at once (40001).
    pub changed_sets_kill_access_token: bool,
    pub access_token_seconds: u64,
    pub component_token_seconds: u64,
    pub component_tokens_per_day: u64,
    pub pre_auth_code_seconds: u64,
    pub auth_code_seconds: u64,
    pub ticket_seconds: u64,
    /// How long the access token before the newest one goes on working; 0 is strict.
    pub old_token_grace_seconds: u64,
    /// 61003 or 40001 for calls on behalf of an account that has cancelled.
    pub cancelled_call_errcode: i64,
    /// What a refresh answers for a frozen, banned or cancelled account; 0: it works.
    pub frozen_refresh_errcode: i64,
    pub auth_code_idempotent: bool,
    pub consume_pre_auth_code_at: ConsumeAt,
    pub referer_check_pc: bool,
    pub referer_check_h5: bool,
    pub exclusive_sets: ExclusiveSets,
    pub event_order: EventOrder,
    pub redirect: Redirect,
    pub event_on_unchanged_sets: bool,
    /// The push carries the same code as the redirect; otherwise each has its own.
    pub push_carries_same_code: bool,
    pub push_carries_pre_auth_code: bool,
    /// AuthorizationCodeExpiredTime as a moment (seen on the wire) or as a span (documented).
    pub expired_time_is_absolute: bool,
    pub push_delay_ms: u64,
    pub push_timeout_ms: u64,
    pub push_attempts: u32,
    pub push_retry_delay_ms: u64,
    pub ticket_interval_seconds: u64,
    /// Ticket pushes stop after so many periods in which every attempt failed.
    pub ticket_stop_after: u32,
    /// The same ticket is pushed again and again.
    pub ticket_repeats: bool,
    /// Added to CreateTime and timestamp of pushes.
    pub push_clock_skew_seconds: i64,
    pub query_name: QueryName,
    pub list_max: u64,
    /// `api_get_authorizer_info` leaves out `authorization_info`.
    pub info_without_authorization: bool,
    /// `func_info` entries carry names and `confirm_info`, and an unknown set is added.
    pub long_func_info: bool,
    pub unknown_fields: bool,
    /// `errmsg` ends with the old ` hint: [….]` instead of the rid.
    pub errmsg_hint: bool,
    /// Success bodies of component APIs carry `errcode: 0`.
    pub errcode_zero: bool,
    /// `errcode`, `expires_in` and the like as texts.
    pub string_numbers: bool,
    pub content_type: ContentType,
    /// Every API call takes so long.
    pub latency_ms: u64,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            rotation: Rotation::Off,
            overlap_seconds: 300,
            update_replaces_refresh_token: false,
            changed_sets_kill_access_token: true,
            access_token_seconds: 7200,
            component_token_seconds: 7200,
            component_tokens_per_day: 2000,
            pre_auth_code_seconds: 600,
            auth_code_seconds: 3600,
            ticket_seconds: 12 * 3600,
            old_token_grace_seconds: 300,
            cancelled_call_errcode: 61003,
            frozen_refresh_errcode: 0,
            auth_code_idempotent: false,
            consume_pre_auth_code_at: ConsumeAt::Confirm,
            referer_check_pc: true,
            referer_check_h5: false,
            exclusive_sets: ExclusiveSets::Warn,
            event_order: EventOrder::Before,
            redirect: Redirect::Yes,
            event_on_unchanged_sets: false,
            push_carries_same_code: true,
            push_carries_pre_auth_code: true,
            expired_time_is_absolute: true,
            push_delay_ms: 200,
            push_timeout_ms: 5000,
            push_attempts: 3,
            push_retry_delay_ms: 1000,
            ticket_interval_seconds: 600,
            ticket_stop_after: 12,
            ticket_repeats: false,
            push_clock_skew_seconds: 0,
            query_name: QueryName::Either,
            list_max: 500,
            info_without_authorization: false,
            long_func_info: false,
            unknown_fields: true,
            errmsg_hint: false,
            errcode_zero: false,
            string_numbers: false,
            content_type: ContentType::Json,
            latency_ms: 0,
        }
    }
}

impl Switches {
    /// Turns the switches named in a JSON object and leaves the others.
    ///
    /// # Errors
    /// A sentence naming the switch or the value that does not exist; nothing is turned then.
    pub fn patched(&self, patch: &serde_json::Value) -> Result<Self, String> {
        let Some(patch) = patch.as_object() else { return Err("switches: an object is expected".to_owned()) };
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (name, value) in patch {
            all[name.as_str()] = value.clone();
        }
        serde_json::from_value(all).map_err(|error| format!("switches: {error}"))
    }
}
