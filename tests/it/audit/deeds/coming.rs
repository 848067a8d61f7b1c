//! Coming and going, and confirming who one is.

use hufu::secret::Secret as _;
use hufu::service::set_up;

use super::Deed;
use super::house::{House, NEW};
use super::oneself::with_app;
use crate::harness::PASSWORD;

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    Some(match handler {
        "::set_up::submit" => {
            let (cx, now) = (house.world.cx(), house.world.now());
            let token = set_up::offer(cx, now).await.unwrap().expect("nobody runs the platform yet");
            let path = format!("/setup/{}", token.expose());
            house.visitor(&path).await;
            let deed = Deed::of(
                "visitor",
                path,
                &[("name", "首"), ("email", "first@example.com"), ("password", NEW)],
            );
            deed.tells("platform.set_up", "user", "?").by("user", Some("first@example.com"))
        }
        "::sign_in::submit" => {
            let id = house.person("chen").await.id.to_string();
            house.visitor("/sign-in").await;
            let deed =
                Deed::of("visitor", "/sign-in", &[("email", "chen@example.com"), ("password", PASSWORD)]);
            deed.tells("session.sign_in", "user", id).by("user", Some("chen@example.com"))
        }
        "::sign_up::ask" => {
            house.visitor("/sign-up").await;
            let fields = [("company", "青禾 Tea"), ("name", "陈晓"), ("email", "tea@example.com")];
            Deed::of("visitor", "/sign-up", &fields)
                .tells_nothing("it answers the same for everybody; that the link is used is told")
        }
        "::sign_up::finish" => {
            let fields = [("company", "白露 Dew"), ("name", "白露"), ("email", "dew@example.com")];
            house.visitor("/sign-up").await.post("/sign-up", &fields).await;
            let path = house.letter_to("dew@example.com").await;
            house.visitor(&path).await;
            let deed =
                Deed::of("visitor", path, &[("password", NEW)]).tells("tenant.signed_up", "tenant", "?");
            deed.by("user", Some("dew@example.com")).within_its_own()
        }
        "::second::submit" => {
            let codes = with_app(house, "shan").await;
            let id = house.person("shan").await.id.to_string();
            let half = house.visitor("/sign-in").await;
            super::house::sign_in(half, "shan").await;
            half.get("/sign-in/second").await;
            let deed = Deed::of("visitor", "/sign-in/second", &[("code", &codes[0])]);
            deed.tells("session.sign_in", "user", id).by("user", Some("shan@example.com"))
        }
        "::sign_out::submit" => {
            house.at_work("chen").await;
            let mut leaving = house.world.portal.signed_in("chen").await;
            leaving.get("/authorize").await;
            house.browsers.insert("leaving", leaving);
            let id = house.person("chen").await.id.to_string();
            let deed = Deed::of("leaving", "/sign-out", &[]).tells("session.sign_out", "user", id);
            deed.by("user", Some("chen@example.com"))
        }
        "::language::choose" => {
            house.at_work("chen").await;
            let id = house.person("chen").await.id.to_string();
            Deed::looking("chen", "/language?lang=en").tells("profile.language", "user", id)
        }
        "::switch_tenant::submit" => {
            let acme = house.world.acme.clone();
            house.at_work("chen").await.get("/authorize").await;
            let deed = Deed::of("chen", "/tenant", &[("tenant", acme.as_str())]);
            deed.tells("session.tenant_switched", "tenant", acme.as_str()).within(&acme)
        }
        "::step_up::submit" => {
            house.at_work("chen").await.get("/authorize").await;
            let id = house.person("chen").await.id.to_string();
            Deed::of("chen", "/step-up", &[("password", PASSWORD)]).tells("session.step_up", "user", id)
        }
        _ => return None,
    })
}
