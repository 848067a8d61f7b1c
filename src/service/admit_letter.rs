//! How many letters people of a tenant may have sent to addresses that they type in: a letter carries the tenant's name to
//! somebody who did not ask for it. Few to one recipient in a row, and so many in a day for the whole tenant, in the
//! caller's transaction: what is not sent is not counted.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::letter::LetterKind;
use crate::domain::merchant_link::Pace;
use crate::domain::text::Text;
use crate::domain::throttle::{LETTERS, LINK_LETTERS, Rule};
use crate::domain::user::Email;
use crate::store::{StoreError, Writer, press_rate};

use super::{Context, throttle};

/// A company of some size invites dozens of people at once and writes to a few hundred merchants; whoever needs more in a
/// day copies the links.
pub const A_DAY: u64 = 200;
const PACE_OF_TENANT: Pace =
    Pace { every: Duration::from_secs(24 * 3600 / A_DAY), burst: A_DAY.cast_signed() };

/// Why a letter is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyLetters {
    ToRecipient,
    OfTenant,
}

impl TooManyLetters {
    pub const fn sentence(self) -> Text {
        match self {
            Self::ToRecipient => Text::new(
                "刚给这个邮箱发过几封邮件，请一小时后再试；已发出的仍然有效",
                "This address was sent several letters just now; try again in an hour, those that left stay valid",
            ),
            Self::OfTenant => Text::new(
                "一天内发出的邮件已达上限（200 封），请稍后再试；已发出的仍然有效",
                "As many letters have left as may in a day (200); try again later, those that left stay valid",
            ),
        }
    }
}

/// Whether one more letter may go to this recipient. Always, when the house sends no letters.
///
/// The tenant's own row is taken first; whoever writes to several recipients asks in the order of [`place`].
///
/// # Errors
/// When the database does not answer.
pub(super) async fn run(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    of: &TenantId,
    (kind, to): (LetterKind, &Email),
) -> Result<Result<(), TooManyLetters>, StoreError> {
    if cx.settings.mail.is_none() {
        return Ok(Ok(()));
    }
    if !press_rate::take(tx, &format!("letters:{of}"), PACE_OF_TENANT, now).await? {
        return Ok(Err(TooManyLetters::OfTenant));
    }
    let admitted = throttle::admit_letter_by(tx, now, rule(kind), (kind.as_str(), to.as_str())).await?;
    Ok(admitted.map_err(|_| TooManyLetters::ToRecipient))
}

/// Where a recipient stands among others, so that no two transactions wait for each other.
pub(super) fn place(kind: LetterKind, to: &Email) -> String {
    throttle::letter_key(kind.as_str(), to.as_str())
}

/// A merchant's person may look after many accounts, each with a letter of its own.
const fn rule(kind: LetterKind) -> &'static Rule {
    match kind {
        LetterKind::MerchantLink => &LINK_LETTERS,
        LetterKind::Invitation
        | LetterKind::PasswordReset
        | LetterKind::PasswordChanged
        | LetterKind::EmailConfirmation
        | LetterKind::EmailChanged
        | LetterKind::SignUp => &LETTERS,
    }
}
