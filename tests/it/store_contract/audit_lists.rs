//! The audit's pages, its checkpoints, and the counts of token reads.

use hufu::domain::audit::{Action, Actor, Checkpoint, Entry, Subject};
use hufu::domain::ids::ApiKeyId;
use hufu::secret::{AuditKey, Secret as _};
use hufu::store::audit_list::{self, Filter, Place};
use hufu::store::token_read::{self, Reads};
use hufu::store::{audit, audit_checkpoint};

use super::fixtures::{at, tenant_id};

on_both_databases!(records_are_found_by_tenant_and_what_narrows_them_page_by_page, |db| async {
    let mut tx = db.store().write().await.unwrap();
    for number in 0..6 {
        let tenant = tenant_id(if number % 2 == 0 { "acme" } else { "rival" });
        let entry = Entry::of(&tenant, Action::TenantRenamed, Subject::tenant_id(&tenant));
        audit::append(&mut tx, at(number / 2), &Actor::cli(), &entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store().read().await.unwrap();
    let seqs =
        |records: Vec<hufu::domain::audit::Record>| records.iter().map(|one| one.seq).collect::<Vec<_>>();
    let all = Filter::default();

    let acme = tenant_id("acme");
    let own = audit_list::of_tenant(&mut tx, &acme, &all, (None, 2)).await.unwrap();
    let last = own.last().unwrap();
    let after = Some(Place { at: last.at, seq: last.seq });
    assert_eq!(seqs(own.clone()), [5, 3]);
    assert_eq!(seqs(audit_list::of_tenant(&mut tx, &acme, &all, (after, 2)).await.unwrap()), [1]);
    assert_eq!(seqs(audit_list::of_all(&mut tx, None, &all, (after, 9)).await.unwrap()), [2, 1]);
    let narrow = Filter {
        action: Some(Action::TenantRenamed),
        subject: Some("rival".to_owned()),
        since: Some(at(1).unix()),
        until: Some(at(2).unix()),
        actor: None,
    };
    assert_eq!(seqs(audit_list::of_all(&mut tx, None, &narrow, (None, 9)).await.unwrap()), [4]);
    assert_eq!(seqs(audit_list::of_tenant(&mut tx, &acme, &narrow, (None, 9)).await.unwrap()), [0_i64; 0]);
    let nobody = Filter { actor: Some("ann".to_owned()), ..all };
    assert!(audit_list::of_all(&mut tx, Some(&acme), &nobody, (None, 9)).await.unwrap().is_empty());
});

on_both_databases!(checkpoints_are_kept_in_order_and_once, |db| async {
    let key = AuditKey::new("key");
    let (first, second) = (Checkpoint::sign(&key, 3, at(1), "a"), Checkpoint::sign(&key, 7, at(2), "b"));
    let mut tx = db.store().write().await.unwrap();
    for one in [&first, &second, &Checkpoint::sign(&key, 7, at(3), "c")] {
        audit_checkpoint::insert(&mut tx, one).await.unwrap();
    }
    assert_eq!(audit_checkpoint::last(&mut tx).await.unwrap(), Some(second.clone()));
    assert_eq!(audit_checkpoint::list(&mut tx, 0, 9).await.unwrap(), [first, second.clone()]);
    assert_eq!(audit_checkpoint::list(&mut tx, 3, 9).await.unwrap(), [second]);
});

on_both_databases!(reads_are_put_by_each_process_and_taken_once, |db| async {
    let key = ApiKeyId::parse("k1").unwrap();
    let reads = |reads| Reads {
        key: key.clone(),
        key_name: "订单".to_owned(),
        tenant: tenant_id("acme"),
        hour: 3600,
        reads,
        accounts: "wx1".to_owned(),
        addresses: String::new(),
    };
    let mut tx = db.store().write().await.unwrap();
    for (holder, count) in [("a", 1), ("a", 5), ("b", 2)] {
        token_read::put(&mut tx, holder, &reads(count)).await.unwrap();
    }
    assert_eq!(token_read::oldest(&mut tx, 3600).await.unwrap(), None);
    assert_eq!(token_read::oldest(&mut tx, 3601).await.unwrap(), Some((key.clone(), 3600)));
    let taken = token_read::take(&mut tx, &key, 3600).await.unwrap();
    assert_eq!(taken.iter().map(|one| one.reads).sum::<i64>(), 7);
    assert!(token_read::take(&mut tx, &key, 3600).await.unwrap().is_empty());
});
