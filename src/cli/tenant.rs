//! `hufu tenant create`.

use clap::{Args, Subcommand};

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::tenant::Slug;
use crate::domain::user::parse_name;
use crate::random::Random;
use crate::service::create_tenant;

use super::failure::Failure;
use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum Tenant {
    /// Make a tenant.
    Create(Create),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Short name: lower-case letters, digits and "-".
    #[arg(value_name = "SLUG", required_unless_present = "slug")]
    position: Option<String>,
    /// The same as an option.
    #[arg(long, conflicts_with = "position")]
    slug: Option<String>,
    /// Name for people; the slug when left out.
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn run(command: Tenant, config: &Config) -> Result<(), Failure> {
    let Tenant::Create(create) = command;
    let slug = create.slug.or(create.position).unwrap_or_default();
    let name = create.name.unwrap_or_else(|| slug.clone());
    let slug = Slug::parse(&slug).map_err(|error| Failure::usage(format!("SLUG: {error}")))?;
    let name = parse_name(&name).map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let made = create_tenant::run(&cx, cx.clock.now(), &Actor::cli(), slug, name).await;
    cx.store.close().await;
    let made = made?;
    say::line(&format!("created tenant {} ({}), id {}", made.slug, made.name, made.id));
    Ok(())
}
