//! What WeChat tells of an account, as a card.

use crate::domain::authorizer::{Authorizer, Kind};
use crate::web::account::Gaze;
use crate::web::words::fill;

/// Ready to print; what WeChat did not tell is left out.
#[derive(Clone, Debug)]
pub struct ProfileCard {
    pub appid: String,
    pub original_id: Option<String>,
    pub alias: Option<String>,
    pub principal: Option<String>,
    pub signature: Option<String>,
    pub verified: Option<&'static str>,
    pub component: String,
    pub read: String,
}

impl ProfileCard {
    pub fn of(one: &Authorizer, component_name: Option<&str>, gaze: &Gaze) -> Self {
        let words = &gaze.w.detail;
        let profile = &one.profile;
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Self {
            appid: one.key.authorizer.to_string(),
            original_id: said(&profile.user_name),
            alias: said(&profile.alias),
            principal: said(&profile.principal_name),
            signature: said(&profile.signature),
            verified: profile
                .verify_type
                .filter(|_| is_verifiable(one.kind))
                .map(|kind| if kind >= 0 { words.verified_yes } else { words.verified_no }),
            component: component_name
                .filter(|name| !name.is_empty())
                .unwrap_or(one.key.component.as_str())
                .to_owned(),
            read: match one.info_at {
                Some(at) => fill(words.info_at, &[&gaze.moment(at).text]),
                None => words.info_never.to_owned(),
            },
        }
    }
}

/// WeChat documents `verify_type_info` for these kinds: -1 is not verified, 0 and above is.
const fn is_verifiable(kind: Kind) -> bool {
    match kind {
        Kind::OfficialAccount | Kind::MiniProgram => true,
        Kind::Channels | Kind::Other | Kind::Unknown => false,
    }
}
