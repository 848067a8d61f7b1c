//! The store's contract: every store function does the same on both databases.

mod audit;
mod audit_lists;
mod canaries;
mod coverage;
mod fixtures;
mod granting;
mod handing_out;
mod identity;
mod inbox;
mod keys;
mod letters;
mod lists;
mod merchant_links;
mod people;
mod platform;
mod second_factor;
mod tallies;
mod tenant_ends;
mod tokens;

use hufu::store::Store;

use crate::harness::Kind;

on_both_databases!(a_database_that_is_up_to_date_is_opened_again_as_it_is, |db| async {
    let again = Store::connect(db.url()).await.unwrap();
    assert_eq!(again.is_shared(), db.kind == Kind::Postgres);
    again.close().await;
});

#[tokio::test]
async fn an_address_of_another_kind_is_refused_without_repeating_its_password() {
    let error = Store::connect("mysql://root:hunter2@db/hufu").await.unwrap_err().to_string();
    assert!(
        error.contains("HUFU_DATABASE_URL") && error.contains("mysql") && !error.contains("hunter2"),
        "{error}"
    );
}
