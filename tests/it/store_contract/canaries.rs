//! A copy of the whole database holds no secret in clear: more than 500 canaries go through the store functions that
//! take secrets, then every column of every table is searched.

use std::time::Duration;

use hufu::domain::authorization::AuthType;
use hufu::domain::component::ComponentConfig;
use hufu::domain::ids::AuthorizationId;
use hufu::domain::letter::LetterKind;
use hufu::domain::text::Lang;
use hufu::domain::user::Email;
use hufu::random::Random;
use hufu::secret::{
    AuthorizationCode, AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAccessToken,
    ComponentVerifyTicket, LetterContent, OneTimeToken, PreAuthCode, SealedBody, Secret,
};
use hufu::store::authorization::{self, NewAuthorization};
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_token::NewTokens;
use hufu::store::component;
use hufu::store::component_token::{self, NewToken};
use hufu::store::grant_code::{self, Brought};
use hufu::store::letter::{self, Letter};
use hufu::store::notice::{self, NewNotice};
use hufu::store::{Writer, attempt, authorizer_refresh, authorizer_token, component_ticket, setup_link};
use hufu::vault::Vault;

use super::fixtures::{a_platform, appid, at, component_appid, key, tenant_id, vault};
use crate::harness::Database;

const LEASE: Duration = Duration::from_secs(60);
const NAME: &str = "a name that everybody may read";

/// Makes secrets that are found again wherever they are.
#[derive(Default)]
struct Canaries(u32);

impl Canaries {
    fn hatch<S: Secret>(&mut self) -> S {
        self.0 += 1;
        S::new(format!("canary{:04}{}", self.0, "x".repeat(33)))
    }

    fn tokens(&mut self) -> NewTokens {
        NewTokens {
            access_token: Some(self.hatch::<AuthorizerAccessToken>()),
            refresh_token: Some(self.hatch::<AuthorizerRefreshToken>()),
            obtained_at: at(0),
            expires_at: at(7200),
            next_refresh_at: at(0),
        }
    }
}

async fn platform(tx: &mut Writer, vault: &Vault, canaries: &mut Canaries) {
    let config = ComponentConfig {
        appid: component_appid(),
        name: NAME.to_owned(),
        appsecret: canaries.hatch(),
        token: canaries.hatch(),
        previous_token: Some(canaries.hatch()),
        aes_key: canaries.hatch(),
        previous_aes_key: Some(canaries.hatch()),
    };
    component::put(tx, vault, at(0), &config).await.unwrap();
    for lane in component_token::claim_token_lanes(tx, at(1), "one", LEASE).await.unwrap() {
        let token = canaries.hatch::<ComponentAccessToken>();
        let new = NewToken { token, obtained_at: at(0), expires_at: at(7200), next_refresh_at: at(5000) };
        assert!(component_token::record_token(tx, vault, &lane, &new).await.unwrap());
    }
    let ticket = canaries.hatch::<ComponentVerifyTicket>();
    component_ticket::put(tx, vault, &component_appid(), &ticket, (at(0), at(0))).await.unwrap();
    let link = canaries.hatch::<OneTimeToken>();
    setup_link::put(tx, &link.fingerprint(), at(0), at(99)).await.unwrap();
}

async fn account(tx: &mut Writer, vault: &Vault, canaries: &mut Canaries, number: i64) {
    let (name, acme, component) = (format!("wx{number:03}"), tenant_id("acme"), component_appid());
    authorizer_grant::insert(tx, &key(&name), &acme, at(0)).await.unwrap();
    for _ in 0..2 {
        let tokens = canaries.tokens();
        let granted = Granted { tokens: &tokens, func_info: &[1], grant_time: None, now: at(0) };
        authorizer_grant::record_grant(tx, vault, &key(&name), &granted).await.unwrap();
    }
    let new = NewAuthorization {
        id: &AuthorizationId::parse(&format!("authorization{number}")).unwrap(),
        component: &component,
        tenant: &acme,
        user: None,
        session_hash: None,
        device_hash: None,
        state: &canaries.hatch::<OneTimeToken>(),
        entry: &canaries.hatch::<OneTimeToken>(),
        auth_type: AuthType::Both,
        expected_appid: None,
        pre_auth_code: &canaries.hatch::<PreAuthCode>(),
        code_expires_at: at(600),
        link: None,
        asked_at: at(0),
    };
    authorization::insert(tx, vault, at(0), &new).await.unwrap();
    let brought = Brought {
        component: &component,
        code: &canaries.hatch::<AuthorizationCode>(),
        authorization: None,
        pre_auth_code_hash: None,
        authorizer: Some(&appid(&name)),
        create_time: None,
        expires_at: at(3600),
    };
    grant_code::bring(tx, (vault, &Random::system()), at(0), &brought).await.unwrap();
    let push = NewNotice {
        component: &component,
        dedupe_key: name,
        info_type: "authorized",
        authorizer: None,
        create_time: at(0),
        body: Some(canaries.hatch::<SealedBody>()),
    };
    notice::insert(tx, (vault, &Random::system()), at(0), push).await.unwrap();
}

