//! The page about keys of business servers.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::api_key::{Allowed, ApiKey, PREFIX, Scope, Sources, Standing};
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, BadId, TenantId};
use crate::domain::text::Lang;
use crate::web::samples::{NOW, ago, ahead};
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::{Words, fill};

/// Lives of keys that can be chosen.
pub(super) const DAYS: [u64; 3] = [30, 90, 365];

#[derive(Debug, Template)]
#[template(path = "api_keys/list.html")]
pub struct ApiKeysView {
    pub shell: Shell,
    pub rows: Vec<KeyRow>,
    pub form: KeyForm,
    pub scopes: Vec<ScopeChoice>,
    pub lives: Vec<LifeChoice>,
    /// The key that was just made.
    pub made: Option<Made>,
}

#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: String,
    pub name: String,
    /// `hufu_live_AbCd…`.
    pub hint: String,
    /// Set when it does not count any more.
    pub over: Option<&'static str>,
    pub allows: Vec<&'static str>,
    pub accounts: String,
    pub sources: Option<String>,
    pub last_used: Option<Moment>,
    pub last_used_from: Option<String>,
    pub ends: Option<Moment>,
    pub created: Moment,
}

/// What was entered for a new key, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct KeyForm {
    pub name: String,
    pub bad_name: String,
    pub scopes: Vec<Scope>,
    pub bad_scopes: &'static str,
    pub accounts: String,
    pub bad_accounts: String,
    pub networks: String,
    pub bad_networks: String,
    pub days: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct ScopeChoice {
    pub name: &'static str,
    pub label: &'static str,
    pub chosen: bool,
}

#[derive(Clone, Debug)]
pub struct LifeChoice {
    pub value: String,
    pub label: &'static str,
    pub chosen: bool,
}

/// A key, this once.
#[derive(Clone, Debug)]
pub struct MadeKey {
    pub name: String,
    pub secret: String,
}

#[derive(Clone, Debug)]
pub struct Made {
    pub name: String,
    pub secret: String,
    /// A line for the command line that uses it.
    pub curl: String,
}

/// What the page is made of.
#[derive(Debug)]
pub struct Found {
    pub keys: Vec<ApiKey>,
    /// An account of the tenant, for the example.
    pub example: Option<String>,
    pub public_url: String,
}

impl Default for KeyForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            bad_name: String::new(),
            scopes: vec![Scope::ReadHealth, Scope::ReadToken, Scope::Report],
            bad_scopes: "",
            accounts: String::new(),
            bad_accounts: String::new(),
            networks: String::new(),
            bad_networks: String::new(),
            days: Some(365),
        }
    }
}

impl ApiKeysView {
    pub fn new(
        shell: Shell,
        now: Timestamp,
        found: &Found,
        (form, made): (KeyForm, Option<MadeKey>),
    ) -> Self {
        let made = made.map(|made| Made { curl: curl(&made, found), name: made.name, secret: made.secret });
        Self {
            rows: found.keys.iter().map(|key| row(key, now, &shell)).collect(),
            scopes: scopes(&form, shell.lang),
            lives: lives(form.days, shell.w),
            form,
            made,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::ApiKeys, ..Shell::sample(lang) };
        let found = |keys| Found {
            keys,
            example: Some("wx3f1a9c025b77d410".to_owned()),
            public_url: "https://portal.example.com/".to_owned(),
        };
        let keys = || sample_keys().unwrap_or_default();
        let w = &shell().w.api_keys;
        let refused = KeyForm {
            bad_name: w.bad_name.to_owned(),
            scopes: Vec::new(),
            bad_scopes: w.bad_scopes,
            networks: "10.0.0.0/8\nexample.com".to_owned(),
            bad_networks: fill(w.bad_networks, &["example.com"]),
            days: None,
            ..KeyForm::default()
        };
        let made = MadeKey {
            name: "订单服务".to_owned(),
            secret: "hufu_live_0123456789ABCDEFabcdefghijklmnop_3xAmpL".to_owned(),
        };
        vec![
            ("empty", Self::new(shell(), NOW, &found(vec![]), (KeyForm::default(), None))),
            ("several", Self::new(shell(), NOW, &found(keys()), (KeyForm::default(), None))),
            ("made", Self::new(shell(), NOW, &found(keys()), (KeyForm::default(), Some(made)))),
            ("refused", Self::new(shell(), NOW, &found(keys()), (refused, None))),
        ]
    }
}

