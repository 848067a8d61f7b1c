//! One's own account: profile, password, sessions, second factors.

use hufu::secret::{Secret as _, TotpSecret};
use hufu::service::authenticator_app;

use super::Deed;
use super::house::{House, NEW, between};
use crate::harness::PASSWORD;

const SECURITY: &str = "/account/security";
/// Why a question tells nothing.
const ASKS: &str = "it only asks the browser; the answer is told";

pub(super) async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    let (area, name) = handler.trim_start_matches("::").split_once("::").unwrap();
    match area {
        "profile" => profile(house, name).await,
        "passkeys" => passkeys(house, name).await,
        _ => security(house, name).await,
    }
}

/// Another address to sign in with; each as somebody else, as letters to one are few.
async fn email(house: &mut House, name: &str) -> Option<Deed> {
    let (who, new) = match name {
        "ask" => ("zi", "zi.new@example.com"),
        "revoke" => ("chou", "chou.new@example.com"),
        _ => ("yin", "yin.new@example.com"),
    };
    house.at_work(who).await.get("/account").await;
    let id = house.person(who).await.id.to_string();
    let ask = [("email", new)];
    if name == "ask" {
        return Some(Deed::of(who, "/account/email", &ask).tells("user.email_change_asked", "user", id));
    }
    house.at_work(who).await.post("/account/email", &ask).await;
    if name == "revoke" {
        let deed = Deed::of(who, "/account/email/revoke", &[]);
        return Some(deed.tells("user.email_change_revoked", "user", id));
    }
    let path = house.letter_to(new).await;
    house.at_work(who).await.get(&path).await;
    (name == "confirm").then(|| Deed::of(who, path, &[]).tells("user.email_changed", "user", id))
}

async fn profile(house: &mut House, name: &str) -> Option<Deed> {
    if let Some(("email", name)) = name.split_once("::") {
        return email(house, name).await;
    }
    let who = match name {
        "password" => "wu",
        "end_others" => "pei",
        _ => "tao",
    };
    house.at_work(who).await.get("/account").await;
    let id = house.person(who).await.id.to_string();
    Some(match name {
        "save" => Deed::of(who, "/account", &[("name", "陶"), ("language", "zh-CN")]).tells(
            "profile.changed",
            "user",
            id,
        ),
        "password" => Deed::of(who, "/account/password", &[("present", PASSWORD), ("password", NEW)]).tells(
            "user.password_changed",
            "user",
            id,
        ),
        "end" | "end_others" => {
            house.world.portal.signed_in(who).await;
            let page = house.at_work(who).await.get("/account/sessions").await.body;
            let other = between(&page, "name=\"session\" value=\"", "\"");
            let path = if name == "end" { "/account/sessions/end" } else { "/account/sessions/end-others" };
            Deed::of(who, path, &[("session", other)]).tells("session.ended", "user", id)
        }
        _ => return None,
    })
}

async fn security(house: &mut House, name: &str) -> Option<Deed> {
    if name == "set_rule" {
        // The rival's only member may be asked for anything.
        let rival = house.world.rival.clone();
        house.at_work("own").await.get(SECURITY).await;
        let deed = Deed::of("own", "/security", &[("rule", "required")]);
        return Some(deed.tells("tenant.mfa_rule", "tenant", rival.as_str()).within(&rival));
    }
    if matches!(name, "remove_app" | "renew_codes") {
        let who = if name == "remove_app" { "xia" } else { "yan" };
        with_app(house, who).await;
        let id = house.person(who).await.id.to_string();
        let (what, action) = if name == "remove_app" {
            ("app/remove", "mfa.removed")
        } else {
            ("recovery-codes", "mfa.recovery_codes")
        };
        return Some(Deed::of(who, format!("{SECURITY}/{what}"), &[]).tells(action, "user", id));
    }
    house.at_work("zhu").await.get(SECURITY).await;
    let id = house.person("zhu").await.id.to_string();
    Some(match name {
        "start_app" => Deed::of("zhu", format!("{SECURITY}/app"), &[])
            .tells_nothing("a secret that counts for nothing until its first code is entered, which is told"),
        "add_app" => {
            let code = first_code(house, "zhu").await;
            let deed = Deed::of("zhu", format!("{SECURITY}/app/confirm"), &[("code", &code)]);
            deed.tells("mfa.app_added", "user", id)
        }
        _ => return None,
    })
}

