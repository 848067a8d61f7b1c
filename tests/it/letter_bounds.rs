//! How many letters people of a tenant may have sent to addresses that they type in.

use std::time::Duration;

use hufu::domain::audit::Actor;
use hufu::domain::role::Role;
use hufu::domain::text::Lang;
use hufu::domain::user::Email;
use hufu::service::IdentityError;
use hufu::service::admit_letter::{self, TooManyLetters};
use hufu::service::invite::{self, Sent};
use hufu::store::invitation;

use crate::people::{path_of, tick, with_mail};

const MINUTE: Duration = Duration::from_secs(60);

on_both_databases!(letters_to_strangers_are_few_and_what_is_refused_changes_nothing, |db| async {
    let (portal, office) = with_mail(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    portal.user("chen", Some((&acme, Role::Owner))).await;
    portal.user("wang", Some((&other, Role::Owner))).await;
    let (mut owner, mut wang) = (portal.signed_in("chen").await, portal.signed_in("wang").await);
    owner.get("/members").await;
    wang.get("/members").await;
    let invite = [("email", "xin@example.com"), ("role", "viewer")];
    let id = |page: &str| {
        page.split("/members/invitations/").nth(1).unwrap().split('/').next().unwrap().to_owned()
    };
    for _ in 0..2 {
        assert_eq!(owner.post("/members", &invite).await.status, 303);
        let here = format!("/members/invitations/{}", id(&owner.get("/members").await.body));
        assert_eq!(owner.post(&format!("{here}/revoke"), &[]).await.status, 303);
    }
    assert_eq!(owner.post("/members", &invite).await.status, 303);
    let here = format!("/members/invitations/{}", id(&owner.get("/members").await.body));
    let again = owner.post(&format!("{here}/resend"), &[]).await;
    assert_eq!((again.status, again.location()), (303, "/members"));
    let page = owner.get("/members").await.body;
    assert!(page.contains("刚给这个邮箱发过几封邮件") && page.contains(&here), "as it was: {page}");
    let refused = owner.post("/members", &invite).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("value=\"xin@example.com\""), "what was entered is still there");
    assert_eq!(wang.post("/members", &invite).await.status, 422, "another tenant does not help");
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 1, "two were withdrawn in time");
    assert_eq!(portal.browser().get(&path_of(&office.newest("xin@example.com").link())).await.status, 200);
    assert_eq!(owner.post("/members", &[("email", "lu@example.com"), ("role", "viewer")]).await.status, 303);

    portal.clock.advance(60 * MINUTE);
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    assert_eq!(owner.post(&format!("{here}/resend"), &[]).await.status, 303);
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 3);
    portal.stop().await;
});

on_both_databases!(a_tenant_sends_so_many_letters_in_a_day, |db| async {
    let (portal, _office) = with_mail(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    let chen = portal.user("chen", Some((&acme, Role::Owner))).await;
    let (cx, by) = (portal.cx(), Actor::cli());
    let mut invited = 0;
    let mut send = async |of: &hufu::domain::ids::TenantId| {
        invited += 1;
        let email = Email::parse(&format!("p{invited}@example.com")).unwrap();
        let now = portal.clock.now();
        let sent = invite::run(cx, (now, &by), (of, &chen), (&email, Role::Viewer, Lang::Zh)).await;
        // Open ones have a bound of their own.
        let mut tx = cx.store.write().await.unwrap();
        invitation::revoke_of_email(&mut tx, of, &email, now).await.unwrap();
        tx.commit().await.unwrap();
        sent
    };
    for _ in 0..admit_letter::A_DAY {
        assert_eq!(send(&acme).await.unwrap(), Sent::ByLetter);
    }
    let refused = send(&acme).await;
    assert!(matches!(refused, Err(IdentityError::TooManyLetters(TooManyLetters::OfTenant))), "{refused:?}");
    assert_eq!(send(&other).await.unwrap(), Sent::ByLetter, "each tenant for itself");
    portal.clock.advance(8 * MINUTE);
    assert_eq!(send(&acme).await.unwrap(), Sent::ByLetter);
    portal.stop().await;
});
