//! What the platform's administrators do.

use hufu::domain::ids::{TenantId, UserId};
use hufu::domain::role::Role;
use hufu::sandbox::NEWCOMER_APPID;
use hufu::store::membership;

use super::Deed;
use super::house::{House, NEW, between};
use super::oneself::with_app;
use crate::engine::world::SHOP;

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    house.at_work("boss").await.get("/admin/tenants").await;
    let (area, name) = handler.trim_start_matches("::admin::").split_once("::").unwrap();
    match area {
        "components" | "reveal" => Some(component(name)?),
        "tenants" | "tenant_life" => tenant(house, name).await,
        "users" | "user" => user(house, name).await,
        "unclaimed" => Some(unclaimed(house).await),
        _ => None,
    }
}

fn component(name: &str) -> Option<Deed> {
    const OTHER: &str = "wx0123456789abcdef";
    let here = format!("/admin/components/{NEWCOMER_APPID}");
    Some(match name {
        "add" => Deed::of(
            "boss",
            "/admin/components",
            &[
                ("appid", OTHER),
                ("name", "平台"),
                ("appsecret", "a secret of the platform"),
                ("token", "atoken"),
                ("aes_key", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
            ],
        )
        .tells("component.added", "component", OTHER),
        "update" => Deed::of("boss", here, &[("name", "另一个名字")]).tells(
            "component.changed",
            "component",
            NEWCOMER_APPID,
        ),
        "show" => {
            let fields = [("secret", "token"), ("reason", "与微信后台核对，工单 4711")];
            Deed::of("boss", format!("{here}/reveal"), &fields).tells(
                "component.secret_revealed",
                "component",
                NEWCOMER_APPID,
            )
        }
        "push" => Deed::of("boss", format!("{here}/push"), &[]).tells(
            "component.push_requested",
            "component",
            NEWCOMER_APPID,
        ),
        _ => return None,
    })
}

async fn tenant(house: &mut House, name: &str) -> Option<Deed> {
    if name == "create" {
        let deed = Deed::of("boss", "/admin/tenants", &[("name", "甲"), ("slug", "jia")]);
        return Some(deed.tells("tenant.created", "tenant", "?").within_its_own());
    }
    let slug = format!("for-{}", name.replace('_', "-"));
    let of = house.world.portal.tenant(&slug).await;
    let here = format!("/admin/tenants/{of}");
    let boss =
        |what: &str, fields: &[(&'static str, &str)]| Deed::of("boss", format!("{here}/{what}"), fields);
    let told = |deed: Deed, action| deed.tells(action, "tenant", of.as_str()).within(&of);
    Some(match name {
        "rename" => told(boss("name", &[("name", "乙")]), "tenant.renamed"),
        "suspend" => told(boss("suspend", &[]), "tenant.suspended"),
        "limit" => told(boss("limits", &[("members", "7")]), "tenant.limited"),
        "delete" => told(boss("delete", &[("slug", &*slug)]), "tenant.deletion_requested"),
        "resume" => {
            press(house, &format!("{here}/suspend"), &[]).await;
            told(boss("resume", &[]), "tenant.resumed")
        }
        "keep" => {
            press(house, &format!("{here}/delete"), &[("slug", &*slug)]).await;
            told(boss("keep", &[]), "tenant.deletion_undone")
        }
        "add_member" => {
            house.person("gu").await;
            let fields = [("email", "gu@example.com"), ("role", "viewer")];
            boss("members", &fields).tells("member.invited", "invitation", "?").within(&of)
        }
        "remove_member" => {
            let id = house.person("hu").await.id.to_string();
            join(house, &of, &id).await;
            boss(&format!("members/{id}/remove"), &[]).tells("member.removed", "user", id).within(&of)
        }
        _ => return None,
    })
}

/// A member from before.
async fn join(house: &House, of: &TenantId, user: &str) {
    let cx = house.world.cx();
    let mut tx = cx.store.write().await.unwrap();
    let user = UserId::parse(user).unwrap();
    membership::put(&mut tx, of, &user, Role::Viewer, house.world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn press(house: &mut House, path: &str, fields: &[(&str, &str)]) {
    let answer = house.at_work("boss").await.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
}

async fn user(house: &mut House, name: &str) -> Option<Deed> {
    if name == "create" {
        let fields = [("email", "new@example.com"), ("name", "新"), ("password", NEW)];
        return Some(Deed::of("boss", "/admin/users", &fields).tells("user.created", "user", "?"));
    }
    let who = match name {
        "reset_factors" => "ke",
        "put_email" => "mao",
        _ => "jin",
    };
    let id = house.person(who).await.id.to_string();
    let here = format!("/admin/users/{id}");
    let boss =
        |what: &str, action| Deed::of("boss", format!("{here}/{what}"), &[]).tells(action, "user", &*id);
    Some(match name {
        "reset" => boss("reset", "user.reset_link"),
        "put_email" => {
            let deed = Deed::of("boss", format!("{here}/email"), &[("email", "mao.new@example.com")]);
            deed.tells("user.email_changed", "user", id)
        }
        "end" => boss("sessions/end", "session.ended"),
        "disable" => boss("disable", "user.disabled"),
        "enable" => {
            house.at_work("boss").await.post(&format!("{here}/disable"), &[]).await;
            boss("enable", "user.enabled")
        }
        "reset_factors" => {
            with_app(house, who).await;
            boss("reset-factors", "mfa.reset")
        }
        _ => return None,
    })
}

/// The rival was granted an account that is another's.
async fn unclaimed(house: &mut House) -> Deed {
    let rival: TenantId = house.world.rival.clone();
    let pressed = house.world.press(&rival, None).await;
    let code = house.world.consent(&pressed, SHOP, true).await;
    house.world.come_back(&pressed, &code).await.unwrap();
    house.world.tick().await;
    let page = house.at_work("boss").await.get("/admin/unclaimed").await.body;
    let grant = between(&page, "action=\"/admin/unclaimed/", "\"").to_owned();
    let deed = Deed::of("boss", format!("/admin/unclaimed/{grant}"), &[("decision", "dismiss")]);
    deed.tells("grant.dismissed", "grant", grant)
}
