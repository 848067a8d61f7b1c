//! What the merchant decided: grant, push and redirect in the order that the switches say, or a refusal that leads
//! nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::check::{may_choose, taken_elsewhere};
use super::problem::Problem;
use super::{Verbs, view};
use crate::sandbox::codes::ConsentTicket;
use crate::sandbox::faults::wait;
use crate::sandbox::pushes::Push;
use crate::sandbox::sets;
use crate::sandbox::state::{Shared, World};
use crate::sandbox::switches::{EventOrder, ExclusiveSets, Redirect};

/// The form: `ticket`, `appid`, any number of `set`, and the button as `decision`.
struct Choice {
    ticket: String,
    appid: String,
    sets: BTreeSet<u32>,
    rejected: bool,
}

/// What follows from a consent.
struct Consented {
    location: String,
    account_name: String,
    event: Option<Push>,
    order: EventOrder,
    redirect: Redirect,
    delay: Duration,
    warning: String,
}

pub async fn decide(body: Bytes, shared: Data<Shared>, verbs: Verbs) -> HttpResponse {
    let shared: Arc<Shared> = shared.into_inner();
    let choice = read(&body);
    let english =
        shared.with(|world| world.codes.consents.get(&choice.ticket).is_some_and(|ticket| ticket.english));
    if choice.rejected {
        shared.with(|world| world.codes.consents.remove(&choice.ticket));
        return view::rejected(english);
    }
    let consented = match shared.with(|world| consent(world, &choice)) {
        Ok(consented) => consented,
        Err(problem) => return view::problem(&problem, english),
    };
    send_event(&verbs, &shared, consented.event, consented.order, consented.delay).await;
    match consented.redirect {
        Redirect::Yes => HttpResponse::SeeOther()
            .insert_header(("Location", consented.location))
            .insert_header(("Cache-Control", "no-store"))
            .finish(),
        Redirect::Never => view::stayed(&consented.account_name, &consented.warning, english),
    }
}

fn read(body: &[u8]) -> Choice {
    let mut choice =
        Choice { ticket: String::new(), appid: String::new(), sets: BTreeSet::new(), rejected: false };
    for (name, value) in url::form_urlencoded::parse(body) {
        match name.as_ref() {
            "ticket" => choice.ticket = value.into_owned(),
            "appid" => choice.appid = value.into_owned(),
            "other_appid" if !value.trim().is_empty() => value.trim().clone_into(&mut choice.appid),
            "set" => choice.sets.extend(value.parse::<u32>()),
            "decision" => choice.rejected = value == "reject",
            _ => {}
        }
    }
    choice
}

fn consent(world: &mut World, choice: &Choice) -> Result<Consented, Problem> {
    let now = world.now();
    let ticket = world.codes.consents.get(&choice.ticket).filter(|ticket| now < ticket.expires_at);
    let ticket = ticket.ok_or(Problem::Lapsed)?.clone();
    let (granted, account_name) = chosen_sets(world, &ticket, choice)?;
    let taken = taken_elsewhere(world, &ticket.component, &choice.appid, &granted);
    let taken_names: Vec<String> = taken.iter().map(|id| view::set_name(*id, ticket.english)).collect();
    let taken_names = taken_names.join("、");
    if !taken.is_empty() && world.switches.exclusive_sets == ExclusiveSets::Deny {
        return Err(Problem::Exclusive { sets: taken_names });
    }
    use_code(world, &ticket)?;
    world.codes.consents.remove(&choice.ticket);
    let outcome = world
        .consent(&ticket.component, &choice.appid, granted, Some(&ticket.pre_auth_code))
        .map_err(|_| Problem::Choice)?;
    Ok(Consented {
        location: return_address(&ticket.redirect_uri, &outcome.auth_code, world.switches.auth_code_seconds),
        account_name,
        event: outcome.event,
        order: world.switches.event_order,
        redirect: world.switches.redirect,
        delay: Duration::from_millis(world.switches.push_delay_ms),
        warning: taken_names,
    })
}

/// The sets that were ticked, as far as they were offered and fit the account.
fn chosen_sets(
    world: &World,
    ticket: &ConsentTicket,
    choice: &Choice,
) -> Result<(BTreeSet<u32>, String), Problem> {
    let component = world.components.get(&ticket.component).ok_or(Problem::Component)?;
    let account = world.accounts.get(&choice.appid).ok_or(Problem::Choice)?;
    if !may_choose(component, ticket.kinds, ticket.biz_appid.as_deref(), account) {
        return Err(Problem::Choice);
    }
    let fits = |id: &u32| ticket.sets.contains(id) && sets::fits(*id, account.kind);
    let granted: BTreeSet<u32> = choice.sets.iter().copied().filter(fits).collect();
    let none_offered = !ticket.sets.iter().any(|id| sets::fits(*id, account.kind));
    if granted.is_empty() && !none_offered {
        return Err(Problem::Choice);
    }
    Ok((granted, account.nick_name.clone()))
}

/// The code may have been used on another page, or have expired since this one was opened.
fn use_code(world: &mut World, ticket: &ConsentTicket) -> Result<(), Problem> {
    use crate::sandbox::switches::ConsumeAt;
    let (now, consume_at) = (world.now(), world.switches.consume_pre_auth_code_at);
    let code = world.codes.pre_auth.get_mut(&ticket.pre_auth_code).ok_or(Problem::PreAuthCode)?;
    if now >= code.expires_at || (code.used && consume_at == ConsumeAt::Confirm) {
        return Err(Problem::PreAuthCode);
    }
    code.used = true;
    Ok(())
}

async fn send_event(
    verbs: &Verbs,
    shared: &Arc<Shared>,
    event: Option<Push>,
    order: EventOrder,
    delay: Duration,
) {
    let Some(event) = event else { return };
    match order {
        EventOrder::Never => {}
        EventOrder::Before => verbs.deliver(event).await,
        EventOrder::After => {
            let verbs = verbs.clone();
            shared.spawn(async move {
                wait(delay).await;
                verbs.deliver(event).await;
            });
        }
    }
}

/// The redirect keeps query and fragment; the code's `@` stays as it is, as WeChat leaves it.
fn return_address(redirect_uri: &str, auth_code: &str, seconds: u64) -> String {
    let (address, fragment) =
        redirect_uri.split_once('#').map_or((redirect_uri, None), |(a, f)| (a, Some(f)));
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{joint}auth_code={auth_code}&expires_in={seconds}{fragment}")
}
