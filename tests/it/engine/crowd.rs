//! Many accounts at once, granted at the sandbox and known to the portal, without a press of the button for each.

use std::time::Duration;

use hufu::domain::health::Health;
use hufu::domain::ids::TenantId;
use hufu::sandbox::{BulkAccounts, NEWCOMER_APPID};
use hufu::secret::{AuthorizerAccessToken, AuthorizerRefreshToken, Secret as _};
use hufu::store::authorizer_count;
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_token::NewTokens;

use crate::harness::Database;

use super::world::{World, key};

/// How long their tokens live, and when they are due.
pub(crate) const LIFE: u64 = 7200;
pub(crate) const DUE: u64 = 5760;

/// The accounts of `count`, in turn of these tenants, healthy since now. Their profiles are not asked for.
pub(crate) async fn gather(world: &World, db: &Database, tenants: &[&TenantId], count: u32) -> Vec<String> {
    let bulk = BulkAccounts {
        count,
        grant_to: Some(NEWCOMER_APPID.to_owned()),
        exchanged: true,
        ..BulkAccounts::default()
    };
    let accounts = world.control.accounts(&bulk).unwrap();
    let (cx, now) = (world.cx(), world.now());
    let mut tx = cx.store.write().await.unwrap();
    for (account, tenant) in accounts.iter().zip(tenants.iter().cycle()) {
        let token = world.control.refresh_token(NEWCOMER_APPID, account).unwrap();
        let tokens = NewTokens {
            access_token: Some(AuthorizerAccessToken::new("from before")),
            refresh_token: Some(AuthorizerRefreshToken::new(token)),
            obtained_at: now,
            expires_at: now.plus(Duration::from_secs(LIFE)),
            next_refresh_at: now.plus(Duration::from_secs(DUE)),
        };
        let granted = Granted { tokens: &tokens, func_info: &[1], grant_time: None, now };
        authorizer_grant::insert(&mut tx, &key(account), tenant, now).await.unwrap();
        authorizer_grant::record_grant(&mut tx, &cx.vault, &key(account), &granted).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.execute("UPDATE authorizer SET next_info_at = NULL").await.unwrap();
    accounts
}

/// How many accounts are in which state, the most urgent first.
pub(crate) async fn states(world: &World) -> Vec<(Health, i64)> {
    let mut tx = world.cx().store.read().await.unwrap();
    let mut states = authorizer_count::of_all(&mut tx).await.unwrap();
    states.sort_by_key(|(health, _)| health.rank());
    states
}
