//! What a tenant may have, and how its life goes: at work, suspended, to be deleted.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::text::Text;

/// How long a deletion can be undone.
pub const GRACE: Duration = Duration::from_secs(7 * 86_400);

/// Things that a tenant has a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Authorizers,
    Members,
    Keys,
}

impl Counted {
    pub const ALL: [Self; 3] = [Self::Authorizers, Self::Members, Self::Keys];

    /// Why there cannot be one more.
    pub const fn full(self) -> Text {
        match self {
            Self::Authorizers => Text::new(
                "授权账号已达到租户的上限，请联系平台管理员调整；已有账号可以照常重新授权",
                "The tenant has as many accounts as it may have; the platform's administrators can raise the limit. \
                 Accounts that are here already can be re-authorized as ever",
            ),
            Self::Members => Text::new(
                "成员已达到租户的上限，请先移除不再需要的成员，或联系平台管理员调整",
                "The tenant has as many members as it may have; remove one, or ask the platform's administrators",
            ),
            Self::Keys => Text::new(
                "API 密钥已达到租户的上限，请先吊销不再使用的密钥，或联系平台管理员调整",
                "The tenant has as many API keys as it may have; revoke one, or ask the platform's administrators",
            ),
        }
    }
}

/// A number for each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts<T> {
    pub authorizers: T,
    pub members: T,
    pub keys: T,
}

impl<T: Copy> Counts<T> {
    pub const fn of(&self, what: Counted) -> T {
        match what {
            Counted::Authorizers => self.authorizers,
            Counted::Members => self.members,
            Counted::Keys => self.keys,
        }
    }
}

/// At most so many of each; `None`: as many as it likes.
pub type Quota = Counts<Option<i64>>;

/// How many of each there are.
pub type Usage = Counts<i64>;

/// How a tenant stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    pub suspended_at: Option<Timestamp>,
    pub deletion_requested_at: Option<Timestamp>,
    /// From then on its rows are deleted; until then that can be undone.
    pub purge_at: Option<Timestamp>,
    pub purge_began_at: Option<Timestamp>,
}

/// A tenant that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purged {
    pub slug: String,
    pub purged_at: Timestamp,
    /// Master keys of its time that are not retired: with one of them and a backup its secrets could still be opened.
    pub keys_left: Vec<String>,
}
