//! No secret is printed by accident.

use hufu::domain::component::ComponentConfig;
use hufu::domain::ids::ComponentAppid;
use hufu::random::Random;
use hufu::secret::{
    ApiKeySecret, AuditKey, AuthorizationCode, AuthorizerAccessToken, AuthorizerRefreshToken,
    ComponentAccessToken, ComponentAppsecret, ComponentVerifyTicket, CookieKey, EncodingAesKey,
    LetterContent, MerchantLinkToken, OneTimeToken, Password, PreAuthCode, PushToken, RecoveryCode,
    SealedBody, Secret, TotpSecret, VaultProbe,
};
use hufu::vault::Vault;

const CANARY: &str = "canary-4f1c";

macro_rules! each_is_redacted {
    ($($secret:ident)*) => {{
        $(assert_eq!(format!("{:?}", $secret::new(CANARY)), concat!(stringify!($secret), "(…)"));)*
        [$(stringify!($secret)),*]
    }};
}

#[test]
fn debug_of_every_secret_is_redacted() {
    let mut tested = each_is_redacted!(
        ApiKeySecret AuthorizationCode AuthorizerAccessToken AuthorizerRefreshToken ComponentAccessToken
        AuditKey ComponentAppsecret
        ComponentVerifyTicket CookieKey EncodingAesKey LetterContent MerchantLinkToken OneTimeToken Password PreAuthCode PushToken RecoveryCode SealedBody TotpSecret VaultProbe
    );
    tested.sort_unstable();
    assert_eq!(tested.to_vec(), secrets_of_the_house(), "a secret type is missing in this test");
}

#[test]
fn what_holds_secrets_prints_none() {
    let config = ComponentConfig {
        appid: ComponentAppid::parse("wxc").unwrap(),
        name: "平台".to_owned(),
        appsecret: ComponentAppsecret::new(CANARY),
        token: PushToken::new(CANARY),
        previous_token: Some(PushToken::new(CANARY)),
        aes_key: EncodingAesKey::new(CANARY),
        previous_aes_key: Some(EncodingAesKey::new(CANARY)),
    };
    assert!(!format!("{config:?}").contains(CANARY));
    assert_eq!(format!("{:?}", Vault::ephemeral(Random::seeded(1))), r#"["ephemeral"]"#);
}

/// The names in the `secrets! { … }` list of `src/secret.rs`.
fn secrets_of_the_house() -> Vec<String> {
    let text = std::fs::read_to_string("src/secret.rs").unwrap();
    let list = text.rsplit_once("secrets! {").unwrap().1;
    let mut names: Vec<String> = list
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names
}
