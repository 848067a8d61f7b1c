//! Rows in bulk: as many accounts as a bench asks for, with tokens that open.

use std::fmt::Write as _;

use crate::clock::Timestamp;
use crate::domain::authorizer::Kind;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::reason::Reason;
use crate::secret::{AuthorizerAccessToken, AuthorizerRefreshToken, Secret};
use crate::service::Context;
use crate::store::{StoreError, authorizer_count, data_key};
use crate::vault::{Keys, Place};

use super::super::failure::Failure;
use super::ceiling::REFRESH_TOKEN;
use super::scratch::{Raw, Scratch};

/// Rows in one statement: SQLite takes a million bytes.
const ROWS: u64 = 250;

/// Whose accounts, and what they are like.
pub(super) struct Crowd<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) component: &'a ComponentAppid,
    pub(super) look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Healthy and due for refresh.
    Due,
    /// Healthy, with tokens of every age up to their planned refresh.
    MidLife,
    /// A living platform: nearly all healthy and planned for later, a few in each other state, all kinds.
    Mixed,
}

/// Adds accounts `from..to` of the crowd. Their appids are their numbers.
pub(super) async fn accounts(
    cx: &Context,
    scratch: &Scratch,
    crowd: &Crowd<'_>,
    (from, to): (u64, u64),
) -> Result<(), Failure> {
    let mut tx = cx.store.write().await?;
    let keys = data_key::sealing_for(&mut tx, &cx.vault, [crowd.tenant]).await?;
    tx.commit().await?;
    let mut raw = scratch.connect().await?;
    if matches!(raw, Raw::Sqlite(_)) {
        // Only for this connection: what the bench measures is on the disk when it is acknowledged.
        raw.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000".to_owned()).await?;
    }
    let mut at = from;
    while at < to {
        raw.execute("BEGIN".to_owned()).await?;
        let end = to.min(at + 40 * ROWS);
        while at < end {
            let next = end.min(at + ROWS);
            raw.execute(insert((cx, &keys), crowd, (at, next))?).await?;
            at = next;
        }
        raw.execute("COMMIT".to_owned()).await?;
    }
    if scratch.is_postgres() {
        // As autovacuum would have left it.
        let mut tx = cx.store.write().await?;
        authorizer_count::fold(&mut tx, i64::MAX).await?;
        tx.commit().await?;
        raw.execute("VACUUM (ANALYZE) authorizer".to_owned()).await?;
        raw.execute("VACUUM (ANALYZE) authorizer_count".to_owned()).await?;
    }
    Ok(())
}

fn insert(cx: (&Context, &Keys), crowd: &Crowd<'_>, (from, to): (u64, u64)) -> Result<String, Failure> {
    let mut sql = "INSERT INTO authorizer (component_appid, authorizer_appid, tenant_id, kind, nick_name, head_img, \
        user_name, principal_name, service_type, verify_type, account_status, func_info, search, info_at, \
        next_info_at, info_failures, authorized_at, access_token_sealed, token_obtained_at, token_expires_at, \
        refresh_token_sealed, generation, last_success_at, next_refresh_at, failures, lease_until, epoch, health, \
        health_rank, health_since, attention_at, reason, created_at) VALUES "
        .to_owned();
    for number in from..to {
        if number > from {
            sql.push(',');
        }
        row(&mut sql, cx, crowd, number)?;
    }
    Ok(sql)
}

/// The appid of the account with this number.
pub(super) fn appid(number: u64) -> String {
    format!("wx{number:016x}")
}

fn row(
    sql: &mut String,
    (cx, keys): (&Context, &Keys),
    crowd: &Crowd<'_>,
    number: u64,
) -> Result<(), Failure> {
    let (Crowd { tenant, component, look }, appid) = (crowd, appid(number));
    let now = cx.clock.now().unix();
    let (health, reason) = if *look == Look::Mixed { state(number) } else { (Health::Healthy, Reason::Ok) };
    let kind = Kind::ALL[usize::try_from(number % 3).unwrap_or(0)].as_str();
    let ahead = i64::try_from(number * 7 % 7000).unwrap_or(0);
    let (obtained, expires, due) = match (look, health) {
        (Look::Due, _) => (now - 5760, now + 1440, Some(now - 30)),
        (Look::MidLife, _) => {
            // 5760 s are 80 % of a life; the numbers are scattered over them.
            let age = i64::try_from(number * 2_654_435_761 % 5760).unwrap_or(0);
            (now - age, now - age + 7200, Some(now - age + 5760))
        }
        // Far enough away not to be tried in a bench.
        (Look::Mixed, Health::Healthy | Health::Retrying) => {
            (now, now + 7200 + ahead, Some(now + 7200 + ahead))
        }
        (Look::Mixed, _) => (now, now - ahead, None),
    };
    let due = due.map_or_else(|| "NULL".to_owned(), |at| at.to_string());
    let (access, refresh) = sealed((cx, keys), crowd, &appid)?;
    let (name, far) = (format!("连锁门店 {number:07}"), Timestamp::FAR_FUTURE.unix());
    let search = format!("{name} {appid} gh_{number:012x}");
    let _ = write!(
        sql,
        "('{component}','{appid}','{tenant}','{kind}','{name}','https://wx.qlogo.cn/mmopen/{appid}/0',\
         'gh_{number:012x}','山野餐饮管理有限公司',2,0,1,'[1,3,4,7,11,18,25,30]','{search}',{now},{far},0,{now},\
         '{access}',{obtained},{expires},'{refresh}',1,{obtained},{due},0,0,1,'{health}',{rank},{now},{expires},'{reason}',{now})",
        health = health.as_str(),
        rank = health.rank(),
        reason = reason.code(),
    );
    Ok(())
}

/// 97 of 100 are healthy.
const fn state(number: u64) -> (Health, Reason) {
    match number % 1000 {
        0..=9 => (Health::NeedsReauthorization, Reason::RefreshTokenLost),
        10..=14 => (Health::Unauthorized, Reason::CancelledByAccount),
        15..=19 => (Health::Retrying, Reason::WechatTransient),
        20..=24 => (Health::ExpiredRetrying, Reason::WechatTransient),
        25..=29 => (Health::Paused, Reason::PausedByPerson),
        _ => (Health::Healthy, Reason::Ok),
    }
}

fn sealed(
    (cx, keys): (&Context, &Keys),
    crowd: &Crowd<'_>,
    appid: &str,
) -> Result<(String, String), Failure> {
    let Ok(authorizer) = AuthorizerAppid::parse(appid) else { return Ok((String::new(), String::new())) };
    let row = AuthorizerKey { component: crowd.component.clone(), authorizer }.row();
    let tenant = Some(crowd.tenant.as_str());
    let place = |column| Place { tenant, table: "authorizer", column, row: &row };
    let access = AuthorizerAccessToken::new(cx.random.base62(157));
    let refresh = AuthorizerRefreshToken::new(REFRESH_TOKEN);
    let access = keys.seal(&access, place("access_token")).map_err(StoreError::from)?;
    let refresh = keys.seal(&refresh, place("refresh_token")).map_err(StoreError::from)?;
    Ok((access, refresh))
}
