//! The component_verify_tickets: the two newest of each component are kept.

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentVerifyTicket, Secret};
use crate::vault::{Place, Vault};

use super::{Reader, StoreError, Writer, data_key};

/// Keeps a pushed ticket. A value that is known already only becomes fresh again.
pub async fn put(
    tx: &mut Writer,
    vault: &Vault,
    appid: &ComponentAppid,
    ticket: &ComponentVerifyTicket,
    (create_time, now): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let fingerprint = ticket.fingerprint();
    let row = row_key(appid, &fingerprint);
    let sealed = data_key::seal(tx, vault, ticket, place(&row)).await?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO component_ticket (component_appid, fingerprint, ticket_sealed, create_time, received_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (component_appid, fingerprint) DO UPDATE SET \
             received_at = excluded.received_at, create_time = CASE \
             WHEN component_ticket.create_time > excluded.create_time THEN component_ticket.create_time \
             ELSE excluded.create_time END",
        )
        .bind(appid.as_str())
        .bind(&fingerprint)
        .bind(sealed)
        .bind(create_time.unix())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    on!(tx, |c| {
        sqlx::query(
            "DELETE FROM component_ticket WHERE component_appid = $1 AND fingerprint NOT IN \
             (SELECT fingerprint FROM component_ticket WHERE component_appid = $1 \
             ORDER BY create_time DESC, received_at DESC LIMIT 2)",
        )
        .bind(appid.as_str())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// A ticket and its age.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub ticket: ComponentVerifyTicket,
    pub received_at: Timestamp,
}

/// The ticket with the largest CreateTime.
pub async fn newest(
    tx: &mut Reader,
    vault: &Vault,
    appid: &ComponentAppid,
) -> Result<Option<Ticket>, StoreError> {
    let row: Option<(String, String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT fingerprint, ticket_sealed, received_at FROM component_ticket WHERE component_appid = $1 \
             ORDER BY create_time DESC, received_at DESC LIMIT 1",
        )
        .bind(appid.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some((fingerprint, sealed, received_at)) = row else { return Ok(None) };
    let row = row_key(appid, &fingerprint);
    let ticket = data_key::open(tx, vault, &sealed, place(&row)).await?;
    Ok(Some(Ticket { ticket, received_at: Timestamp::from_unix(received_at) }))
}

fn row_key(appid: &ComponentAppid, fingerprint: &str) -> String {
    format!("{appid}/{fingerprint}")
}

const fn place(row: &str) -> Place<'_> {
    Place { tenant: None, table: "component_ticket", column: "ticket_sealed", row }
}
