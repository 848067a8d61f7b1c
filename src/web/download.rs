//! A file that is made while it is sent: piece by piece, as fast as the other end takes it, never whole in memory. When it
//! cannot be finished, the connection is cut, so that nobody takes a part for the whole.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use futures_util::stream;

use crate::store::StoreError;

/// What a file is made of.
pub(super) trait Pieces: 'static {
    /// Some more of the file; `None` at its end.
    async fn next(&mut self) -> Result<Option<String>, StoreError>;
}

/// To be saved, by no cache, under this name.
pub(super) fn attachment(pieces: impl Pieces, kind: &'static str, name: &str) -> HttpResponse {
    let file = stream::try_unfold(pieces, |mut pieces| async move {
        let piece = pieces.next().await;
        let piece =
            piece.inspect_err(|error| tracing::error!(%error, "a file was cut off while it was sent"))?;
        Ok::<_, StoreError>(piece.map(|text| (Bytes::from(text), pieces)))
    });
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(file)
}
