//! The list of merchants' links and the form that makes one.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::component::ComponentStatus;
use crate::domain::merchant_link::{DAYS, MOST_VISITS, Standing, USUAL_DAYS, Way};
use crate::domain::text::Lang;
use crate::service::list_links::{Link, Links};
use crate::web::authorize::problem;
use crate::web::parts::Pager;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::links::LinkWords;
use crate::web::words::{Words, fill};

/// Numbers of accounts that can be chosen, besides any.
pub(super) const USES: [i64; 3] = [1, 5, 20];
pub const PATH: &str = "/links";

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct Found {
    pub links: Links,
    pub standing: Option<Standing>,
    pub is_first: bool,
    pub components: Vec<ComponentStatus>,
    /// May change the logo.
    pub may_brand: bool,
}

#[derive(Debug, Template)]
#[template(path = "links/list.html")]
pub struct LinksView {
    pub shell: Shell,
    pub rows: Vec<LinkRow>,
    pub chips: Vec<Chip>,
    pub may_brand: bool,
    /// There are links in some state.
    pub has_links: bool,
    pub pager: Pager,
    pub form: LinkForm,
    pub kinds: Vec<Choice>,
    pub ways: Vec<Choice>,
    pub uses: Vec<Choice>,
    pub lives: Vec<Choice>,
    pub languages: Vec<Choice>,
    /// More than one: the choice is shown.
    pub components: Vec<Choice>,
}

#[derive(Clone, Debug)]
pub struct LinkRow {
    pub href: String,
    pub label: String,
    pub account: String,
    pub tag: Tag,
    pub funnel: Vec<Step>,
    pub problem: Option<&'static str>,
    pub ends: Moment,
    pub made: Moment,
    /// To be copied, while it is of use.
    pub url: Option<String>,
}

/// A standing as word and colour.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    pub label: &'static str,
    /// `good`, `move` or `off`: class `step-<tone>`.
    pub tone: &'static str,
}

/// One step of a funnel.
#[derive(Clone, Debug)]
pub struct Step {
    pub label: &'static str,
    pub value: String,
    /// `good`, `bad`, `move` or `off`: class `step-<tone>`.
    pub tone: &'static str,
}

#[derive(Clone, Debug)]
pub struct Chip {
    pub label: &'static str,
    pub count: Option<i64>,
    pub href: String,
    pub current: bool,
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What was entered for a new link, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct LinkForm {
    pub label: String,
    pub bad_label: &'static str,
    pub auth_type: AuthType,
    pub way: Way,
    pub locked: String,
    pub bad_locked: &'static str,
    pub uses: Option<i64>,
    pub days: u64,
    pub lang: Option<Lang>,
    pub component: String,
}

impl Default for LinkForm {
    fn default() -> Self {
        Self {
            label: String::new(),
            bad_label: "",
            auth_type: AuthType::Both,
            way: Way::Any,
            locked: String::new(),
            bad_locked: "",
            uses: Some(1),
            days: USUAL_DAYS,
            lang: None,
            component: String::new(),
        }
    }
}

impl LinksView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, form: LinkForm) -> Self {
        let words = shell.w;
        let links = &found.links;
        Self {
            rows: links.rows.iter().map(|link| LinkRow::of(link, now, &shell)).collect(),
            chips: chips(found, &words.links),
            may_brand: found.may_brand,
            has_links: links.counts.iter().any(|(_, count)| *count > 0),
            pager: Pager {
                first: (!found.is_first).then(|| href(found.standing, None)),
                next: links.next.as_ref().map(|next| href(found.standing, Some(&next.to_string()))),
            },
            kinds: kinds(form.auth_type, words),
            ways: ways(form.way, &words.links),
            uses: uses(form.uses, &words.links),
            lives: lives(form.days, &words.links),
            languages: languages(form.lang, &words.links),
            components: components(&found.components, &form.component, &words.links),
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Links, ..Shell::sample(lang) };
        let w = &shell().w.links;
        let found = |rows: Vec<Link>, counts: &[(Standing, i64)]| Found {
            links: Links { rows, counts: counts.to_vec(), next: None },
            standing: None,
            is_first: true,
            components: Vec::new(),
            may_brand: true,
        };
        let counts = [(Standing::Open, 3), (Standing::Finished, 1), (Standing::Expired, 1)];
        let refused = LinkForm {
            bad_label: w.bad_label,
            locked: "wxfremd".to_owned(),
            bad_locked: w.bad_locked,
            uses: None,
            ..LinkForm::default()
        };
        let nothing_open = Found { standing: Some(Standing::Revoked), ..found(vec![], &counts) };
        vec![
            ("empty", Self::new(shell(), NOW, &found(vec![], &[]), LinkForm::default())),
            (
                "several",
                Self::new(shell(), NOW, &found(super::samples::links(), &counts), LinkForm::default()),
            ),
            ("none_of", Self::new(shell(), NOW, &nothing_open, LinkForm::default())),
            ("refused", Self::new(shell(), NOW, &found(vec![], &[]), refused)),
        ]
    }
}

