//! Who one is comes before what one sent: the extractor of a form waits until the extractor of the visitor before it
//! has said yes, so that a form without sense is answered by the visitor's own refusal first.

use std::future::Future;
use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::Notify;

#[derive(Clone)]
struct Gate(Rc<Notify>);

/// Runs the visitor's extractor; opens the gate when it says yes.
pub(super) fn guard<T, E, F: Future<Output = Result<T, E>>>(
    req: &HttpRequest,
    visitor: F,
) -> impl Future<Output = Result<T, E>> + use<T, E, F> {
    let gate = Gate(Rc::new(Notify::new()));
    req.extensions_mut().insert(gate.clone());
    async move {
        let found = visitor.await?;
        gate.0.notify_one();
        Ok(found)
    }
}

/// Waits for the visitor's extractor, when the handler has one before this. After a no this never ends, and need not:
/// the no is the answer.
pub(super) fn passed(req: &HttpRequest) -> impl Future<Output = ()> + use<> {
    let gate = req.extensions().get::<Gate>().cloned();
    async move {
        if let Some(Gate(gate)) = gate {
            gate.notified().await;
        }
    }
}
