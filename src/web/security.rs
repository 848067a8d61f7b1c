//! `/account/security`: one's own second factors; and whether the members of a tenant must have one.

use actix_web::web::Data;
use serde::Deserialize;

use crate::domain::role::Permission;
use crate::domain::text::Text;
use crate::secret::{RecoveryCode, TotpSecret};
use crate::service;
use crate::service::add_authenticator_app::{self, Added};
use crate::service::remove_second_factor::{self, Factor};
use crate::service::require_mfa::{self, Rule};
use crate::service::{Context, IdentityError, authenticator_app, renew_recovery_codes, see_second_factors};

use super::authorize::qr::Qr;
use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::recent::Recent;
use super::shell::{FlashKind, Nav};
use super::viewer::{ManageSecurity, SignedIn, Viewer};
use super::words::Words;

pub mod view;

use view::{AppView, CodesView, Found, SecurityView};

pub(super) const HERE: &str = "/account/security";
const APP: &str = "/account/security/app";

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    rule: String,
}

/// `GET /account/security`.
pub(super) async fn show(who: SignedIn, cx: Data<Context>) -> Answer {
    let factors = see_second_factors::run(&cx, &who.user.id).await?;
    let passkeys = see_second_factors::passkeys(&cx, &who.user.id).await?;
    let rule = match who.membership() {
        Some(membership) if membership.role.may(Permission::ManageSecurity) => {
            let required = see_second_factors::is_required(&cx, &membership.tenant.id).await?;
            Some((membership.tenant.name.clone(), required))
        }
        Some(_) | None => None,
    };
    let found = Found {
        factors,
        passkeys,
        passkeys_work: service::passkey::works_here(&cx),
        must_enrol: who.must_enrol,
        admins_free: who.user.platform.is_some() && !cx.settings.require_admin_mfa,
        rule,
    };
    Page(SecurityView::new(who.shell(Nav::None), who.now, &found)).ok()
}

/// `POST /account/security/app`: makes a secret to be scanned.
pub(super) async fn start_app(who: SignedIn, _: Recent, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    if !add_authenticator_app::start(&cx, who.now, &who.user).await? {
        who.flash(FlashKind::Note, APP_THERE)?;
        return Ok(see_other(HERE));
    }
    Ok(see_other(APP))
}

/// `GET /account/security/app`: the secret, until its first code was entered.
pub(super) async fn app(who: SignedIn, _: Recent, cx: Data<Context>) -> Answer {
    match add_authenticator_app::waiting(&cx, &who.user).await? {
        Some(secret) => app_page(&who, &secret, "")?.ok(),
        None => Ok(see_other(HERE)),
    }
}

/// `POST /account/security/app/confirm`.
pub(super) async fn add_app(who: SignedIn, _: Recent, cx: Data<Context>, Form(fields): Form<Code>) -> Answer {
    let typed = (&who.user, who.session_hash.as_str(), fields.code.as_str());
    match add_authenticator_app::run(&cx, who.now, &who.actor(), typed).await? {
        Added::Yes(Some(codes)) => codes_page(&who, &codes).ok(),
        Added::Yes(None) => {
            who.flash(FlashKind::Good, APP_ADDED)?;
            Ok(see_other(HERE))
        }
        Added::WrongCode => match add_authenticator_app::waiting(&cx, &who.user).await? {
            Some(secret) => app_page(&who, &secret, Words::of(who.lang).security.wrong_code)?.unprocessable(),
            None => Ok(see_other(HERE)),
        },
        Added::NotStarted => Ok(see_other(HERE)),
    }
}

/// `POST /account/security/app/remove`.
pub(super) async fn remove_app(who: SignedIn, _: Recent, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    remove(&who, &cx, &Factor::App).await
}

/// `POST /account/security/recovery-codes`: new ones, shown in the answer.
pub(super) async fn renew_codes(who: SignedIn, _: Recent, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    let codes = renew_recovery_codes::run(&cx, who.now, &who.actor(), &who.user).await?;
    codes_page(&who, &codes).ok()
}

/// `POST /security`: an owner decides for the tenant.
pub(super) async fn set_rule(
    viewer: Viewer<ManageSecurity>,
    _: Recent,
    cx: Data<Context>,
    Form(wanted): Form<Wanted>,
) -> Answer {
    let (rule, done) = match wanted.rule.as_str() {
        "required" => (Rule::Required, RULE_REQUIRED),
        "optional" => (Rule::Optional, RULE_WAIVED),
        _ => return Err(WebError::NotFound),
    };
    require_mfa::run(&cx, viewer.now, &viewer.actor(), (&viewer.tenant.id, rule)).await?;
    viewer.flash(FlashKind::Good, done)?;
    Ok(see_other(HERE))
}

pub(super) async fn remove(who: &SignedIn, cx: &Context, factor: &Factor) -> Answer {
    let what = (&who.user.id, factor, Some(who.session_hash.as_str()));
    match remove_second_factor::run(cx, who.now, &who.actor(), what).await {
        Ok(()) => who.flash(FlashKind::Good, REMOVED)?,
        // It was removed in another window.
        Err(IdentityError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(see_other(HERE))
}

fn app_page(who: &SignedIn, secret: &TotpSecret, problem: &'static str) -> Result<Page<AppView>, WebError> {
    let address = authenticator_app::address(secret, &who.user.email);
    let address =
        address.ok_or_else(|| WebError::internal("the secret of an authenticator app is broken"))?;
    Ok(Page(AppView::new(who.shell(Nav::None), secret, Qr::of(&address), problem)))
}

pub(super) fn codes_page(who: &SignedIn, codes: &[RecoveryCode]) -> Page<CodesView> {
    Page(CodesView::new(who.shell(Nav::None), codes))
}

const APP_ADDED: Text = Text::new(Words::ZH.security.app_added, Words::EN.security.app_added);
const APP_THERE: Text = Text::new(Words::ZH.security.app_there, Words::EN.security.app_there);
const REMOVED: Text = Text::new(Words::ZH.security.removed, Words::EN.security.removed);
const RULE_REQUIRED: Text = Text::new(Words::ZH.security.rule_required, Words::EN.security.rule_required);
const RULE_WAIVED: Text = Text::new(Words::ZH.security.rule_waived, Words::EN.security.rule_waived);
