//! Accounts, keys, authorisations, and what programs and WeChat send.

use hufu::sandbox::{GrantRequest, NEWCOMER_APPID};
use url::Url;

use super::house::{House, between};
use super::{Deed, How};
use crate::engine::world::SHOP;

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    house.at_work("chen").await.get("/authorize").await;
    let acme = house.world.acme.clone();
    let shop = |what: &str| Deed::of("chen", format!("/authorizers/{SHOP}/{what}"), &[]);
    let of_shop = |deed: Deed, action| deed.tells(action, "authorizer", SHOP).within(&acme);
    Some(match handler {
        "::authorizer::refresh" => of_shop(shop("refresh"), "authorizer.refresh_requested"),
        "::authorizer::pause" => of_shop(shop("pause"), "authorizer.paused"),
        "::authorizer::resume" => {
            house.browsers.get_mut("chen").unwrap().post(&format!("/authorizers/{SHOP}/pause"), &[]).await;
            of_shop(shop("resume"), "authorizer.resumed")
        }
        "::authorize::reauthorize" => of_shop(shop("reauthorize"), "authorization.restarted"),
        "::api::report" => {
            let path = format!("/api/v1/authorizers/{SHOP}/access-token/report");
            let deed = of_shop(Deed { how: How::Report, ..Deed::of("chen", path, &[]) }, "token.reported");
            deed.by("api_key", Some("仓库"))
        }
        "::api_keys::create" => {
            let fields = [("name", "订单"), ("read_token", "on")];
            Deed::of("chen", "/api-keys", &fields).tells("api_key.created", "api_key", "?").within(&acme)
        }
        "::api_keys::revoke" => {
            let key = house.key().await.key.id.to_string();
            let deed = Deed::of("chen", format!("/api-keys/{key}/revoke"), &[]);
            deed.tells("api_key.revoked", "api_key", key).within(&acme)
        }
        "::push::events" => Deed { how: How::Ticket, ..Deed::of("chen", "", &[]) }.tells_nothing(
            "WeChat's pushes are kept in the inbox, what they change in the accounts' history",
        ),
        "::push::messages" => {
            let url = house.world.portal.running.url.to_string();
            house.world.control.component(hufu::sandbox::ComponentPatch {
                appid: Some(NEWCOMER_APPID.to_owned()),
                message_url: Some(format!("{url}wechat/{NEWCOMER_APPID}/messages/$APPID$")),
                ..hufu::sandbox::ComponentPatch::default()
            });
            Deed { how: How::Message, ..Deed::of("chen", "", &[]) }
                .tells_nothing("WeChat's messages are kept in the inbox, and change nothing by themselves")
        }
        other => return flow(house, other).await,
    })
}

/// The way to WeChat and back.
async fn flow(house: &mut House, handler: &str) -> Option<Deed> {
    let acme = house.world.acme.clone();
    let start = Deed::of("chen", "/authorize", &[("auth_type", "3")]);
    if handler == "::authorize::start" {
        return Some(start.tells("authorization.started", "authorization", "?").within(&acme));
    }
    let chen = house.browsers.get_mut("chen").unwrap();
    let entry = chen.post("/authorize", &[("auth_type", "3")]).await.location().to_owned();
    let page = chen.get(&entry).await.body;
    Some(match handler {
        "::authorize::callback::back" => {
            let back = consent(house, &page);
            Deed::looking("chen", back).tells("authorization.returned", "authorization", "?").within(&acme)
        }
        "::authorize::entry::show" => {
            house.visitor("/sign-in").await;
            Deed::looking("visitor", entry)
                .tells_nothing("it only lets the device come back; coming back is told")
        }
        "::authorize::entry::result" => Deed::looking("chen", format!("{entry}/result"))
            .tells_nothing("it only lets the device come back; coming back is told"),
        "::authorize::entry::renew" => Deed::of("chen", format!("{entry}/renew"), &[])
            .tells("authorization.started", "authorization", "?")
            .within(&acme),
        _ => return None,
    })
}

/// The path WeChat sends the browser back to.
fn consent(house: &House, page: &str) -> String {
    let href = between(between(page, "<a id=\"go\"", ">"), "href=\"", "\"").replace("&#38;", "&");
    let go = Url::parse(&href.replace("&amp;", "&")).unwrap();
    let pair = |name: &str| go.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let grant = GrantRequest {
        pre_auth_code: Some(pair("pre_auth_code")),
        push: Some(false),
        ..GrantRequest::new(SHOP)
    };
    let code = house.world.control.grant(&grant).unwrap();
    let mut back = Url::parse(&pair("redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("auth_code", &code).append_pair("expires_in", "3600");
    format!("{}?{}", back.path(), back.query().unwrap())
}
