//! Keys of business servers: how they look, what they allow, and when they count.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::clock::Timestamp;
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, TenantId, UserId};
use crate::domain::text::Text;
use crate::secret::{ApiKeySecret, Secret};

/// What every key begins with, so that scanners of public code find one that leaked.
pub const PREFIX: &str = "hufu_live_";
/// Letters and digits between prefix and check digits: 190 bits.
pub const RANDOM_LENGTH: usize = 32;
/// How many of them a list shows, to tell keys apart.
const HINT_LENGTH: usize = 4;
const CHECK_LENGTH: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The key made of [`RANDOM_LENGTH`] random letters and digits: `hufu_live_<random>_<CRC-32 in Base62>`. The check
/// digits cover everything before their `_`.
pub fn compose(random: &str) -> ApiKeySecret {
    let body = format!("{PREFIX}{random}");
    let check = check_digits(&body);
    ApiKeySecret::new(format!("{body}_{check}"))
}

/// Whether a text has a key's form and its check digits fit: what fails here need not be looked up.
pub fn is_well_formed(text: &str) -> bool {
    let Some((body, check)) = text.rsplit_once('_') else { return false };
    let Some(random) = body.strip_prefix(PREFIX) else { return false };
    random.len() == RANDOM_LENGTH
        && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && check == check_digits(body)
}

/// The characters of a key that its list shows.
pub fn hint(random: &str) -> String {
    random.chars().take(HINT_LENGTH).collect()
}

fn check_digits(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut digits = [b'0'; CHECK_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// List accounts and read their health.
    ReadHealth,
    /// Read access tokens.
    ReadToken,
    /// Report dead access tokens.
    Report,
    /// Change things. No address asks for it yet.
    Manage,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::ReadHealth, Self::ReadToken, Self::Report, Self::Manage];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadHealth => "read_health",
            Self::ReadToken => "read_token",
            Self::Report => "report",
            Self::Manage => "manage",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::ReadHealth => Text::new("查看账号状态", "Read the health of accounts"),
            Self::ReadToken => Text::new("获取令牌", "Read access tokens"),
            Self::Report => Text::new("上报失效的令牌", "Report dead tokens"),
            Self::Manage => Text::new("管理", "Manage"),
        }
    }
}

/// Which accounts of its tenant a key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    All,
    Only(Vec<AuthorizerAppid>),
}

impl Allowed {
    pub fn includes(&self, appid: &AuthorizerAppid) -> bool {
        match self {
            Self::All => true,
            Self::Only(appids) => appids.contains(appid),
        }
    }
}

/// From where a key may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sources {
    Anywhere,
    Networks(Vec<IpNet>),
}

impl Sources {
    pub fn includes(&self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Networks(networks) => networks.iter().any(|network| network.contains(&plain(address))),
        }
    }
}

/// An IPv4 address that came in IPv6 clothes (`::ffff:10.0.0.1`) as itself.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// A range as in `10.0.0.0/8`, or one address.
pub fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|address| plain(address).into()))
}

/// A key of one tenant, without the key itself.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub tenant: TenantId,
    pub name: String,
    /// The first characters after [`PREFIX`].
    pub hint: String,
    pub scopes: Vec<Scope>,
    pub authorizers: Allowed,
    pub sources: Sources,
    /// `None`: the command line.
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    pub last_used_from: Option<String>,
}

/// Whether a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Live,
    Expired,
    Revoked,
}

impl ApiKey {
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => Standing::Revoked,
            (None, Some(end)) if end <= now => Standing::Expired,
            (None, _) => Standing::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RANDOM: &str = "0123456789ABCDEFabcdefghijklmnop";

    #[test]
    fn a_key_has_a_prefix_and_check_digits_that_anyone_can_compute() {
        let key = compose(RANDOM);
        assert_eq!(key.expose().len(), 49);
        assert!(key.expose().starts_with("hufu_live_0123456789ABCDEF"));
        assert!(is_well_formed(key.expose()));
        assert_eq!(format!("{key:?}"), "ApiKeySecret(…)");
    }

    #[test]
    fn check_digits_are_padded_to_six() {
        assert_eq!(check_digits("").as_str(), "000000");
        assert_eq!(check_digits("hufu").len(), CHECK_LENGTH);
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_noticed_without_a_look_up(at in 0_usize..49, put in "[0-9A-Za-z_]") {
            let key = compose(RANDOM);
            let mut wrong = key.expose().to_owned();
            wrong.replace_range(at..=at, &put);
            prop_assert_eq!(is_well_formed(&wrong), wrong == key.expose());
        }
    }

    #[test]
    fn nothing_else_is_taken_for_a_key() {
        for wrong in
            ["", "hufu_live_", "hufu_live__000000", "hufu_test_0123456789ABCDEFabcdefghijklmnop_000000"]
        {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn addresses_fit_their_ranges_also_in_ipv6_clothes() {
        let from = Sources::Networks(["10.1.0.0/16", "2001:db8::/32", "203.0.113.7"].map(net).to_vec());
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "203.0.113.7"] {
            assert!(from.includes(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["10.2.0.1", "203.0.113.8", "::1"] {
            assert!(!from.includes(outside.parse().unwrap()), "{outside}");
        }
        assert!(Sources::Anywhere.includes("::1".parse().unwrap()));
        assert!(parse_network("10.0.0.0/33").is_none() && parse_network("example.com").is_none());
    }

    fn net(text: &str) -> IpNet {
        parse_network(text).unwrap()
    }
}
