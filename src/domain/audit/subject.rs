//! What a deed was done to.

use crate::domain::ids::{
    ApiKeyId, AuthorizationId, AuthorizerAppid, ComponentAppid, GrantId, TenantId, UserId,
};
use crate::domain::tenant::Tenant;
use crate::domain::text::Text;
use crate::domain::user::User;

macro_rules! kinds {
    ($($name:ident = $code:literal, $zh:literal / $en:literal;)*) => {
        /// What kind of thing a subject is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($name,)*
        }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub const fn label(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }
        }
    };
}

kinds! {
    Platform = "platform", "平台" / "Platform";
    Tenant = "tenant", "租户" / "Tenant";
    User = "user", "用户" / "User";
    Component = "component", "第三方平台" / "Third-party platform";
    Authorizer = "authorizer", "授权账号" / "Account";
    Authorization = "authorization", "授权流程" / "Authorization";
    Grant = "grant", "待认领授权" / "Unclaimed grant";
    Invitation = "invitation", "邀请" / "Invitation";
    ApiKey = "api_key", "API 密钥" / "API key";
    MerchantLink = "merchant_link", "授权链接" / "Merchant link";
}

impl Kind {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: Kind,
    /// Empty for what there is only one of.
    pub id: String,
    /// What people know it by, at the time of the deed.
    pub name: Option<String>,
}

impl Subject {
    /// For kinds without a constructor of their own. Never a token: an id that may be shown to anybody who reads the audit.
    pub fn new(kind: Kind, id: impl std::fmt::Display) -> Self {
        Self { kind, id: id.to_string(), name: None }
    }

    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    pub const fn platform() -> Self {
        Self { kind: Kind::Platform, id: String::new(), name: None }
    }

    pub fn tenant(tenant: &Tenant) -> Self {
        Self::tenant_id(&tenant.id).named(&tenant.name)
    }

    pub fn tenant_id(id: &TenantId) -> Self {
        Self::new(Kind::Tenant, id)
    }

    pub fn user(user: &User) -> Self {
        Self::user_id(&user.id).named(user.email.as_str())
    }

    pub fn user_id(id: &UserId) -> Self {
        Self::new(Kind::User, id)
    }

    pub fn component(appid: &ComponentAppid) -> Self {
        Self::new(Kind::Component, appid)
    }

    pub fn authorizer(appid: &AuthorizerAppid) -> Self {
        Self::new(Kind::Authorizer, appid)
    }

    pub fn authorization(id: &AuthorizationId) -> Self {
        Self::new(Kind::Authorization, id)
    }

    pub fn grant(id: &GrantId) -> Self {
        Self::new(Kind::Grant, id)
    }

    pub fn api_key(id: &ApiKeyId, name: &str) -> Self {
        Self::new(Kind::ApiKey, id).named(name)
    }
}
