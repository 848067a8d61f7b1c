//! Passkeys (WebAuthn): the only file that names webauthn-rs. A ceremony has two halves: what the browser is asked, with
//! a state that stays at the server, and what it answers. Every passkey verifies its user, so that it is two factors by
//! itself.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, Passkey as Credential,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
    Webauthn, WebauthnBuilder,
};

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::ids::{PasskeyId, UserId};
use crate::domain::second_factor::{Passkey, Purpose};
use crate::domain::user::{Proved, User};
use crate::secret::{RecoveryCode, fingerprint};
use crate::store::passkey::{self, Stored};
use crate::store::{StoreError, Writer, app_user, audit, second_factor, session, session_epoch};

use super::renew_recovery_codes::NewCodes;
use super::{Context, IdentityError, prove_identity};

mod brake;

use brake::Brake;

/// More of them are of no use to anybody.
const MOST: usize = 20;
/// How long a question can be answered.
pub const QUESTION_LASTS: Duration = Duration::from_secs(5 * 60);

/// What the browser is asked, as JSON, and what the server keeps meanwhile. The state never leaves the server.
#[derive(Clone, Debug)]
pub struct Question {
    pub options: String,
    pub state: String,
}

#[derive(Serialize, Deserialize)]
enum State {
    Register(PasskeyRegistration),
    /// Anybody who has a passkey here.
    Anyone(DiscoverableAuthentication),
    /// One user, by any of theirs.
    Known(PasskeyAuthentication),
}

/// Whether browsers can use passkeys here: they belong to a domain, and to https or to this very machine.
pub fn works_here(cx: &Context) -> bool {
    let url = &cx.settings.public_url;
    let local = url.domain() == Some("localhost");
    url.domain().is_some() && (url.scheme() == "https" || local)
}

fn relying_party(cx: &Context) -> Option<Webauthn> {
    let url = &cx.settings.public_url;
    let domain = url.domain().filter(|_| works_here(cx))?;
    WebauthnBuilder::new(domain, url).ok()?.rp_name("Hufu 虎符").build().ok()
}

/// Asks for a new passkey; one that is there already is not made twice. `None` where passkeys do not work, or when
/// there are too many.
///
/// # Errors
/// `Store`.
pub async fn ask_new(cx: &Context, user: &User) -> Result<Option<Question>, IdentityError> {
    let mine = passkey::list_of_user(&mut cx.store.read().await?, &user.id).await?;
    let Some(rp) = relying_party(cx).filter(|_| mine.len() < MOST) else { return Ok(None) };
    let known: Vec<CredentialID> = credentials(&mine).iter().map(|one| one.cred_id().clone()).collect();
    let started =
        rp.start_passkey_registration(handle(&user.id), user.email.as_str(), &user.name, Some(known));
    let Ok((options, state)) = started else { return Ok(None) };
    let Ok(mut options) = serde_json::to_value(options) else { return Ok(None) };
    // To be found without a name when signing in, where the authenticator has room for that.
    options["publicKey"]["authenticatorSelection"]["residentKey"] = "preferred".into();
    Ok(question(&options, &State::Register(state)))
}

/// How it went.
#[derive(Debug)]
pub enum Added {
    /// Recovery codes are new when there were none left.
    Yes(Option<Vec<RecoveryCode>>),
    /// The answer does not belong to the question, or the passkey is somebody's already.
    Refused,
}

/// The browser's answer to [`ask_new`]. `session`: the name of the session that stays when this is the first second
/// factor; the others were begun with the password alone.
///
/// # Errors
/// `Store`, `Hashing`.
pub async fn add(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (user, session): (&User, &str),
    (name, state, answer): (&str, &str, &str),
) -> Result<Added, IdentityError> {
    let Some(credential) = registered(cx, state, answer) else { return Ok(Added::Refused) };
    let Ok(text) = serde_json::to_string(&credential) else { return Ok(Added::Refused) };
    let Ok(id) = PasskeyId::parse(&cx.random.id(now)) else { return Ok(Added::Refused) };
    let codes = NewCodes::make(cx).await?;
    let new = Stored {
        passkey: Passkey { id, name: name.to_owned(), created_at: now, last_used_at: None },
        user: user.id.clone(),
        credential_id: URL_SAFE_NO_PAD.encode(credential.cred_id()),
        credential: text,
    };
    let mut tx = cx.store.write().await?;
    session_epoch::hold(&mut tx, &user.id).await?;
    let first = !second_factor::of_user(&mut tx, &user.id).await?.any();
    match passkey::insert(&mut tx, &new).await {
        Err(StoreError::Conflict(_)) => return Ok(Added::Refused),
        done => done?,
    }
    let codes = codes.put_first(&mut tx, &user.id, now).await?;
    if first {
        session::forget_others(&mut tx, &user.id, session).await?;
    }
    let entry = Entry::platform(Action::PasskeyAdded, Subject::user(user));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("name", Said(name)))).await?;
    tx.commit().await?;
    Ok(Added::Yes(codes))
}

fn registered(cx: &Context, state: &str, answer: &str) -> Option<Credential> {
    let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
    match serde_json::from_str::<State>(state).ok()? {
        State::Register(state) => relying_party(cx)?.finish_passkey_registration(&answer, &state).ok(),
        State::Anyone(_) | State::Known(_) => None,
    }
}

