//! Platforms and accounts.

use askama::Template;

use super::{Frame, ROWS};
use crate::sandbox::account::{Account, AccountStatus};
use crate::sandbox::component::Component;
use crate::sandbox::control::Control;
use crate::sandbox::control::moments::span;
use crate::sandbox::control::page::Wanted;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

#[derive(Template)]
#[template(path = "sandbox/accounts.html")]
struct AccountsPage {
    frame: Frame,
    components: Vec<ComponentCard>,
    accounts: Vec<AccountRow>,
    total: usize,
    q: String,
    /// Addresses of the pages beside this one.
    previous: Option<String>,
    next: Option<String>,
}

struct ComponentCard {
    component: Component,
    ticket: String,
    ticket_age: String,
    next_in: String,
    grants: usize,
    token_left: String,
    ip_list: String,
    test_list: String,
}

struct AccountRow {
    appid: String,
    name: String,
    kind: &'static str,
    gh_id: String,
    secret: String,
    status: &'static str,
    normal: bool,
    grants: Vec<GrantLine>,
}

struct GrantLine {
    component: String,
    state: &'static str,
    good: bool,
    sets: String,
    token_left: String,
}

pub(in crate::sandbox::control) fn accounts(
    control: &Control,
    frame: Frame,
    wanted: &Wanted,
) -> Result<String, askama::Error> {
    let english = frame.english;
    let (components, accounts, total) = control.with(|world| {
        let fits = |account: &&Account| {
            let q = wanted.q.trim();
            q.is_empty() || account.appid.contains(q) || account.nick_name.contains(q)
        };
        let total = world.accounts.values().filter(fits).count();
        let rows = world.accounts.values().filter(fits).skip(wanted.offset).take(ROWS);
        let rows: Vec<AccountRow> = rows.map(|account| account_row(world, account, english)).collect();
        let cards: Vec<ComponentCard> =
            world.components.values().map(|known| component_card(world, known)).collect();
        (cards, rows, total)
    });
    let q: String = url::form_urlencoded::byte_serialize(wanted.q.as_bytes()).collect();
    let at = |offset: usize| format!("/?q={q}&offset={offset}");
    let page = AccountsPage {
        frame,
        components,
        accounts,
        total,
        q: wanted.q.clone(),
        previous: (wanted.offset > 0).then(|| at(wanted.offset.saturating_sub(ROWS))),
        next: (wanted.offset + ROWS < total).then(|| at(wanted.offset + ROWS)),
    };
    page.render()
}

fn component_card(world: &World, component: &Component) -> ComponentCard {
    let now = world.now().unix();
    let newest = component.tickets.back();
    let first = (component.appid.clone(), String::new());
    let grants = world.grants.range(first..).take_while(|((owner, _), _)| *owner == component.appid).count();
    let join = |mut list: Vec<String>| {
        list.sort_unstable();
        list.join(", ")
    };
    ComponentCard {
        ticket: newest.map(|ticket| ticket.value.clone()).unwrap_or_default(),
        ticket_age: newest.map(|ticket| span(now - ticket.issued_at)).unwrap_or_default(),
        next_in: span(component.pusher.next_at - now),
        grants,
        token_left: left(world, &Lane::component(&component.appid)),
        ip_list: join(component.ip_list.clone()),
        test_list: join(component.test_list.iter().cloned().collect()),
        component: component.clone(),
    }
}

fn account_row(world: &World, account: &Account, english: bool) -> AccountRow {
    let grants = world.components.keys().filter_map(|component| {
        let grant = world.grant(component, &account.appid).ok()?;
        let (state, good) = match (grant.refused, grant.exchanged, english) {
            (true, _, false) => ("refresh_token 被拒", false),
            (true, _, true) => ("refresh token refused", false),
            (false, true, false) => ("已授权", true),
            (false, true, true) => ("authorized", true),
            (false, false, false) => ("授权码未换取", false),
            (false, false, true) => ("not exchanged", false),
        };
        Some(GrantLine {
            component: component.clone(),
            state,
            good,
            sets: grant.sets.iter().map(u32::to_string).collect::<Vec<_>>().join(" "),
            token_left: left(world, &Lane::authorizer(component, &account.appid)),
        })
    });
    AccountRow {
        name: if account.nick_name.is_empty() { "—".to_owned() } else { account.nick_name.clone() },
        kind: if english { account.kind.en() } else { account.kind.zh() },
        gh_id: account.gh_id.clone(),
        secret: account.secret.clone(),
        status: if english { account.status.en() } else { account.status.zh() },
        normal: account.status == AccountStatus::Normal,
        grants: grants.collect(),
        appid: account.appid.clone(),
    }
}

/// How long the newest token of a lane still lives; `—` when it is dead or was never issued.
fn left(world: &World, lane: &Lane) -> String {
    let now = world.now();
    match world.tokens.latest(lane) {
        Some((token, issued)) if world.tokens.check(token, now).is_ok() => {
            span(issued.expires_at.unix() - now.unix())
        }
        Some(_) | None => "—".to_owned(),
    }
}
