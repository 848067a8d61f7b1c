//! `hufu key create`, `list` and `revoke`.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::app;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::api_key::{Allowed, ApiKey, PREFIX, Scope, Sources, Standing, parse_network};
use crate::domain::audit::Actor;
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, TenantId};
use crate::domain::tenant::Slug;
use crate::domain::user::parse_label;
use crate::domain::zone::Zone;
use crate::random::Random;
use crate::secret::Secret as _;
use crate::service::create_api_key::{self, NewKey};
use crate::service::{Context, revoke_api_key};
use crate::store::{api_key, tenant};
use crate::web::when;

use super::failure::Failure;
use super::say;

const MOST_LISTED: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a key for a business server; it is printed once.
    Create(Create),
    /// List a tenant's keys.
    List(List),
    /// End a key for good.
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Slug of the tenant whose accounts the key is for.
    #[arg(long)]
    tenant: String,
    /// What it is for, such as "order service".
    #[arg(long)]
    name: String,
    /// What it may do; give it several times for several.
    #[arg(long = "scope", required = true, value_parser = ["read_health", "read_token", "report", "manage"])]
    scopes: Vec<String>,
    /// Limit it to this account; give it several times for several.
    #[arg(long = "authorizer", value_name = "APPID")]
    authorizers: Vec<String>,
    /// Limit it to this address or range; give it several times for several.
    #[arg(long = "ip", value_name = "CIDR")]
    networks: Vec<String>,
    /// End it after so many days by itself.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Slug of the tenant.
    #[arg(long)]
    tenant: String,
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    /// Slug of the tenant.
    #[arg(long)]
    tenant: String,
    /// The key's id, as `hufu key list` shows it.
    id: String,
}

pub(super) async fn run(command: Key, config: &Config) -> Result<(), Failure> {
    let slug = match &command {
        Key::Create(Create { tenant, .. })
        | Key::List(List { tenant })
        | Key::Revoke(Revoke { tenant, .. }) => {
            Slug::parse(tenant).map_err(|error| Failure::usage(format!("--tenant: {error}")))?
        }
    };
    let new = match &command {
        Key::Create(create) => Some(parse(create)?),
        Key::List(_) | Key::Revoke(_) => None,
    };
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let done = execute(&cx, &slug, &command, new).await;
    cx.store.close().await;
    done
}

async fn execute(cx: &Context, slug: &Slug, command: &Key, new: Option<NewKey>) -> Result<(), Failure> {
    let of = find(cx, slug).await?;
    let now = cx.clock.now();
    match (command, new) {
        (Key::Revoke(revoke), _) => {
            let id = ApiKeyId::parse(&revoke.id).map_err(|error| Failure::usage(error.to_string()))?;
            revoke_api_key::run(cx, now, &Actor::cli(), &of, &id).await?;
            say::line(&format!("revoked key {id}"));
        }
        (Key::Create(_), Some(new)) => {
            let made = create_api_key::run(cx, now, &Actor::cli(), &of, new).await?;
            say::line(&format!("created key {} ({}); it is shown this once:", made.key.id, made.key.name));
            say::line(made.secret.expose());
        }
        (Key::List(_) | Key::Create(_), _) => {
            for key in api_key::list(&mut cx.store.read().await?, &of, MOST_LISTED).await? {
                say::line(&line(&key, now));
            }
        }
    }
    Ok(())
}

async fn find(cx: &Context, slug: &Slug) -> Result<TenantId, Failure> {
    let found = tenant::find_by_slug(&mut cx.store.read().await?, slug).await?;
    let missing = || Failure::sentence(format!("--tenant: there is no tenant with the slug {slug}"));
    Ok(found.ok_or_else(missing)?.id)
}

/// Everything that can be wrong without asking the database.
fn parse(create: &Create) -> Result<NewKey, Failure> {
    let name = parse_label(&create.name).map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let appids: Result<Vec<_>, _> =
        create.authorizers.iter().map(|text| AuthorizerAppid::parse(text)).collect();
    let appids = appids.map_err(|error| Failure::usage(format!("--authorizer: {error}")))?;
    let bad =
        |text: &str| Failure::usage(format!("--ip: “{text}” is no address or range such as 10.0.0.0/8"));
    let networks: Result<Vec<_>, _> =
        create.networks.iter().map(|text| parse_network(text).ok_or_else(|| bad(text))).collect();
    let networks = networks?;
    Ok(NewKey {
        name,
        scopes: create.scopes.iter().filter_map(|name| Scope::from_name(name)).collect(),
        authorizers: if appids.is_empty() { Allowed::All } else { Allowed::Only(appids) },
        sources: if networks.is_empty() { Sources::Anywhere } else { Sources::Networks(networks) },
        lives_for: create.expires_in_days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600)),
    })
}

/// `<id>  hufu_live_AbCd…  live     read_token report  order service`.
fn line(key: &ApiKey, now: Timestamp) -> String {
    let standing = match key.standing(now) {
        Standing::Live => "live",
        Standing::Expired => "expired",
        Standing::Revoked => "revoked",
    };
    let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let used = key
        .last_used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("used {}", when::exact(at, Zone::default())));
    format!("{}  {PREFIX}{}…  {standing:<8} {scopes}  {}  {used}", key.id, key.hint, key.name)
}
