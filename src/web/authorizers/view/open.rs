//! An authorisation that was begun and not finished, as a row.

use crate::domain::authorization::AuthType;
use crate::domain::health::Health;
use crate::secret::Secret as _;
use crate::service::open_authorizations::OpenAuthorization;
use crate::web::account::Gaze;
use crate::web::parts::Badge;
use crate::web::when::Moment;
use crate::web::words::fill;

/// Ready to print.
#[derive(Clone, Debug)]
pub struct OpenRow {
    pub title: String,
    /// What may be chosen on WeChat's page.
    pub offers: &'static str,
    pub badge: Badge,
    pub made: String,
    pub left: Moment,
    /// The entry page.
    pub href: String,
}

impl OpenRow {
    pub fn of(open: &OpenAuthorization, gaze: &Gaze) -> Self {
        let words = &gaze.w.list;
        let attempt = &open.authorization;
        Self {
            title: match &attempt.expected_appid {
                Some(appid) => fill(words.pending_for, &[appid.as_str()]),
                None => words.pending_any.to_owned(),
            },
            offers: match attempt.auth_type {
                AuthType::OfficialAccount => words.of_kind_official,
                AuthType::MiniProgram => words.of_kind_program,
                AuthType::Both => words.of_kind_both,
            },
            badge: Badge::of(Health::PendingAuthorization, gaze.lang),
            made: fill(words.pending_made, &[&gaze.moment(attempt.created_at).text]),
            left: Moment::left(attempt.code_expires_at, gaze.now, gaze.locale()),
            href: format!("/authorize/{}", open.entry.expose()),
        }
    }
}