async fn passkeys(house: &mut House, name: &str) -> Option<Deed> {
    let who = if name == "add" { "ren" } else { "an" };
    house.at_work(who).await.get(SECURITY).await;
    let id = house.person(who).await.id.to_string();
    if matches!(name, "sign_in" | "start_step_up" | "step_up" | "remove") {
        let made = register(house, who).await;
        let fields = [("name", "手机"), ("credential", &*made)];
        house.at_work(who).await.post(&format!("{SECURITY}/passkeys"), &fields).await;
    }
    Some(match name {
        "start_new" => Deed::of(who, format!("{SECURITY}/passkeys/start"), &[]).tells_nothing(ASKS),
        "start_sign_in" => {
            house.visitor("/sign-in").await;
            Deed::of("visitor", "/sign-in/passkey/start", &[]).tells_nothing(ASKS)
        }
        "start_step_up" => Deed::of(who, "/step-up/passkey/start", &[]).tells_nothing(ASKS),
        "add" => {
            let made = register(house, who).await;
            let deed = Deed::of(who, format!("{SECURITY}/passkeys"), &[("credential", &*made)]);
            deed.tells("mfa.passkey_added", "user", id)
        }
        "remove" => {
            let page = house.at_work(who).await.get(SECURITY).await.body;
            let passkey = between(&page, "/account/security/passkeys/", "/remove").to_owned();
            let passkey = passkey.rsplit('/').next().unwrap().to_owned();
            let deed = Deed::of(who, format!("{SECURITY}/passkeys/{passkey}/remove"), &[]);
            deed.tells("mfa.removed", "user", id)
        }
        "sign_in" => {
            let options = house.visitor("/sign-in").await.post("/sign-in/passkey/start", &[]).await.body;
            let shown = house.device.get(&options);
            let deed = Deed::of("visitor", "/sign-in/passkey", &[("credential", &*shown)]);
            deed.tells("session.sign_in", "user", id).by("user", Some("an@example.com"))
        }
        "step_up" => {
            let options = house.at_work(who).await.post("/step-up/passkey/start", &[]).await.body;
            let shown = house.device.get(&options);
            let deed = Deed::of(who, "/step-up/passkey", &[("credential", &*shown)]);
            deed.tells("session.step_up", "user", id)
        }
        _ => return None,
    })
}

/// What a new device answers to the question of this person's browser.
async fn register(house: &mut House, who: &'static str) -> String {
    house.device = crate::harness::Authenticator::new(super::house::ORIGIN);
    let options = house.at_work(who).await.post(&format!("{SECURITY}/passkeys/start"), &[]).await.body;
    house.device.create(&options)
}

/// The person has an authenticator app from now on; the recovery codes.
pub(super) async fn with_app(house: &mut House, who: &'static str) -> Vec<String> {
    let code = first_code(house, who).await;
    let done = house.at_work(who).await.post(&format!("{SECURITY}/app/confirm"), &[("code", &code)]).await;
    let list = between(&done.body, r#"<ol class="codes">"#, "</ol>");
    list.split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect()
}

/// The app's first code, which is not entered yet.
async fn first_code(house: &mut House, who: &'static str) -> String {
    let browser = house.at_work(who).await;
    browser.get(SECURITY).await;
    browser.post(&format!("{SECURITY}/app"), &[]).await;
    let page = browser.get(&format!("{SECURITY}/app")).await.body;
    let secret = between(&page, r#"<span class="copy"><code>"#, "<").replace(' ', "");
    authenticator_app::code(&TotpSecret::new(secret), house.world.now()).unwrap()
}
