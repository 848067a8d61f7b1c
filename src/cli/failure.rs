//! Why a command did not do what was asked, and the exit code that goes with it.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::app::StartError;
use crate::config::ConfigError;
use crate::service::rotate_keys::KeysError;
use crate::service::{IdentityError, ServiceError};
use crate::store::StoreError;
use crate::web::error::chain;

/// Prints as one sentence with its causes.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// The command line makes no sense.
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }

    pub(super) fn other(error: impl Error) -> Self {
        Self { text: chain(&error), code: 1 }
    }

    pub(super) fn sentence(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::other(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::other(error)
    }
}

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        Self::other(error)
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::other(error)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::other(error)
    }
}
