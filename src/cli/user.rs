//! `hufu user create`.

use std::path::Path;

use clap::{Args, Subcommand};

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::role::{PlatformRole, Role};
use crate::domain::tenant::Slug;
use crate::domain::user::{Email, User as Person, parse_name};
use crate::random::Random;
use crate::secret::Password;
use crate::service::create_user::{self, NewUser};
use crate::service::{Context, password_rules};
use crate::store::tenant;

use super::failure::Failure;
use super::{say, stdin};

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Make a user, and a member of a tenant at once.
    Create(Create),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// E-mail address; what the user signs in with.
    #[arg(long)]
    email: String,
    /// Name for people; the part before the "@" when left out.
    #[arg(long)]
    name: Option<String>,
    /// Slug of the tenant the user becomes a member of.
    #[arg(long, requires = "role")]
    tenant: Option<String>,
    /// What the user may do in the tenant.
    #[arg(long, requires = "tenant", value_parser = ["owner", "operator", "viewer"])]
    role: Option<String>,
    /// Runs the third-party platform and sees every tenant.
    #[arg(long)]
    platform_admin: bool,
    /// Sees every tenant and the platform, except secrets, and changes nothing.
    #[arg(long, conflicts_with = "platform_admin")]
    platform_support: bool,
    /// Read the password from standard input (12 to 256 characters).
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl Create {
    fn platform(&self) -> Option<PlatformRole> {
        match (self.platform_admin, self.platform_support) {
            (true, _) => Some(PlatformRole::Admin),
            (false, true) => Some(PlatformRole::Support),
            (false, false) => None,
        }
    }
}

pub(super) async fn run(command: User, config: &Config) -> Result<(), Failure> {
    let User::Create(create) = command;
    let (new, membership) = parse(&create)?;
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let made = make(&cx, new, membership).await;
    cx.store.close().await;
    let made = made?;
    say::line(&format!("created user {} ({}), id {}", made.email, made.name, made.id));
    Ok(())
}

/// Everything that can be wrong without asking the database.
fn parse(create: &Create) -> Result<(NewUser, Option<(Slug, Role)>), Failure> {
    let email = Email::parse(&create.email).map_err(|error| Failure::usage(format!("--email: {error}")))?;
    let before_at = email.as_str().split('@').next().unwrap_or_default();
    let name = parse_name(create.name.as_deref().unwrap_or(before_at))
        .map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let slug = create.tenant.as_deref().map(Slug::parse).transpose();
    let slug = slug.map_err(|error| Failure::usage(format!("--tenant: {error}")))?;
    let role = create.role.as_deref().and_then(Role::from_name);
    let password: Password = stdin::secret(Path::new("-"), "--password-stdin")?;
    password_rules::check(&password, &[email.as_str(), &name])
        .map_err(|error| Failure::usage(format!("--password-stdin: {error}")))?;
    let new = NewUser { email, name, password, platform: create.platform(), membership: None };
    Ok((new, slug.zip(role)))
}

async fn make(cx: &Context, new: NewUser, member: Option<(Slug, Role)>) -> Result<Person, Failure> {
    let membership = match member {
        Some((slug, role)) => {
            let found = tenant::find_by_slug(&mut cx.store.read().await?, &slug).await?;
            let missing = || Failure::sentence(format!("--tenant: there is no tenant with the slug {slug}"));
            Some((found.ok_or_else(missing)?.id, role))
        }
        None => None,
    };
    Ok(create_user::run(cx, cx.clock.now(), &Actor::cli(), NewUser { membership, ..new }).await?)
}
