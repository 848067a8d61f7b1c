//! Links for merchants, what merchants do with them, and the logo they see.

use hufu::store::authorizer_grant;
use hufu::store::authorizer_state;
use url::Url;

use super::house::{House, between};
use super::{Deed, How};
use crate::engine::world::key;

/// An account that waits for its administrator.
const WAITS: &str = "wxbulk0001";

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    house.at_work("chen").await.get("/links").await;
    let acme = house.world.acme.clone();
    let label = [("label", "西湖店")];
    let of_tenant = |deed: Deed, action| deed.tells(action, "tenant", acme.as_str()).within(&acme);
    Some(match handler {
        "::links::create" => {
            Deed::of("chen", "/links", &label).tells("link.created", "merchant_link", "?").within(&acme)
        }
        "::links::bulk::create" => {
            waiting(house).await;
            of_tenant(Deed::of("chen", "/links/bulk", &[("days", "30")]), "link.created_in_bulk")
        }
        "::links::bulk::send" => {
            waiting(house).await;
            house.browsers.get_mut("chen").unwrap().post("/links/bulk", &[("days", "30")]).await;
            let lines = format!("{WAITS},ann@example.com");
            of_tenant(Deed::of("chen", "/links/bulk/send", &[("lines", &*lines)]), "link.sent")
        }
        "::logo::upload" => {
            house.browsers.get_mut("chen").unwrap().get("/links/logo").await;
            let deed = Deed { how: How::File(picture()), ..Deed::of("chen", "/links/logo", &[]) };
            of_tenant(deed, "tenant.logo_changed")
        }
        "::logo::remove" => {
            let chen = house.browsers.get_mut("chen").unwrap();
            chen.get("/links/logo").await;
            assert_eq!(chen.post_file("/links/logo", &picture()).await.status, 303);
            of_tenant(Deed::of("chen", "/links/logo/remove", &[]), "tenant.logo_removed")
        }
        other => return with_link(house, other).await,
    })
}

async fn with_link(house: &mut House, handler: &str) -> Option<Deed> {
    let acme = house.world.acme.clone();
    let chen = house.browsers.get_mut("chen").unwrap();
    let own = chen.post("/links", &[("label", "西湖店")]).await.location().to_owned();
    let page = chen.get(&own).await.body;
    let link = Url::parse(between(&page, "<code>", "<")).unwrap().path().to_owned();
    let id = own.rsplit('/').next().unwrap().to_owned();
    Some(match handler {
        "::links::send" => {
            let deed = Deed::of("chen", format!("{own}/send"), &[("email", "cy@example.com")]);
            deed.tells("link.sent", "merchant_link", id).within(&acme)
        }
        "::links::revoke" => {
            let deed = Deed::of("chen", format!("{own}/revoke"), &[]);
            deed.tells("link.revoked", "merchant_link", id).within(&acme)
        }
        "::connect::show" => {
            house.visitor("/sign-in").await;
            Deed::looking("visitor", link)
                .tells_nothing("that somebody looked is counted at the link; a press is told")
        }
        "::connect::press" => {
            house.visitor(&link).await;
            let deed = Deed::of("visitor", link, &[]);
            deed.tells("authorization.started", "authorization", "?").within(&acme).by("link", None)
        }
        _ => return None,
    })
}

async fn waiting(house: &House) {
    let cx = house.world.cx();
    let mut tx = cx.store.write().await.unwrap();
    authorizer_grant::insert(&mut tx, &key(WAITS), &house.world.acme, house.world.now()).await.unwrap();
    let verdict = authorizer_state::Verdict {
        health: hufu::domain::health::Health::NeedsReauthorization,
        reason: hufu::domain::reason::Reason::NoApiRights,
        next_refresh_at: None,
        token_ends: true,
    };
    authorizer_state::judge(&mut tx, &key(WAITS), house.world.now(), &verdict).await.unwrap();
    tx.commit().await.unwrap();
}

fn picture() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[7; 90]].concat()
}
