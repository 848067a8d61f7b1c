//! Takes a business server's word that an access token is dead. One that was replaced meanwhile costs nothing; the
//! current one is refreshed once, however many report it.

use crate::domain::audit::Actor;
use crate::secret::Secret as _;
use crate::store::hand_out::Offer;

use super::hand_out_token::{Handed, NotHanded, Shown, Whose, look, look_anew};
use super::renew_token::{self, Why};
use super::{Context, Unseen};

/// WeChat's answers that mean: this access token is not taken (any more).
pub const DEAD: [i64; 4] = [40001, 40014, 42001, 42007];

/// Hexadecimal digits of SHA-256 that name a token in public.
const NAME_LENGTH: usize = 16;

#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// As [`name_of`] gives it.
    pub fingerprint: &'a str,
    /// One of [`DEAD`].
    pub errcode: i64,
    /// The reporter.
    pub by: &'a Actor,
}

/// How a token is named where its holder and we talk about it: the first 16 hexadecimal digits, in lower case, of the
/// SHA-256 of its text.
pub fn name_of(token: &crate::secret::AuthorizerAccessToken) -> String {
    let mut name = token.fingerprint();
    name.truncate(NAME_LENGTH);
    name
}

/// The token to go on with.
///
/// # Errors
/// See [`NotHanded`].
pub async fn run(cx: &Context, whose: Whose<'_>, report: Report<'_>) -> Result<Handed, NotHanded> {
    let handed = take(cx, whose, report).await;
    let outcome = match &handed {
        Ok((_, outcome)) => outcome,
        Err(error) => error.as_str(),
    };
    metrics::counter!("hufu_reports_total", "outcome" => outcome).increment(1);
    handed.map(|(handed, _)| handed)
}

async fn take(
    cx: &Context,
    whose: Whose<'_>,
    report: Report<'_>,
) -> Result<(Handed, &'static str), NotHanded> {
    let mut shown = look(cx, whose, None).await?;
    if !is_about(&shown, report)? {
        // What is kept may be the older of the two: only the database knows which token is the newest.
        shown = look_anew(cx, whose).await?;
        if shown.from_memory() {
            return Err(Unseen::Away.into());
        }
    }
    if !is_about(&shown, report)? {
        let usable = |offer: &Offer| offer.is_usable(cx.clock.now());
        if !usable(shown.offer()) {
            shown = renew_token::run(cx, whose, Why::TooShort, usable).await?;
        }
        return if usable(shown.offer()) {
            Ok((shown.open(cx)?, "replaced_before"))
        } else {
            Err(NotHanded::NotNow(shown))
        };
    }
    let generation = shown.offer().generation;
    let why = Why::Dead { generation, errcode: report.errcode, by: report.by };
    let newer = |offer: &Offer| offer.generation != generation && offer.is_usable(cx.clock.now());
    let shown = renew_token::run(cx, whose, why, newer).await?;
    if newer(shown.offer()) { Ok((shown.open(cx)?, "renewed")) } else { Err(NotHanded::NotNow(shown)) }
}

/// Whether the current token is the one that is said to be dead.
fn is_about(shown: &Shown, report: Report<'_>) -> Result<bool, NotHanded> {
    let token = shown.offer().open()?;
    Ok(token.is_some_and(|token| name_of(&token) == report.fingerprint))
}
