//! A sentence about what was just done, kept in the session until the next page shows it.

use actix_session::Session;

use super::error::WebError;
use super::session;
use super::shell::{Flash, FlashKind};

const FLASH: &str = "flash";

/// Leaves a sentence for the next page of this session.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub fn leave(session: &Session, kind: FlashKind, text: &str) -> Result<(), WebError> {
    session::put(session, FLASH, &format!("{} {text}", kind.as_str()))
}

/// Takes the sentence out.
pub(super) fn take(session: &Session) -> Option<Flash> {
    // Removing what is not there would count as a change and write the session's row.
    if !session.contains_key(FLASH) {
        return None;
    }
    let text: String = session.remove_as(FLASH)?.ok()?;
    let (kind, text) = text.split_once(' ')?;
    Some(Flash { kind: FlashKind::from_name(kind)?, text: text.to_owned() })
}