/// What WeChat answers to exchanges and refreshes.
async fn answers(tx: &mut Writer, vault: &Vault, canaries: &mut Canaries) {
    for code in grant_code::claim_due(tx, vault, (at(1), "one"), (None, 99, LEASE)).await.unwrap() {
        let answer = canaries.hatch::<SealedBody>();
        assert!(grant_code::answer(tx, vault, &code, &answer).await.unwrap());
    }
    let held = authorizer_token::claim_due(tx, vault, &component_appid(), (at(1), "one", 99)).await.unwrap();
    let ids = attempt::open_all(tx, &Random::system(), &held, (at(1), "one")).await.unwrap();
    let bodies: Vec<SealedBody> = ids.iter().map(|_| canaries.hatch()).collect();
    let raw: Vec<_> =
        ids.iter().zip(&held).zip(&bodies).map(|((id, held), body)| (id, &held.tenant, body)).collect();
    attempt::answer(tx, vault, at(2), &raw).await.unwrap();
    let news: Vec<NewTokens> = held.iter().map(|_| canaries.tokens()).collect();
    let brought: Vec<_> = held.iter().zip(&news).collect();
    let stored = authorizer_refresh::record(tx, vault, &brought).await.unwrap();
    assert!(stored.len() == 60 && stored.iter().all(|stored| *stored));
}

async fn letter(tx: &mut Writer, vault: &Vault, canaries: &mut Canaries) {
    let (to, acme) = (Email::parse("ann@example.com").unwrap(), tenant_id("acme"));
    let content = canaries.hatch::<LetterContent>();
    let kind = LetterKind::Invitation;
    let owed = Letter { to: &to, lang: Lang::Zh, kind, tenant: Some(&acme), content: &content };
    letter::queue(tx, (vault, &Random::system()), at(0), &owed).await.unwrap();
}

/// The columns, of all tables, in which this text stands.
async fn columns_with(db: &Database, text: &str) -> Vec<String> {
    let columns = db.columns().await;
    let is_there = |(table, column): &(String, String)| {
        let condition = format!("CAST(\"{column}\" AS TEXT) LIKE '%{text}%'");
        format!("SELECT '{table}.{column}' WHERE EXISTS (SELECT 1 FROM \"{table}\" WHERE {condition})")
    };
    let questions: Vec<String> = columns.iter().map(is_there).collect();
    let mut found = Vec::new();
    for some in questions.chunks(100) {
        found.extend(db.texts(&some.join(" UNION ALL ")).await);
    }
    found
}

on_both_databases!(a_copy_of_the_database_holds_none_of_500_canaries, |db| async move {
    a_platform(db.store()).await;
    let (mut canaries, vault) = (Canaries::default(), vault());
    let mut tx = db.store().write().await.unwrap();
    platform(&mut tx, &vault, &mut canaries).await;
    for number in 0..60 {
        account(&mut tx, &vault, &mut canaries, number).await;
    }
    answers(&mut tx, &vault, &mut canaries).await;
    letter(&mut tx, &vault, &mut canaries).await;
    tx.commit().await.unwrap();

    assert!(canaries.0 > 500, "only {} canaries", canaries.0);
    assert_eq!(columns_with(&db, NAME).await, ["component.name"], "the search finds nothing");
    assert_eq!(columns_with(&db, "canary").await, Vec::<String>::new());
});
