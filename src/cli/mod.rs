//! The command line: parses, reads the configuration, hands over to one file for each command. Exits with 0, with 2
//! for a command line or configuration that makes no sense, with 1 for everything else.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, environment};

mod audit;
mod bench;
mod component;
mod demo;
mod doctor;
mod failure;
mod folder;
mod key;
mod keys;
mod logging;
mod sandbox;
mod say;
mod serve;
mod stdin;
mod tenant;
mod user;

use failure::Failure;
pub use logging::LOUD_LIBRARIES_ARE_QUIET;

/// Hufu 虎符: keeps the authority that WeChat accounts grant to a third-party platform.
#[derive(Debug, Parser)]
#[command(name = "hufu", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the portal (the default). Settings come from HUFU_… or hufu.toml.
    Serve,
    /// Try everything at once: a portal and a WeChat of its own, with sample tenants, in a temporary database.
    Demo(demo::Demo),
    /// Run the WeChat simulator alone: a WeChat of one's own, for tests and demonstrations.
    Sandbox(sandbox::Sandbox),
    /// Work with tenants.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Work with users.
    #[command(subcommand)]
    User(user::User),
    /// Work with third-party platforms (components).
    #[command(subcommand)]
    Component(component::Component),
    /// Work with the keys of business servers.
    #[command(subcommand)]
    Key(key::Key),
    /// Work with the keys of the secrets in the database.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Work with the audit.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Check configuration, database, keys, credentials and WeChat's reachability.
    Doctor,
    /// Measure this build on this machine, as ratios to a ceiling measured in the same run.
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// What `main` calls.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::error(&failure);
            failure.code()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(&configuration()?).await,
            Command::Demo(demo) => demo::run(demo).await,
            Command::Sandbox(args) => sandbox::run(args).await,
            Command::Tenant(command) => tenant::run(command, &configuration()?).await,
            Command::User(command) => user::run(command, &configuration()?).await,
            Command::Component(command) => component::run(command, &configuration()?).await,
            Command::Key(command) => key::run(command, &configuration()?).await,
            Command::Keys(command) => keys::run(command, &configuration()?).await,
            Command::Audit(command) => audit::run(command, &configuration()?).await,
            Command::Doctor => doctor::run().await,
            Command::Bench(bench) => bench::run(bench).await,
        }
    })
}

fn configuration() -> Result<Config, Failure> {
    Ok(Config::load(&environment())?)
}