fn row(key: &ApiKey, now: Timestamp, shell: &Shell) -> KeyRow {
    let (locale, w) = (shell.locale(), &shell.w.api_keys);
    let networks = match &key.sources {
        Sources::Anywhere => None,
        Sources::Networks(networks) => {
            Some(networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    };
    KeyRow {
        id: key.id.to_string(),
        name: key.name.clone(),
        hint: format!("{PREFIX}{}…", key.hint),
        over: match key.standing(now) {
            Standing::Live => None,
            Standing::Expired => Some(w.expired),
            Standing::Revoked => Some(w.revoked),
        },
        allows: key.scopes.iter().map(|scope| scope.label().get(locale.lang)).collect(),
        accounts: match &key.authorizers {
            Allowed::All => w.all_accounts.to_owned(),
            Allowed::Only(appids) => fill(w.some_accounts, &[&appids.len().to_string()]),
        },
        sources: networks.map(|networks| fill(w.from_networks, &[&networks])),
        last_used: Moment::maybe(key.last_used_at, now, locale),
        last_used_from: key.last_used_from.clone(),
        ends: Moment::maybe(key.expires_at, now, locale),
        created: Moment::of(key.created_at, now, locale),
    }
}

fn scopes(form: &KeyForm, lang: Lang) -> Vec<ScopeChoice> {
    let choice = |scope: Scope| ScopeChoice {
        name: scope.as_str(),
        label: scope.label().get(lang),
        chosen: form.scopes.contains(&scope),
    };
    Scope::ALL.into_iter().map(choice).collect()
}

fn lives(chosen: Option<u64>, w: &Words) -> Vec<LifeChoice> {
    let w = &w.api_keys;
    let labels = [w.days_30, w.days_90, w.days_365];
    let mut choices: Vec<LifeChoice> = DAYS
        .into_iter()
        .zip(labels)
        .map(|(days, label)| LifeChoice { value: days.to_string(), label, chosen: chosen == Some(days) })
        .collect();
    choices.push(LifeChoice { value: String::new(), label: w.never_ends, chosen: chosen.is_none() });
    choices
}

fn curl(made: &MadeKey, found: &Found) -> String {
    let account = found.example.as_deref().unwrap_or("APPID");
    format!(
        "curl -H 'Authorization: Bearer {}' {}api/v1/authorizers/{account}/access-token",
        made.secret, found.public_url
    )
}

fn sample_keys() -> Result<Vec<ApiKey>, BadId> {
    let key = |id: &str, name: &str, scopes: &[Scope]| {
        Ok(ApiKey {
            id: ApiKeyId::parse(id)?,
            tenant: TenantId::parse("t-sample")?,
            name: name.to_owned(),
            hint: "8fKq".to_owned(),
            scopes: scopes.to_vec(),
            authorizers: Allowed::All,
            sources: Sources::Anywhere,
            created_by: None,
            created_at: ago(60 * 24 * 30),
            expires_at: Some(ahead(60 * 24 * 335)),
            revoked_at: None,
            last_used_at: Some(ago(2)),
            last_used_from: Some("203.0.113.7".to_owned()),
        })
    };
    let long = "数据中台 · 华东大区夜间批处理与会员画像同步（旧机房，迁移完成后吊销）";
    Ok(vec![
        key("k1", "订单服务", &[Scope::ReadHealth, Scope::ReadToken, Scope::Report])?,
        ApiKey {
            authorizers: Allowed::Only(vec![AuthorizerAppid::parse("wx3f1a9c025b77d410")?]),
            sources: Sources::Networks(vec![
                ipnet::Ipv4Net::new_assert([10, 20, 0, 0].into(), 16).into(),
                ipnet::Ipv4Net::new_assert([203, 0, 113, 7].into(), 32).into(),
            ]),
            last_used_at: None,
            last_used_from: None,
            expires_at: None,
            ..key("k2", long, &[Scope::ReadToken])?
        },
        ApiKey {
            expires_at: Some(ago(60 * 24)),
            ..key("k3", "双十一活动", &[Scope::ReadToken, Scope::Report])?
        },
        ApiKey { revoked_at: Some(ago(60)), ..key("k4", "已泄露的密钥", &[Scope::ReadToken])? },
    ])
}
