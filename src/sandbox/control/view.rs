//! The control page as HTML: what each page shows, ready to print.

use askama::Template;

use super::Control;
use super::moments::{moment, span};
use super::page::Wanted;
use super::switch_words::{GROUPS, SwitchWords};
use crate::sandbox::account::{Account, AccountStatus};
use crate::sandbox::clip::clip;
use crate::sandbox::component::Component;
use crate::sandbox::faults::FaultKind;
use crate::sandbox::journal::Entry;
use crate::sandbox::pushes::{Outcome, PushRecord};
use crate::sandbox::state::World;
use crate::sandbox::switches::Switches;
use crate::sandbox::tokens::Lane;

const ROWS: usize = 50;

/// What all pages have around them.
pub struct Frame {
    here: &'static str,
    english: bool,
    url: String,
    now: String,
    done: String,
    error: String,
}

impl Frame {
    pub fn new(control: &Control, here: &'static str, english: bool, done: String, error: String) -> Self {
        let (url, now) = control.with(|world| (world.base_url.clone(), moment(world.now().unix())));
        Self { here, english, url, now, done, error }
    }

    /// The words in the reader's language.
    fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.english { en } else { zh }
    }
}

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

pub(super) fn accounts(control: &Control, frame: Frame, wanted: &Wanted) -> Result<String, askama::Error> {
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

#[derive(Template)]
#[template(path = "sandbox/switches.html")]
struct SwitchesPage {
    frame: Frame,
    groups: Vec<SwitchGroup>,
}

struct SwitchGroup {
    title: &'static str,
    switches: Vec<SwitchRow>,
}

struct SwitchRow {
    name: &'static str,
    text: &'static str,
    value: String,
    usual: String,
    /// It stands elsewhere than usual.
    changed: bool,
    kind: SwitchKind,
}

enum SwitchKind {
    Choice(Vec<(String, bool)>),
    YesNo(bool),
    Number,
}

pub(super) fn switches(control: &Control, frame: Frame) -> Result<String, askama::Error> {
    let json = |switches: &Switches| serde_json::to_value(switches).unwrap_or_default();
    let (now, usual) = (json(&control.switches()), json(&Switches::default()));
    let row = |words: &SwitchWords| {
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (value, usual) = (&now[words.name], &usual[words.name]);
        let usual_text = match usual.as_bool() {
            Some(true) => frame.say("开", "on").to_owned(),
            Some(false) => frame.say("关", "off").to_owned(),
            None => text(usual),
        };
        SwitchRow {
            name: words.name,
            text: frame.say(words.zh, words.en),
            value: text(value),
            changed: value != usual,
            usual: usual_text,
            kind: match value {
                serde_json::Value::Bool(on) => SwitchKind::YesNo(*on),
                serde_json::Value::String(at) => SwitchKind::Choice(
                    words.positions.iter().map(|position| ((*position).to_owned(), position == at)).collect(),
                ),
                _ => SwitchKind::Number,
            },
        }
    };
    let groups = GROUPS
        .iter()
        .map(|(zh, en, switches)| SwitchGroup {
            title: frame.say(zh, en),
            switches: switches.iter().map(row).collect(),
        })
        .collect();
    SwitchesPage { groups, frame }.render()
}

#[derive(Template)]
#[template(path = "sandbox/faults.html")]
struct FaultsPage {
    frame: Frame,
    rules: Vec<RuleRow>,
    push_rules: Vec<RuleRow>,
    limits: Vec<RuleRow>,
}

struct RuleRow {
    id: u64,
    what: String,
    whom: String,
    times: String,
}

pub(super) fn faults(control: &Control, frame: Frame) -> Result<String, askama::Error> {
    let times = |times: Option<u32>| times.map_or_else(|| "∞".to_owned(), |times| format!("× {times}"));
    let (rules, push_rules, limits) = control.with(|world| {
        let rules = world.faults.rules().iter().map(|rule| RuleRow {
            id: rule.id,
            what: match &rule.kind {
                FaultKind::Errcode { errcode } => format!("errcode {errcode}"),
                FaultKind::Delay { ms } | FaultKind::DelayAfter { ms } => {
                    format!("{} {ms} ms", rule.kind.code())
                }
                kind => kind.code().to_owned(),
            },
            whom: format!("{} · {}", rule.path, rule.account),
            times: times(rule.times),
        });
        let push_rules = world.push_faults.iter().map(|rule| RuleRow {
            id: 0,
            what: serde_json::to_value(rule.kind)
                .ok()
                .and_then(|kind| kind.as_str().map(str::to_owned))
                .unwrap_or_default(),
            whom: rule.info_type.clone().unwrap_or_else(|| "*".to_owned()),
            times: times(Some(rule.times)),
        });
        let limits = world.quotas.limits().iter().map(|limit| RuleRow {
            id: 0,
            what: format!("{} · {}", limit.path, limit.account),
            whom: limit.daily.map(|daily| format!("{daily} / day")).unwrap_or_default(),
            times: limit.minute.map(|minute| format!("{minute} / min")).unwrap_or_default(),
        });
        (rules.collect(), push_rules.collect(), limits.collect())
    });
    FaultsPage { frame, rules, push_rules, limits }.render()
}

#[derive(Template)]
#[template(path = "sandbox/pushes.html")]
struct PushesPage {
    frame: Frame,
    pushes: Vec<PushRow>,
}

struct PushRow {
    record: PushRecord,
    at: String,
    outcome: &'static str,
    good: bool,
    bad: bool,
    about: String,
    answers: String,
}

pub(super) fn pushes(control: &Control, frame: Frame) -> Result<String, askama::Error> {
    let row = |record: PushRecord| {
        let answers = record.attempts.iter().map(|attempt| match &attempt.problem {
            None => format!("{} ms", attempt.ms),
            Some(problem) if attempt.answer.is_empty() => format!("{} ms: {problem}", attempt.ms),
            Some(problem) => format!("{} ms: {problem} “{}”", attempt.ms, clip(&attempt.answer, 60)),
        });
        PushRow {
            at: moment(record.at),
            outcome: match record.outcome {
                Outcome::Pending => frame.say("推送中", "pending"),
                Outcome::Accepted => frame.say("已接收", "accepted"),
                Outcome::Failed => frame.say("失败", "failed"),
                Outcome::Dropped => frame.say("丢弃", "dropped"),
                Outcome::Held => frame.say("扣留", "held"),
                Outcome::NoUrl => frame.say("未配置 URL", "no URL"),
            },
            good: record.outcome == Outcome::Accepted,
            bad: record.outcome == Outcome::Failed,
            about: record.account.clone().unwrap_or_default(),
            answers: answers.collect::<Vec<_>>().join(" / "),
            record,
        }
    };
    let pushes = control.pushes(ROWS).into_iter().map(row).collect();
    PushesPage { pushes, frame }.render()
}

#[derive(Template)]
#[template(path = "sandbox/calls.html")]
struct CallsPage {
    frame: Frame,
    paths: Vec<PathRow>,
    entries: Vec<CallRow>,
    concurrency: u32,
    q: String,
}

/// All accounts of one path together.
#[derive(Default)]
struct PathRow {
    path: String,
    calls: u64,
    errors: u64,
    in_doubt: u64,
    in_flight: u32,
    max_in_flight: u32,
}

struct CallRow {
    entry: Entry,
    at: String,
    took: String,
    errcode: String,
    good: bool,
}

pub(super) fn calls(control: &Control, frame: Frame, wanted: &Wanted) -> Result<String, askama::Error> {
    let mut paths: Vec<PathRow> = Vec::new();
    for line in control.counts("", "") {
        if paths.last().is_none_or(|row| row.path != line.path) {
            paths.push(PathRow { path: line.path, ..PathRow::default() });
        }
        if let Some(row) = paths.last_mut() {
            row.calls += line.count.calls;
            row.errors += line.count.errors;
            row.in_doubt += line.count.in_doubt;
            row.in_flight += line.count.in_flight;
            row.max_in_flight = row.max_in_flight.max(line.count.max_in_flight);
        }
    }
    let entry_row = |entry: Entry| CallRow {
        at: moment(entry.at),
        took: entry
            .ended_ms
            .map_or_else(|| "…".to_owned(), |ended| format!("{} ms", ended - entry.started_ms)),
        errcode: entry.errcode.map_or_else(|| "–".to_owned(), |errcode| errcode.to_string()),
        good: entry.errcode == Some(0) && !entry.in_doubt,
        entry,
    };
    let entries = control.journal("", wanted.q.trim(), ROWS).into_iter().map(entry_row).collect();
    let concurrency = control.max_refresh_concurrency();
    CallsPage { frame, paths, entries, concurrency, q: wanted.q.clone() }.render()
}
