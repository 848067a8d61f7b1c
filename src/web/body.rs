//! Reads a request's body up to a limit, in size and in time.

use std::pin::pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

/// A form takes milliseconds; WeChat itself gives up after five seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    /// It took longer than ten seconds.
    TooSlow,
    /// The connection broke or the encoding is wrong.
    Broken,
}

/// At most `longest` bytes; what comes after is not read.
pub(super) async fn read(
    body: impl Stream<Item = Result<Bytes, PayloadError>>,
    longest: usize,
) -> Result<Vec<u8>, BodyError> {
    tokio::time::timeout(LONGEST_WAIT, read_all(body, longest)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn read_all(
    body: impl Stream<Item = Result<Bytes, PayloadError>>,
    longest: usize,
) -> Result<Vec<u8>, BodyError> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if bytes.len() + chunk.len() > longest {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
