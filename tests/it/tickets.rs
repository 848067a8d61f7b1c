//! Tickets that are pushed at the same time share a transaction, and each is answered only when it is durable.

use std::time::Duration;

use futures_util::future::join_all;
use hufu::domain::audit::Actor;
use hufu::domain::ids::ComponentAppid;
use hufu::secret::{ComponentAppsecret, ComponentVerifyTicket, EncodingAesKey, PushToken, Secret as _};
use hufu::service::put_component::{self, Input, Mode};
use hufu::service::store_tickets::{self, Pushed};
use hufu::store::component_ticket;

use crate::harness::Portal;

on_both_databases!(of_a_crowd_of_tickets_the_newest_counts_whatever_their_order, |db| async {
    let portal = Portal::start(&db).await;
    let (cx, now) = (portal.cx(), portal.clock.now());
    let mut pushes = Vec::new();
    for appid in ["wxa", "wxb"] {
        let appid = ComponentAppid::parse(appid).unwrap();
        let input = Input {
            appid: appid.clone(),
            name: None,
            appsecret: Some(ComponentAppsecret::new("secret")),
            token: Some(PushToken::new("token")),
            aes_key: Some(EncodingAesKey::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")),
            previous_token: None,
            previous_aes_key: None,
        };
        put_component::run(cx, now, &Actor::cli(), Mode::Add, input).await.unwrap().unwrap();
        // The newest stands in the middle.
        for age in [9, 4, 0, 7, 2] {
            let ticket = ComponentVerifyTicket::new(format!("ticket of {appid}, {age} s old"));
            let created = now.minus(Duration::from_secs(age));
            pushes.push(Pushed { component: appid.clone(), ticket, created });
        }
    }

    let stored = join_all(pushes.into_iter().map(|pushed| store_tickets::run(cx, now, pushed))).await;

    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    let mut tx = cx.store.read().await.unwrap();
    for appid in ["wxa", "wxb"] {
        let component = ComponentAppid::parse(appid).unwrap();
        let newest = component_ticket::newest(&mut tx, &cx.vault, &component).await.unwrap().unwrap();
        assert_eq!(newest.ticket.expose(), format!("ticket of {appid}, 0 s old"));
    }
    drop(tx);
    portal.stop().await;
});
