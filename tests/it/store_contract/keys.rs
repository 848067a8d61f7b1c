//! Data keys: made once, found by everyone, and bound to the tenant whose they are.

use hufu::secret::{OneTimeToken, Secret as _};
use hufu::store::key_rotation::{self, MasterKey};
use hufu::store::sealed_column::{self, Cursor, SEALED_COLUMNS};
use hufu::store::{authorizer_move, authorizer_token, data_key, vault_check};
use hufu::vault::{Place, name_of};

use super::fixtures::{a_platform, a_tenant, an_account, at, key, tenant_id, vault};

fn secret(text: &str) -> OneTimeToken {
    OneTimeToken::new(text)
}

fn place(tenant: Option<&str>) -> Place<'_> {
    Place { tenant, table: "t", column: "c", row: "r" }
}

on_both_databases!(a_data_key_is_made_once_and_every_process_finds_it, |db| async {
    a_platform(db.store()).await;
    let mut tx = db.store().write().await.unwrap();
    let keys = data_key::sealing_for(&mut tx, &vault(), [&tenant_id("acme")]).await.unwrap();
    let sealed = keys.seal(&secret("one"), place(Some("acme"))).unwrap();
    let again = data_key::sealing_for(&mut tx, &vault(), [&tenant_id("acme")]).await.unwrap();
    let same = again.seal(&secret("two"), place(Some("acme"))).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(name_of(&sealed), name_of(&same));

    let another = vault();
    let mut tx = db.store().read().await.unwrap();
    let opened: OneTimeToken = data_key::open(&mut tx, &another, &sealed, place(Some("acme"))).await.unwrap();
    assert_eq!(opened.expose(), "one");
    let foreign = data_key::open::<OneTimeToken>(&mut tx, &another, &sealed, place(Some("other"))).await;
    assert!(foreign.is_err(), "opened for another tenant");
    let several = data_key::opening(&mut tx, &another, [&*sealed, &*same, "2.gone.1.x", "not sealed"]).await;
    let several = several.unwrap();
    for text in [&sealed, &same] {
        assert!(several.open_sealed::<OneTimeToken>(text, place(Some("acme"))).is_ok());
    }
});

on_both_databases!(a_data_key_that_was_rolled_back_seals_nothing, |db| async {
    a_platform(db.store()).await;
    let vault = vault();
    let mut tx = db.store().write().await.unwrap();
    let lost = data_key::seal(&mut tx, &vault, &secret("lost"), place(Some("acme"))).await.unwrap();
    data_key::seal(&mut tx, &vault, &secret("lost"), place(Some("acme"))).await.unwrap();
    drop(tx);

    let mut tx = db.store().write().await.unwrap();
    let kept = data_key::seal(&mut tx, &vault, &secret("kept"), place(Some("acme"))).await.unwrap();
    tx.commit().await.unwrap();

    assert_ne!(name_of(&lost), name_of(&kept), "a key that is nowhere went on sealing");
    let mut tx = db.store().read().await.unwrap();
    let fresh = super::fixtures::vault();
    assert!(data_key::open::<OneTimeToken>(&mut tx, &fresh, &kept, place(Some("acme"))).await.is_ok());
});

on_both_databases!(the_platform_has_a_key_and_a_tenant_that_is_not_there_gets_none, |db| async {
    let mut tx = db.store().write().await.unwrap();
    let keys = data_key::sealing(&mut tx, &vault()).await.unwrap();
    assert!(keys.seal(&secret("x"), place(None)).is_ok());
    assert!(keys.seal(&secret("x"), place(Some("acme"))).is_err(), "sealed with a key that was not loaded");
    let nobody = data_key::sealing_for(&mut tx, &vault(), [&tenant_id("nobody")]).await;
    assert!(nobody.is_err(), "a tenant that does not exist got a key");
});

on_both_databases!(the_first_master_key_wraps_until_it_is_replaced, |db| async {
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(data_key::state(&mut tx).await.unwrap(), None);
    data_key::begin(&mut tx, "ephemeral").await.unwrap();
    data_key::begin(&mut tx, "another").await.unwrap();
    let state = data_key::state(&mut tx).await.unwrap().unwrap();
    assert_eq!((state.master_key.as_str(), state.generation), ("ephemeral", 0));
});

on_both_databases!(an_account_that_moves_is_sealed_for_its_new_tenant, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    an_account(db.store(), "acme", "wxa", 0).await;

    let mut tx = db.store().write().await.unwrap();
    authorizer_move::move_to(&mut tx, &vault(), &key("wxa"), &tenant_id("other")).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    let fresh = vault();
    let held = authorizer_token::find(&mut tx, &fresh, &key("wxa")).await.unwrap().unwrap();
    assert_eq!(held.tenant, tenant_id("other"));
    assert_eq!(held.refresh_token.unwrap().expose(), "refresh-wxa");
    let access = authorizer_token::access_token(&mut tx, &fresh, &key("wxa")).await.unwrap().unwrap();
    assert_eq!(access.expose(), "access-wxa");
});

