//! Why something about a tenant, a user or a membership was not done.

use crate::domain::tenant_life::Counted;
use crate::domain::text::Text;
use crate::store::StoreError;

use super::admit_letter::TooManyLetters;
use super::password::{BadPassword, HashingFailed};

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The e-mail address or the slug is somebody else's.
    #[error("{0}")]
    Taken(Taken),
    #[error(transparent)]
    Password(#[from] BadPassword),
    #[error("there is no such user or tenant")]
    NotFound,
    /// The tenant has as many members as its quota allows.
    #[error("the tenant has as many members as it may have")]
    Full,
    /// Nobody could administer the platform any more.
    #[error("this is the last platform administrator who can sign in")]
    LastAdmin,
    /// Nobody could run the tenant any more.
    #[error("this is the last owner of the tenant who can sign in")]
    LastOwner,
    #[error("this person is a member already")]
    AlreadyMember,
    #[error("there are as many open invitations as a tenant may have")]
    TooMany,
    /// Nothing was changed.
    #[error("too many letters were sent: {0:?}")]
    TooManyLetters(TooManyLetters),
    /// The set-up link is unknown, used up or too old, or there is an administrator already.
    #[error("the set-up link is not valid any more")]
    LinkClosed,
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What there is one of already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Taken {
    #[error("there is a user with this e-mail address already")]
    Email,
    #[error("there is a tenant with this slug already")]
    Slug,
}

impl IdentityError {
    /// One sentence for the person who asked.
    pub const fn sentence(&self) -> Text {
        match self {
            Self::Taken(Taken::Email) => {
                Text::new("这个邮箱已有用户", "There is a user with this e-mail address already")
            }
            Self::Taken(Taken::Slug) => {
                Text::new("这个标识已被其他租户使用", "There is a tenant with this slug already")
            }
            Self::Password(BadPassword::TooShort) => {
                Text::new("密码至少 12 个字符", "A password has at least 12 characters")
            }
            Self::Password(BadPassword::TooLong) => {
                Text::new("密码最多 256 个字符", "A password has at most 256 characters")
            }
            Self::Full => Counted::Members.full(),
            Self::Password(BadPassword::Common) => Text::new(
                "这是常见密码，会最先被猜到；请用几个互不相关的词组成密码",
                "This is a common password and guessed first; take several words that have nothing to do with each other",
            ),
            Self::Password(BadPassword::AboutYou) => Text::new(
                "密码里有你的姓名、邮箱、公司或本产品的词，容易被猜到；请换成与你无关的词",
                "It holds your name, address, company or a word of this product; take words that have nothing to do with you",
            ),
            Self::Password(BadPassword::Weak) => Text::new(
                "强度：弱（满分 4 分不到 2 分）。请用几个互不相关的词，例如四个词连在一起",
                "Strength: weak (below 2 of 4). Take several words that have nothing to do with each other",
            ),
            Self::Password(BadPassword::NotYetStrong) => Text::new(
                "强度：中（2 分，需要 3 分）。再加一个不相关的词就可以",
                "Strength: fair (2 of 4, 3 are needed). One more unrelated word is enough",
            ),
            Self::NotFound => Text::new("没有这个用户或租户", "There is no such user or tenant"),
            Self::LastAdmin => Text::new(
                "这是最后一位能登录的平台管理员，不能停用",
                "This is the last platform administrator who can sign in",
            ),
            Self::LastOwner => Text::new(
                "这是最后一位能登录的所有者；请先把另一位成员设为所有者",
                "This is the last owner who can sign in; make another member an owner first",
            ),
            Self::AlreadyMember => Text::new("对方已经是成员", "This person is a member already"),
            Self::TooMany => Text::new(
                "未处理的邀请太多，请先撤回一些",
                "There are too many open invitations; take some back first",
            ),
            Self::TooManyLetters(why) => why.sentence(),
            Self::LinkClosed => Text::new(
                "设置链接已失效；重新启动 hufu 可获得新的链接",
                "The set-up link is not valid any more; start hufu again to get a new one",
            ),
            Self::Hashing(_) | Self::Store(_) => {
                Text::new("暂时无法保存，请稍后再试", "It could not be saved; try again in a moment")
            }
        }
    }
}
