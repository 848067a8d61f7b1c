//! A link for a merchant without a login: who holds it may grant an account to the tenant that made it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId};
use crate::domain::text::Lang;
use crate::domain::user::Email;

const DAY: u64 = 24 * 3600;

/// Lives that can be chosen, in days; the last is the longest there is.
pub const DAYS: [u64; 4] = [1, 7, 30, 90];
pub const USUAL_DAYS: u64 = 7;
/// More successful uses than this are written as "any number".
pub const MOST_USES: i64 = 1000;

/// Which of WeChat's consent pages the merchant is led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// As the merchant's browser suggests.
    Any,
    /// The page for computers, with a QR code.
    Pc,
    /// The page inside WeChat on a phone.
    H5,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::Any, Self::Pc, Self::H5];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Pc => "pc",
            Self::H5 => "h5",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Open,
    /// As many accounts were granted as it was made for.
    Finished,
    Expired,
    /// Ended by a person before its time.
    Revoked,
}

impl Standing {
    pub const ALL: [Self; 4] = [Self::Open, Self::Finished, Self::Expired, Self::Revoked];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantLink {
    pub id: MerchantLinkId,
    pub tenant: TenantId,
    /// For whom.
    pub label: String,
    pub email: Option<Email>,
    /// `None`: the visitor's browser decides.
    pub lang: Option<Lang>,
    /// `None`: the component of the locked account, or the oldest.
    pub component: Option<ComponentAppid>,
    pub auth_type: AuthType,
    pub way: Way,
    /// Only this account may be granted: a re-authorisation.
    pub locked: Option<AuthorizerAppid>,
    /// `None`: any number.
    pub most_uses: Option<i64>,
    /// Attempts that ended well.
    pub uses: i64,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// Put into the post, when it was sent by e-mail.
    pub sent_at: Option<Timestamp>,
    /// Browsers that opened it; counted up to [`MOST_VISITS`].
    pub opened: i64,
    pub first_opened_at: Option<Timestamp>,
    pub last_opened_at: Option<Timestamp>,
}

/// More browsers than this are not told apart.
pub const MOST_VISITS: i64 = 50;

impl MerchantLink {
    /// A revoked link stays revoked, a finished one is not called expired later.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.revoked_at.is_some() {
            Standing::Revoked
        } else if self.is_used_up() {
            Standing::Finished
        } else if self.expires_at <= now {
            Standing::Expired
        } else {
            Standing::Open
        }
    }

    pub fn is_used_up(&self) -> bool {
        self.most_uses.is_some_and(|most| self.uses >= most)
    }
}

/// How often merchants may press the button: `burst` times at once, then once every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub every: Duration,
    pub burst: i64,
}

/// Each press costs a call to WeChat. A merchant needs one or two.
pub const PACE_OF_LINK: Pace = Pace { every: Duration::from_secs(60), burst: 8 };
/// Many merchants may sit behind one address.
pub const PACE_OF_ADDRESS: Pace = Pace { every: Duration::from_secs(10), burst: 40 };

/// A life in days, kept within what is allowed.
pub fn life(days: u64) -> Duration {
    Duration::from_secs(days.clamp(1, DAYS[3]) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> MerchantLink {
        MerchantLink {
            id: MerchantLinkId::parse("l").unwrap(),
            tenant: TenantId::parse("t").unwrap(),
            label: "店".to_owned(),
            email: None,
            lang: None,
            component: None,
            auth_type: AuthType::Both,
            way: Way::Any,
            locked: None,
            most_uses: Some(1),
            uses: 0,
            created_by: None,
            created_at: Timestamp::EPOCH,
            expires_at: Timestamp::from_unix(100),
            revoked_at: None,
            sent_at: None,
            opened: 0,
            first_opened_at: None,
            last_opened_at: None,
        }
    }

    #[test]
    fn a_link_ends_in_one_way() {
        let at = Timestamp::from_unix;
        assert_eq!(link().standing(at(99)), Standing::Open);
        assert_eq!(link().standing(at(100)), Standing::Expired);
        let used = MerchantLink { uses: 1, ..link() };
        assert_eq!(used.standing(at(99)), Standing::Finished);
        assert_eq!(used.standing(at(100)), Standing::Finished, "it did what it was for");
        let revoked = MerchantLink { revoked_at: Some(at(50)), ..used };
        assert_eq!(revoked.standing(at(99)), Standing::Revoked);
        assert_eq!(MerchantLink { most_uses: None, uses: 9, ..link() }.standing(at(99)), Standing::Open);
    }

    #[test]
    fn no_link_lives_longer_than_the_longest() {
        assert_eq!(life(7), Duration::from_secs(7 * DAY));
        assert_eq!(life(0), Duration::from_secs(DAY));
        assert_eq!(life(9000), Duration::from_secs(90 * DAY));
    }
}