impl LinkRow {
    fn of(one: &Link, now: Timestamp, shell: &Shell) -> Self {
        let (w, locale) = (&shell.w.links, shell.locale());
        let link = &one.handed.link;
        let standing = link.standing(now);
        Self {
            href: format!("{PATH}/{}", link.id),
            label: link.label.clone(),
            account: match &link.locked {
                Some(appid) => fill(w.for_account, &[appid.as_str()]),
                None => w.any_account.to_owned(),
            },
            tag: Tag::of(standing, w),
            funnel: funnel(one, w),
            problem: one.last_problem.map(|what| problem::sentence(what, &shell.w.authorize.problem)),
            ends: Moment::left(link.expires_at, now, locale),
            made: Moment::of(link.created_at, now, locale),
            url: (standing == Standing::Open).then(|| one.handed.url.to_string()),
        }
    }
}

impl Tag {
    pub fn of(standing: Standing, w: &LinkWords) -> Self {
        let (label, tone) = match standing {
            Standing::Open => (w.open, "move"),
            Standing::Finished => (w.finished, "good"),
            Standing::Expired => (w.expired, "off"),
            Standing::Revoked => (w.revoked, "off"),
        };
        Self { label, tone }
    }
}

/// Opened, started, granted, failed: what did not happen is pale.
pub(super) fn funnel(one: &Link, w: &LinkWords) -> Vec<Step> {
    let link = &one.handed.link;
    let opened = if link.opened >= MOST_VISITS { format!("{MOST_VISITS}+") } else { link.opened.to_string() };
    let step = |label, value: String, count: i64, tone| Step {
        label,
        value,
        tone: if count > 0 { tone } else { "off" },
    };
    vec![
        step(w.opened, opened, link.opened, "move"),
        step(w.started, one.started.to_string(), one.started, "move"),
        step(w.granted, link.uses.to_string(), link.uses, "good"),
        step(w.failed, one.failed.to_string(), one.failed, "bad"),
    ]
}

fn href(standing: Option<Standing>, after: Option<&str>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if let Some(standing) = standing {
        pairs.append_pair("state", standing.as_str());
    }
    if let Some(after) = after {
        pairs.append_pair("after", after);
    }
    let query = pairs.finish();
    if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
}

fn chips(found: &Found, w: &LinkWords) -> Vec<Chip> {
    let count = |standing| {
        let counts = &found.links.counts;
        counts.iter().find(|(stood, _)| *stood == standing).map_or(0, |(_, count)| *count)
    };
    let all = Chip { label: w.back, count: None, href: PATH.to_owned(), current: found.standing.is_none() };
    let of = |standing| Chip {
        label: Tag::of(standing, w).label,
        count: Some(count(standing)),
        href: href(Some(standing), None),
        current: found.standing == Some(standing),
    };
    std::iter::once(all).chain(Standing::ALL.map(of)).collect()
}

fn choice(value: impl Into<String>, label: &str, chosen: bool) -> Choice {
    Choice { value: value.into(), label: label.to_owned(), chosen }
}

fn kinds(chosen: AuthType, w: &Words) -> Vec<Choice> {
    let of = |kind: AuthType, label| choice(kind.number().to_string(), label, chosen == kind);
    vec![
        of(AuthType::Both, w.authorize.kind_both),
        of(AuthType::OfficialAccount, w.authorize.kind_official),
        of(AuthType::MiniProgram, w.authorize.kind_mini),
    ]
}

fn ways(chosen: Way, w: &LinkWords) -> Vec<Choice> {
    let of = |way: Way, label| choice(way.as_str(), label, chosen == way);
    vec![of(Way::Any, w.way_any), of(Way::Pc, w.way_pc), of(Way::H5, w.way_h5)]
}

fn uses(chosen: Option<i64>, w: &LinkWords) -> Vec<Choice> {
    let numbers = USES.into_iter().zip([w.uses_1, w.uses_5, w.uses_20]);
    let of = |(uses, label): (i64, &str)| choice(uses.to_string(), label, chosen == Some(uses));
    numbers.map(of).chain([choice("any", w.uses_any, chosen.is_none())]).collect()
}

pub(super) fn lives(chosen: u64, w: &LinkWords) -> Vec<Choice> {
    let numbers = DAYS.into_iter().zip([w.days_1, w.days_7, w.days_30, w.days_90]);
    numbers.map(|(days, label)| choice(days.to_string(), label, chosen == days)).collect()
}

pub(super) fn languages(chosen: Option<Lang>, w: &LinkWords) -> Vec<Choice> {
    vec![
        choice("", w.language_any, chosen.is_none()),
        choice("zh", "中文", chosen == Some(Lang::Zh)),
        choice("en", "English", chosen == Some(Lang::En)),
    ]
}

fn components(all: &[ComponentStatus], chosen: &str, w: &LinkWords) -> Vec<Choice> {
    if all.len() < 2 {
        return Vec::new();
    }
    let of = |one: &ComponentStatus| choice(one.appid.as_str(), &one.name, chosen == one.appid.as_str());
    std::iter::once(choice("", w.component_any, chosen.is_empty())).chain(all.iter().map(of)).collect()
}
