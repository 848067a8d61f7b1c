//! Whoever writes to the database past the portal is found out.

use hufu::domain::audit::Actor;
use hufu::domain::ids::TenantId;
use hufu::service::verify_audit::{self, Fault, Verdict};
use hufu::service::{rename_tenant, sign_audit};

use crate::harness::{Database, Kind, Portal};

/// As somebody who owns the database does it.
async fn tamper(db: &Database, statements: &[&str]) {
    let guards = match db.kind {
        Kind::Sqlite => {
            &["DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete"][..]
        }
        Kind::Postgres => &["DROP TRIGGER IF EXISTS audit_no_change ON audit"][..],
    };
    let more = match db.kind {
        Kind::Sqlite => &[
            "DROP TRIGGER IF EXISTS audit_head_moves_on",
            "DROP TRIGGER IF EXISTS audit_checkpoint_no_update",
            "DROP TRIGGER IF EXISTS audit_checkpoint_no_delete",
        ][..],
        Kind::Postgres => &[
            "DROP TRIGGER IF EXISTS audit_head_moves_on ON audit_head",
            "DROP TRIGGER IF EXISTS audit_checkpoint_no_change ON audit_checkpoint",
        ][..],
    };
    for statement in guards.iter().chain(more).chain(statements) {
        db.execute_text((*statement).to_owned()).await;
    }
}

async fn rename(portal: &Portal, tenant: &TenantId, times: usize) {
    for time in 0..times {
        let name = format!("名称 {time} {}", portal.clock.now().unix());
        rename_tenant::run(portal.cx(), portal.clock.now(), &Actor::cli(), tenant, &name).await.unwrap();
        portal.clock.advance(std::time::Duration::from_secs(1));
    }
}

/// Eleven records, of which a checkpoint vouches for the first six.
async fn written(db: &Database) -> Portal {
    let portal = Portal::start(db).await;
    let tenant = portal.tenant("acme").await;
    rename(&portal, &tenant, 5).await;
    sign_audit::run(portal.cx(), portal.clock.now()).await.unwrap();
    rename(&portal, &tenant, 5).await;
    portal
}

async fn faults(portal: &Portal) -> Vec<Fault> {
    verify_audit::run(portal.cx()).await.unwrap().faults
}

on_both_databases!(an_untouched_audit_is_unbroken, |db| async {
    let portal = written(&db).await;
    sign_audit::run(portal.cx(), portal.clock.now()).await.unwrap();
    let expected = Verdict { records: 11, checkpoints: 1, signed_until: 6, faults: Vec::new() };
    assert_eq!(verify_audit::run(portal.cx()).await.unwrap(), expected, "not signed again so soon");
    portal.clock.advance(std::time::Duration::from_secs(600));
    sign_audit::run(portal.cx(), portal.clock.now()).await.unwrap();
    let expected = Verdict { records: 11, checkpoints: 2, signed_until: 11, faults: Vec::new() };
    assert_eq!(verify_audit::run(portal.cx()).await.unwrap(), expected);
    portal.stop().await;
});

on_both_databases!(an_edited_record_is_named, |db| async {
    let portal = written(&db).await;
    tamper(&db, &["UPDATE audit SET actor_name = 'somebody else' WHERE seq = 3"]).await;
    assert_eq!(faults(&portal).await, [Fault::Edited(3)]);
    portal.stop().await;
});

on_both_databases!(removed_records_are_named, |db| async {
    let portal = written(&db).await;
    tamper(&db, &["DELETE FROM audit WHERE seq IN (4, 5)"]).await;
    assert_eq!(faults(&portal).await, [Fault::Removed(4, 5)]);
    portal.stop().await;
});

on_both_databases!(a_removed_end_is_named, |db| async {
    let portal = written(&db).await;
    tamper(&db, &["DELETE FROM audit WHERE seq >= 10"]).await;
    assert_eq!(faults(&portal).await, [Fault::Removed(10, 11)], "the chain's end knows of more");
    // Whoever puts the end back as well goes unseen only as far as the last checkpoint.
    tamper(&db, &["DELETE FROM audit WHERE seq >= 5", "UPDATE audit_head SET seq = 4"]).await;
    assert!(faults(&portal).await.contains(&Fault::Removed(5, 6)), "the checkpoint knows of six");
    portal.stop().await;
});

on_both_databases!(an_inserted_record_is_named, |db| async {
    let portal = written(&db).await;
    let copy = |seq: i64| {
        format!(
            "INSERT INTO audit SELECT {seq}, at, tenant_id, actor_kind, actor_id, actor_name, address, trace, action, \
             subject_kind, subject_id, subject_name, detail, prev_hash, hash FROM audit WHERE seq = 2"
        )
    };
    tamper(&db, &[&copy(12)]).await;
    let told = faults(&portal).await;
    assert!(told.contains(&Fault::Outside(12)) && told.contains(&Fault::Edited(12)), "{told:?}");
    tamper(&db, &["DELETE FROM audit WHERE seq = 12", "DELETE FROM audit WHERE seq = 7", &copy(7)]).await;
    assert!(faults(&portal).await.contains(&Fault::Edited(7)));
    portal.stop().await;
});

on_both_databases!(a_chain_that_was_written_anew_does_not_fit_its_checkpoint, |db| async {
    let portal = written(&db).await;
    let mut records =
        hufu::store::audit::chain(&mut portal.cx().store.read().await.unwrap(), 2, 100).await.unwrap();
    let mut statements = Vec::new();
    let mut before = records[0].prev_hash.clone();
    for record in &mut records {
        record.actor_kind = "system".to_owned();
        record.prev_hash = before;
        record.hash = record.computed_hash();
        before = record.hash.clone();
        statements.push(format!(
            "UPDATE audit SET actor_kind = 'system', prev_hash = '{}', hash = '{}' WHERE seq = {}",
            record.prev_hash, record.hash, record.seq
        ));
    }
    statements.push(format!("UPDATE audit_head SET hash = '{before}'"));
    tamper(&db, &statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(faults(&portal).await, [Fault::Rewritten(1, 6)], "all hashes fit but the one that was signed");
    tamper(&db, &["UPDATE audit_checkpoint SET hash = (SELECT hash FROM audit WHERE seq = 6)"]).await;
    assert_eq!(faults(&portal).await, [Fault::Forged(6)]);
    portal.stop().await;
});

on_both_databases!(what_was_signed_once_is_missed_when_it_is_gone, |db| async {
    let portal = written(&db).await;
    let later = async || {
        portal.clock.advance(std::time::Duration::from_secs(600));
        sign_audit::run(portal.cx(), portal.clock.now()).await.unwrap();
        verify_audit::run(portal.cx()).await.unwrap().signed_until
    };
    assert_eq!(later().await, 11);

    tamper(&db, &["DELETE FROM audit_checkpoint WHERE seq > 1"]).await;

    assert_eq!(later().await, 0, "what stands there now is vouched for by nobody");
    assert_eq!(later().await, 0, "nor later");
    let mut anew = portal.cx().clone();
    anew.signed = hufu::service::sign_audit::Remembered::default();
    sign_audit::run(&anew, portal.clock.now()).await.unwrap();
    assert_eq!(verify_audit::run(&anew).await.unwrap().signed_until, 11, "a process that was started anew");
    portal.stop().await;
});