on_both_databases!(a_master_key_is_replaced_step_by_step, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    data_key::begin(&mut tx, "test").await.unwrap();
    key_rotation::note_master(&mut tx, "test").await.unwrap();
    key_rotation::note_master(&mut tx, "older").await.unwrap();
    key_rotation::activate(&mut tx, "older", at(1)).await.unwrap();
    let masters = key_rotation::list_masters(&mut tx).await.unwrap();
    let seen: Vec<_> = masters.iter().map(|key| (key.id.as_str(), key.is_active, key.wraps)).collect();
    assert_eq!(seen, [("older", true, 0), ("test", false, 2)]);

    assert_eq!(key_rotation::rewrap(&mut tx, &vault(), "test", 10).await.unwrap(), 0, "nothing to do");
    assert!(key_rotation::rewrap(&mut tx, &vault(), "older", 10).await.is_err(), "nobody has that key");
    key_rotation::activate(&mut tx, "test", at(2)).await.unwrap();
    key_rotation::retire(&mut tx, "older", at(3)).await.unwrap();
    let masters = key_rotation::list_masters(&mut tx).await.unwrap();
    let older = MasterKey {
        id: "older".to_owned(),
        is_active: false,
        activated_at: Some(at(1)),
        retired_at: Some(at(3)),
        wraps: 0,
    };
    assert_eq!(masters.last(), Some(&older));
    assert_eq!(data_key::state(&mut tx).await.unwrap().unwrap().generation, 2);
    key_rotation::raise(&mut tx).await.unwrap();
    assert_eq!(data_key::state(&mut tx).await.unwrap().unwrap().generation, 3);
});

on_both_databases!(a_data_key_is_superseded_once_and_its_texts_are_sealed_anew, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let vault = vault();
    let mut tx = db.store().write().await.unwrap();
    data_key::begin(&mut tx, "test").await.unwrap();
    assert_eq!(key_rotation::count(&mut tx).await.unwrap(), (2, 0));
    let column = SEALED_COLUMNS.iter().find(|one| one.column == "refresh_token_sealed").unwrap();
    let begin = Cursor::default();

    assert_eq!(key_rotation::supersede(&mut tx, &vault, at(5), 1).await.unwrap(), 1);
    assert_eq!(key_rotation::supersede(&mut tx, &vault, at(5), 9).await.unwrap(), 1);
    assert_eq!(key_rotation::supersede(&mut tx, &vault, at(6), 9).await.unwrap(), 0, "made twice");
    let newest = key_rotation::list_newest(&mut tx).await.unwrap();
    assert_eq!(newest["acme"].1, 2);
    let is_newest = |sealed: &str, scope: &str| name_of(sealed).map(|(_, at)| at) == Some(newest[scope].1);
    let step = sealed_column::step(&mut tx, column, (&begin, 10), is_newest).await.unwrap();
    assert_eq!((step.stale.len(), step.seen, step.next.as_ref()), (1, 1, None));
    assert_eq!(sealed_column::reseal(&mut tx, &vault, column, &step.stale).await.unwrap(), (1, 0));
    let again = sealed_column::reseal(&mut tx, &vault, column, &step.stale).await.unwrap();
    assert_eq!(again, (0, 0), "a text that is not there any more was replaced");
    let step = sealed_column::step(&mut tx, column, (&begin, 1), is_newest).await.unwrap();
    assert_eq!((step.stale.len(), step.seen), (0, 1));
    let step = sealed_column::step(&mut tx, column, (&step.next.unwrap(), 1), is_newest).await.unwrap();
    assert_eq!((step.seen, step.next), (0, None));
    assert_eq!(sealed_column::count_direct(&mut tx, &vault, column, "test").await.unwrap(), (0, 0));

    assert_eq!(key_rotation::destroy_superseded(&mut tx).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let mut tx = db.store().read().await.unwrap();
    let held = authorizer_token::find(&mut tx, &super::fixtures::vault(), &key("wxa")).await.unwrap();
    assert_eq!(held.unwrap().refresh_token.unwrap().expose(), "refresh-wxa");
});

on_both_databases!(the_probe_is_replaced_only_where_it_is_still_the_same, |db| async {
    let mut tx = db.store().write().await.unwrap();
    vault_check::insert_if_absent(&mut tx, "probe", "old").await.unwrap();
    assert!(!vault_check::replace(&mut tx, "probe", ("other", "new")).await.unwrap());
    assert!(vault_check::replace(&mut tx, "probe", ("old", "new")).await.unwrap());
    assert_eq!(vault_check::find(&mut tx, "probe").await.unwrap().as_deref(), Some("new"));
});
