//! Asks WeChat to push tickets (again): api_start_push_ticket.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::ids::ComponentAppid;
use crate::store::{audit, component};
use crate::wechat::api::api_start_push_ticket;

use super::call_component::CallError;
use super::{Context, ServiceError};

/// Returns what WeChat said: `ok` (it had stopped) or `in a normal state`.
///
/// # Errors
/// `NotFound`, `Wechat`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    appid: &ComponentAppid,
) -> Result<String, ServiceError> {
    let config = component::config(&mut cx.store.read().await?, &cx.vault, appid)
        .await?
        .ok_or(ServiceError::NotFound)?;
    let answer = api_start_push_ticket::call(&cx.wechat, appid, &config.appsecret).await;
    let said = match &answer {
        Ok(said) => said.clone(),
        Err(error) => error.to_string(),
    };
    let mut tx = cx.store.write().await?;
    component::set_push_requested(&mut tx, appid, now, &said).await?;
    let entry = Entry::platform(Action::TicketPushRequested, Subject::component(appid).named(&config.name));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("answer", Said(&said)))).await?;
    tx.commit().await?;
    answer.map_err(|error| CallError::Wechat(error).into())
}
