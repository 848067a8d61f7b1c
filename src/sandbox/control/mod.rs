//! The hand that moves the sandbox: the same verbs in process ([`Control`]), as a JSON API under `/sandbox/api/`, and as
//! buttons on the control page.

mod account_verbs;
mod api;
mod component_verbs;
mod moments;
mod page;
mod reads;
pub mod requests;
mod switch_words;
mod verbs;
mod view;
mod whose;

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use super::refusal::Refusal;
use super::seed::WorldFile;
use super::state::{Shared, World};

/// Moves the sandbox from within the process. Clones move the same sandbox.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
    start: Arc<WorldFile>,
    journal_capacity: usize,
}

type Done = Result<(), ControlError>;

/// Why a verb was refused; the sentence is for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ControlError(pub String);

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        Self(format!("{} ({})", refusal.text, refusal.errcode))
    }
}

impl Control {
    pub(super) fn new(shared: Arc<Shared>, start: WorldFile, journal_capacity: usize) -> Self {
        Self { shared, start: Arc::new(start), journal_capacity }
    }

    fn with<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        self.shared.with(work)
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.configure(api::routes).configure(page::routes);
}
