//! Accounts, platforms and moments for the samples of views: every state, long names, emoji, missing values.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorizer::{Authorizer, Kind, Profile};
use crate::domain::component::ComponentStatus;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, BadId, ComponentAppid, IncidentId, TenantId};
use crate::domain::reason::Reason;
use crate::store::incident_list;

/// 2026-11-21 10:35:08 in Beijing.
pub const NOW: Timestamp = Timestamp::from_unix(1_795_228_508);

pub fn ago(minutes: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(minutes * 60))
}

pub fn ahead(minutes: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(minutes * 60))
}

/// One account in each state that is stored, the most urgent first.
pub fn authorizers() -> Vec<Authorizer> {
    accounts().unwrap_or_default()
}

fn accounts() -> Result<Vec<Authorizer>, BadId> {
    use Health as H;
    use Reason as R;
    let long = "杭州青禾茶业有限公司旗下品牌旗舰体验中心（华东大区）Official Flagship Experience Centre 🍵✨";
    Ok(vec![
        account(
            0,
            "青禾茶业会员中心",
            Kind::OfficialAccount,
            (H::NeedsReauthorization, R::RefreshTokenLost),
        )?,
        account(1, long, Kind::MiniProgram, (H::NotExchanged, R::CodeNotExchanged))?,
        account(2, "🐯 Tiger Tea", Kind::MiniProgram, (H::ExpiredRetrying, R::WechatUnreachable))?,
        account(3, "青禾商城", Kind::MiniProgram, (H::BlockedUpstream, R::TicketStale))?,
        account(4, "茶山直播间", Kind::Channels, (H::Recovering, R::RefreshTokenRefused))?,
        account(5, "青禾课堂", Kind::OfficialAccount, (H::Retrying, R::WechatTransient))?,
        account(6, "旧活动号", Kind::OfficialAccount, (H::Unauthorized, R::CancelledByAccount))?,
        account(7, "年会抽奖", Kind::MiniProgram, (H::Paused, R::PausedByPerson))?,
        account(8, "", Kind::Unknown, (H::Healthy, R::Ok))?,
        account(9, "青禾茶业", Kind::OfficialAccount, (H::Healthy, R::Ok))?,
    ])
}

fn account(
    number: u64,
    name: &str,
    kind: Kind,
    (health, reason): (Health, Reason),
) -> Result<Authorizer, BadId> {
    let failing = matches!(health, Health::Retrying | Health::ExpiredRetrying | Health::NeedsReauthorization);
    let has_token = health != Health::NotExchanged;
    let obtained = if health == Health::Healthy { ago(20 + 37 * (number - 8)) } else { ago(90 + 4 * number) };
    let over =
        matches!(health, Health::ExpiredRetrying | Health::NeedsReauthorization | Health::Unauthorized);
    let expires = if over { ago(3 + number) } else { obtained.plus(Duration::from_secs(7200)) };
    Ok(Authorizer {
        key: AuthorizerKey {
            component: ComponentAppid::parse("wx6f2c1d9e8b7a4035")?,
            authorizer: AuthorizerAppid::parse(&format!(
                "wx{:016x}",
                0x3f1a_9c02_5b77_d410_u64 + number * 7919
            ))?,
        },
        tenant: TenantId::parse("t-sample")?,
        kind,
        profile: profile(number, name),
        func_info: if number == 8 { vec![] } else { vec![1, 2, 3, 4, 7, 11, 15, 17, 25, 999] },
        health,
        health_since: ago(40 + 13 * number),
        reason,
        errcode: failing.then_some(if number == 0 { 61023 } else { -1 }),
        rid: failing.then(|| "69201b3c-5ad1f7e2-1c0f3d44".to_owned()),
        authorized_at: ago(60 * 24 * 43),
        token_obtained_at: has_token.then_some(obtained),
        token_expires_at: has_token.then_some(expires),
        last_success_at: has_token.then_some(obtained),
        next_refresh_at: health.is_refreshed().then(|| if failing { ahead(2) } else { ahead(31 + number) }),
        failures: if failing { 3 } else { 0 },
        generation: 57,
        info_at: (number != 8).then(|| ago(300)),
    })
}

fn profile(number: u64, name: &str) -> Profile {
    if number == 8 {
        return Profile::default();
    }
    Profile {
        nick_name: Some(name.to_owned()),
        head_img: None,
        user_name: Some(format!("gh_{number}c0ffee12ab3")),
        alias: (number == 9).then(|| "qinghe-tea".to_owned()),
        principal_name: Some("杭州青禾茶业有限公司".to_owned()),
        signature: (number == 9).then(|| "一片叶子的四季。会员、课程与新茶预订。".to_owned()),
        service_type: Some(2),
        verify_type: Some(if number == 9 { 0 } else { -1 }),
        account_status: Some(1),
    }
}

/// A platform whose ticket came `minutes` ago.
pub fn component(minutes: u64) -> Option<ComponentStatus> {
    Some(ComponentStatus {
        appid: ComponentAppid::parse("wx6f2c1d9e8b7a4035").ok()?,
        name: "虎符开放平台".to_owned(),
        created_at: ago(60 * 24 * 90),
        ticket_received_at: Some(ago(minutes)),
        token_expires_at: Some(ahead(74)),
        token_obtained_at: Some(ago(46)),
        next_token_refresh_at: Some(ahead(50)),
        push_requested_at: Some(ago(60 * 24 * 90)),
        push_answer: Some("ok".to_owned()),
        last_reconciled_at: Some(ago(400)),
        authorizers: Some(10),
    })
}

/// An open incident of that cause.
pub fn incident(cause: Reason) -> Option<incident_list::Listed> {
    Some(incident_list::Listed {
        id: IncidentId::parse("i-sample").ok()?,
        component: ComponentAppid::parse("wx6f2c1d9e8b7a4035").ok()?,
        component_name: "虎符开放平台".to_owned(),
        cause,
        opened_at: ago(95),
        last_seen_at: ago(1),
        closed_at: None,
        errcode: None,
        rid: None,
        evidence: None,
        failed_calls: 0,
        next_probe_at: ahead(2),
    })
}
