//! Members, invitations, forgotten passwords, and taking the audit or everything along.

use super::Deed;
use super::house::{House, NEW, between};

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    house.at_work("chen").await.get("/members").await;
    let acme = house.world.acme.clone();
    Some(match handler {
        "::members::invite" => {
            let fields = [("email", "xin@example.com"), ("role", "viewer")];
            Deed::of("chen", "/members", &fields).tells("member.invited", "invitation", "?").within(&acme)
        }
        "::members::resend" | "::members::revoke" => {
            invite(house, "lao@example.com").await;
            let page = house.browsers.get_mut("chen").unwrap().get("/members").await.body;
            let id = between(&page, "/members/invitations/", "/").to_owned();
            let (what, action) = if handler.ends_with("resend") {
                ("resend", "member.invited")
            } else {
                ("revoke", "member.invitation_revoked")
            };
            let deed = Deed::of("chen", format!("/members/invitations/{id}/{what}"), &[]);
            deed.tells(action, "invitation", "?").within(&acme)
        }
        "::members::change_role" => {
            let id = house.person("lin").await.id.to_string();
            let deed = Deed::of("chen", format!("/members/{id}/role"), &[("role", "operator")]);
            deed.tells("member.put", "user", id).within(&acme)
        }
        "::members::remove" => {
            let id = house.person("mu").await.id.to_string();
            let deed = Deed::of("chen", format!("/members/{id}/remove"), &[]);
            deed.tells("member.removed", "user", id).within(&acme)
        }
        "::audit::export" => {
            house.browsers.get_mut("chen").unwrap().get("/audit").await;
            let deed = Deed::of("chen", "/audit/export", &[("format", "csv")]);
            deed.tells("audit.exported", "tenant", acme.as_str()).within(&acme)
        }
        "::audit::export_all" => {
            house.at_work("boss").await.get("/admin/audit").await;
            let deed = Deed::of("boss", "/admin/audit/export", &[("format", "json")]);
            deed.tells("audit.exported", "platform", "")
        }
        "::tenant_export::own" => {
            Deed::of("chen", "/export", &[]).tells("tenant.exported", "tenant", acme.as_str()).within(&acme)
        }
        "::tenant_export::of_tenant" => {
            house.at_work("boss").await.get("/admin/tenants").await;
            let deed = Deed::of("boss", format!("/admin/tenants/{acme}/export"), &[]);
            deed.tells("tenant.exported", "tenant", acme.as_str()).within(&acme)
        }
        "::invitation::accept" => {
            invite(house, "you@example.com").await;
            let path = house.letter_to("you@example.com").await;
            house.visitor(&path).await;
            let deed = Deed::of("visitor", path, &[("name", "游"), ("password", NEW)]);
            let deed = deed.tells("member.invitation_accepted", "user", "?").within(&acme);
            deed.by("user", Some("you@example.com"))
        }
        "::password::ask" => {
            house.person("pan").await;
            house.visitor("/password/forgot").await;
            Deed::of("visitor", "/password/forgot", &[("email", "pan@example.com")])
                .tells_nothing("it answers the same for everybody; that the link is used is told")
        }
        "::password::save" => {
            let id = house.person("qi").await.id.to_string();
            let ask = [("email", "qi@example.com")];
            house.visitor("/password/forgot").await.post("/password/forgot", &ask).await;
            let path = house.letter_to("qi@example.com").await;
            house.visitor(&path).await;
            let deed = Deed::of("visitor", path, &[("password", NEW)]);
            deed.tells("user.password_reset", "user", id).by("user", Some("qi@example.com"))
        }
        _ => return None,
    })
}

async fn invite(house: &mut House, email: &str) {
    let chen = house.browsers.get_mut("chen").unwrap();
    let sent = chen.post("/members", &[("email", email), ("role", "viewer")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
}