/// Asks who is there: `user` when it is known already, else anybody. `None` where passkeys do not work, or when the
/// user has none.
///
/// # Errors
/// `Store`.
pub async fn ask(cx: &Context, user: Option<&UserId>) -> Result<Option<Question>, IdentityError> {
    let Some(rp) = relying_party(cx) else { return Ok(None) };
    let Some(user) = user else {
        let Ok((options, state)) = rp.start_discoverable_authentication() else { return Ok(None) };
        let options = serde_json::to_value(options).ok();
        return Ok(options.and_then(|options| question(&options, &State::Anyone(state))));
    };
    let mine = passkey::list_of_user(&mut cx.store.read().await?, user).await?;
    if mine.is_empty() {
        return Ok(None);
    }
    let Ok((options, state)) = rp.start_passkey_authentication(&credentials(&mine)) else { return Ok(None) };
    let options = serde_json::to_value(options).ok();
    Ok(options.and_then(|options| question(&options, &State::Known(state))))
}

/// How the browser's answer was found.
#[derive(Debug)]
pub enum Checked {
    Right(Proved),
    /// Not right, of somebody else than expected, of somebody who is shut out, or given before.
    Wrong,
    /// It was not looked at: too many wrong ones before.
    Wait(Duration),
}

/// The browser's answer to [`ask`]: whose passkey it was. Wrong ones count: at a user who is expected like wrong codes,
/// else like wrong passwords.
///
/// # Errors
/// `Store`.
pub async fn check(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (expected, purpose, state, answer): (Option<&User>, Purpose, &str, &str),
) -> Result<Checked, IdentityError> {
    let shown = shown(cx, answer).await?;
    let brake = Brake::of((expected, purpose), shown.as_ref().map(|shown| &shown.user), by);
    if let Some(wait) = brake.hold(cx, now).await? {
        return Ok(Checked::Wait(wait));
    }
    let right = shown.filter(|shown| expected.is_none_or(|user| user.id == shown.user.id));
    let right = right.and_then(|shown| Some((authenticated(cx, &shown, state)?, shown.user)));
    let mut tx = cx.store.write().await?;
    let right = match right {
        Some((proof, user)) => match session_epoch::hold(&mut tx, &user.id).await? {
            Some(epoch) if use_up(&mut tx, now, state, &proof).await? => Some(Proved { user, epoch }),
            Some(_) | None => None,
        },
        None => None,
    };
    let Some(who) = right else {
        brake.tell(&mut tx, (now, by), purpose).await?;
        tx.commit().await?;
        return Ok(Checked::Wrong);
    };
    brake.let_go(&mut tx, now).await?;
    prove_identity::tell(&mut tx, (now, by), (&who.user, purpose), ("passkey", true)).await?;
    tx.commit().await?;
    Ok(Checked::Right(who))
}

/// The passkey that an answer names, of somebody who may come in.
struct Shown {
    stored: Stored,
    user: User,
    answer: PublicKeyCredential,
}

async fn shown(cx: &Context, answer: &str) -> Result<Option<Shown>, StoreError> {
    let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(None) };
    let credential_id = URL_SAFE_NO_PAD.encode(&answer.raw_id);
    let mut tx = cx.store.read().await?;
    let Some(stored) = passkey::find_by_credential(&mut tx, &credential_id).await? else { return Ok(None) };
    let user = app_user::find(&mut tx, &stored.user).await?.filter(|user| user.disabled_at.is_none());
    Ok(user.map(|user| Shown { stored, user, answer }))
}

/// A right answer, and what is to be kept of it.
struct Authenticated {
    id: PasskeyId,
    credential: String,
}

/// `false` when the question was answered before, or the passkey is gone.
async fn use_up(
    tx: &mut Writer,
    now: Timestamp,
    state: &str,
    proof: &Authenticated,
) -> Result<bool, StoreError> {
    let fresh = passkey::claim_question(tx, &fingerprint(state), now.plus(QUESTION_LASTS)).await?;
    Ok(fresh && passkey::put_use(tx, &proof.id, &proof.credential, now).await?)
}

fn authenticated(cx: &Context, shown: &Shown, state: &str) -> Option<Authenticated> {
    let Shown { stored, answer, .. } = shown;
    let mut credential: Credential = serde_json::from_str(&stored.credential).ok()?;
    let rp = relying_party(cx)?;
    let result = match serde_json::from_str::<State>(state).ok()? {
        State::Anyone(state) => {
            let (named, _) = rp.identify_discoverable_authentication(answer).ok()?;
            (named == handle(&stored.user))
                .then(|| rp.finish_discoverable_authentication_v2(answer, state, &credential))?
        }
        State::Known(state) => rp.finish_passkey_authentication(answer, &state),
        State::Register(_) => return None,
    };
    let result = result.ok().filter(AuthenticationResult::user_verified)?;
    credential.update_credential(&result);
    let credential = serde_json::to_string(&credential).unwrap_or_else(|_| stored.credential.clone());
    Some(Authenticated { id: stored.passkey.id.clone(), credential })
}

fn credentials(stored: &[Stored]) -> Vec<Credential> {
    stored.iter().filter_map(|one| serde_json::from_str(&one.credential).ok()).collect()
}

fn question(options: &serde_json::Value, state: &State) -> Option<Question> {
    // Only the options: how the browser offers them is the page's matter.
    let options = serde_json::json!({ "publicKey": options["publicKey"] }).to_string();
    Some(Question { options, state: serde_json::to_string(state).ok()? })
}

/// What authenticators know a user by: it says nothing about them.
fn handle(user: &UserId) -> Uuid {
    let hash = Sha256::digest(format!("hufu passkey user {user}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(bytes)
}
