//! `hufu audit verify`.

use clap::Subcommand;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;
use crate::service::verify_audit;

use super::failure::Failure;
use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Read the whole audit and say whether a record was edited, inserted or removed. Changes nothing.
    Verify,
}

pub(super) async fn run(command: Audit, config: &Config) -> Result<(), Failure> {
    let Audit::Verify = command;
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let verdict = verify_audit::run(&cx).await;
    cx.store.close().await;
    let verdict = verdict.map_err(Failure::other)?;
    for fault in &verdict.faults {
        say::line(&fault.to_string());
    }
    if !verdict.faults.is_empty() {
        return Err(Failure::sentence(format!(
            "{} faults in {} records",
            verdict.faults.len(),
            verdict.records
        )));
    }
    say::line(&format!(
        "{} records, unbroken; {} checkpoints vouch for those up to {}",
        verdict.records, verdict.checkpoints, verdict.signed_until
    ));
    Ok(())
}
