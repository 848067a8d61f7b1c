//! One type for each secret, so that none can be printed, serialised or mistaken for another. The text is wiped
//! from memory when it is dropped; [`Secret::expose`] is the only way to it and easy to search for.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every secret can do.
pub trait Secret: Sized {
    fn new(text: impl Into<String>) -> Self;

    /// The secret itself. Callers put it on the wire or seal it, nothing else.
    fn expose(&self) -> &str;

    /// `None` for the empty text: WeChat says "no token" by leaving the field out or by sending `""`.
    fn non_empty(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty()).then(|| Self::new(text))
    }

    /// SHA-256 in lower-case hexadecimal: looks a secret up without storing it, and names it in a report.
    fn fingerprint(&self) -> String {
        fingerprint(self.expose())
    }

    /// Equality in constant time for texts of equal length.
    fn matches(&self, other: &str) -> bool {
        self.expose().as_bytes().ct_eq(other.as_bytes()).into()
    }
}

/// See [`Secret::fingerprint`].
pub fn fingerprint(text: &str) -> String {
    let mut digits = [0; 64];
    // There is room for each of the 32 bytes, and digits are UTF-8. `hex::encode` grows a text digit by digit.
    let _ = hex::encode_to_slice(Sha256::digest(text.as_bytes()), &mut digits);
    String::from_utf8_lossy(&digits).into_owned()
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
        pub struct $name(String);

        impl Secret for $name {
            fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

secrets! {
    /// Signs how the audit stands.
    AuditKey;
    /// The third-party platform's own AppSecret.
    ComponentAppsecret;
    /// 消息校验Token, the key of `msg_signature`.
    PushToken;
    /// 消息加解密Key (EncodingAESKey), 43 characters.
    EncodingAesKey;
    /// Pushed every 10 minutes, lives 12 hours.
    ComponentVerifyTicket;
    /// Lives 2 hours; goes into every component call.
    ComponentAccessToken;
    /// One per press of 授权; lives 10 minutes, single use.
    PreAuthCode;
    /// What a grant brings back (`auth_code` in the redirect); lives 1 hour, exchanged once.
    AuthorizationCode;
    /// Lives 2 hours; what business servers call WeChat with.
    AuthorizerAccessToken;
    /// Lives as long as the grant; obtains access tokens.
    AuthorizerRefreshToken;
    /// A person's password on its way to the hasher.
    Password;
    /// An answer of WeChat that carries tokens, or a push that carries a ticket or a code, kept sealed.
    SealedBody;
    /// A one-time value that we made ourselves: state, entry token, set-up link, session key.
    OneTimeToken;
    /// Opens the page on which a merchant grants an account.
    MerchantLinkToken;
    /// What a business server calls us with; shown once, stored as its fingerprint.
    ApiKeySecret;
    /// A letter to a person, with the one-time links in it; kept sealed and wiped once sent.
    LetterContent;
    /// What an authenticator app makes its codes from: base 32.
    TotpSecret;
    /// Shown once, good once: instead of a second factor that is lost. Without blanks or dashes.
    RecoveryCode;
    /// Sealed into every database; opens only with the master key it was sealed with.
    VaultProbe;
    /// Signs session cookies; 64 characters.
    CookieKey;
}
