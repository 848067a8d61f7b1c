//! Makes pushed tickets durable, together with whatever other tickets wait for the disk at the same time. Only the two
//! newest of a component are ever kept, so a whole crowd of them is one small transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;
use crate::secret::ComponentVerifyTicket;
use crate::store::component_token;
use crate::store::{StoreError, component_ticket};

use super::Context;
use super::group::Group;

/// How many pushes share a transaction.
const TOGETHER: usize = 256;
/// How many tickets of a component are kept.
const KEPT: usize = 2;

/// A pushed ticket.
#[derive(Clone, Debug)]
pub struct Pushed {
    pub component: ComponentAppid,
    pub ticket: ComponentVerifyTicket,
    /// WeChat's CreateTime.
    pub created: Timestamp,
}

/// The tickets that wait for the database. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Tickets(Group<Pushed, Result<(), Arc<StoreError>>>);

/// Returns once the ticket, or two newer ones of the same component, are on the disk.
///
/// # Errors
/// When the database does not take it; WeChat has to push it again.
pub async fn run(cx: &Context, now: Timestamp, pushed: Pushed) -> Result<(), Arc<StoreError>> {
    let theirs = cx.clone();
    let work = move |crowd: Vec<Pushed>| {
        let cx = theirs.clone();
        async move {
            let length = crowd.len();
            vec![store(&cx, now, crowd).await.map_err(Arc::new); length]
        }
    };
    let broken = || Arc::new(StoreError::corrupt("component_ticket", "ticket_sealed", "a crowd of tickets"));
    cx.tickets.0.join(pushed, TOGETHER, work).await.unwrap_or_else(|| Err(broken()))
}

async fn store(cx: &Context, now: Timestamp, crowd: Vec<Pushed>) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    for (appid, mut tickets) in by_component(crowd) {
        // Stable: of those of one second the last that came is the newest.
        tickets.sort_by_key(|pushed| pushed.created);
        let newest = tickets.len().saturating_sub(KEPT);
        for Pushed { ticket, created, .. } in tickets.drain(newest..) {
            component_ticket::put(&mut tx, &cx.vault, &appid, &ticket, (created, now)).await?;
        }
        component_token::wake_starved_lane(&mut tx, &appid, now).await?;
    }
    tx.commit().await
}

/// In the order of their appids, so that no two transactions wait for each other.
fn by_component(crowd: Vec<Pushed>) -> BTreeMap<ComponentAppid, Vec<Pushed>> {
    let mut tickets: BTreeMap<ComponentAppid, Vec<Pushed>> = BTreeMap::new();
    for pushed in crowd {
        tickets.entry(pushed.component.clone()).or_default().push(pushed);
    }
    tickets
}
