//! The store's contract: every store function does the same on both databases.

use hufu::domain::ids::{AuthorizerAppid, TenantId};
use hufu::store::{Store, authorizer};

use crate::harness::Kind;

on_both_databases!(a_database_that_is_up_to_date_is_opened_again_as_it_is, |db| async {
    let again = Store::connect(db.url()).await.unwrap();
    assert_eq!(again.is_shared(), db.kind == Kind::Postgres);
    again.close().await;
});

on_both_databases!(an_account_nobody_granted_is_not_found, |db| async {
    let mut tx = db.store().read().await.unwrap();
    let tenant = TenantId::parse("t1").unwrap();
    let appid = AuthorizerAppid::parse("wxnobody").unwrap();
    assert!(authorizer::find(&mut tx, &tenant, &appid).await.unwrap().is_none());
});
