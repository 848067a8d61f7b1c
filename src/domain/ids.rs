//! Ids as types, so that none is passed for another. Ours are time-ordered texts made by `Random::id`; WeChat's keep
//! WeChat's spelling.

/// The text is not an id of that kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a valid {kind}")]
pub struct BadId {
    pub kind: &'static str,
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident ($kind:literal, $longest:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// When the text is empty, too long, or holds anything but letters, digits, `-` and `_`.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                let fits = !text.is_empty() && text.len() <= $longest;
                let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
                if fits && plain {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadId { kind: $kind, text: text.chars().take(80).collect() })
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }
    )*};
}

ids! {
    /// A customer company.
    TenantId("tenant id", 64);
    /// A person who signs in.
    UserId("user id", 64);
    /// The third-party platform's appid, WeChat's `component_appid`.
    ComponentAppid("component appid", 64);
    /// The appid of an account that granted us, WeChat's `authorizer_appid`.
    AuthorizerAppid("appid", 64);
    /// One attempt at granting.
    AuthorizationId("authorization id", 64);
    /// One entry of the attempt journal.
    AttemptId("attempt id", 64);
    /// One incident of a component.
    IncidentId("incident id", 64);
    /// One push in the inbox.
    NoticeId("notice id", 64);
    /// One passkey of a user.
    PasskeyId("passkey id", 64);
    /// One key of a business server.
    ApiKeyId("key id", 64);
    /// One invitation to a tenant.
    InvitationId("invitation id", 64);
    /// One letter to a person.
    LetterId("letter id", 64);
    /// One link for a merchant.
    MerchantLinkId("link id", 64);
    /// One authorization code in the broker.
    GrantId("grant id", 64);
}

/// An account as every table and lock names it: appids are only unique within a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizerKey {
    pub component: ComponentAppid,
    pub authorizer: AuthorizerAppid,
}

impl AuthorizerKey {
    /// The row's whole key, as `vault::Place` wants it.
    pub fn row(&self) -> String {
        format!("{}/{}", self.component, self.authorizer)
    }
}

impl std::fmt::Display for AuthorizerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.component, self.authorizer)
    }
}
