//! The page of a tenant's members, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::ids::{BadId, InvitationId, LetterId, TenantId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::letter::LetterState;
use crate::domain::role::Role;
use crate::domain::text::Lang;
use crate::domain::user::{Email, Member};
use crate::web::admin::views::{RoleChoice, role_label, roles, sample_members};
use crate::web::samples::{NOW, ago, ahead};
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::{Words, fill};

#[derive(Debug, Template)]
#[template(path = "members/list.html")]
pub struct MembersView {
    pub shell: Shell,
    pub members: Vec<MemberRow>,
    pub invitations: Vec<InvitationRow>,
    pub roles: Vec<RoleChoice>,
    pub hint: &'static str,
    pub form: InviteForm,
}

#[derive(Clone, Debug)]
pub struct MemberRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub yourself: bool,
    pub disabled: bool,
    pub role: &'static str,
    pub roles: Vec<RoleChoice>,
    pub since: Moment,
    pub change: String,
    pub remove: String,
}

#[derive(Clone, Debug)]
pub struct InvitationRow {
    pub id: String,
    pub email: String,
    pub role: &'static str,
    pub letter: String,
    pub failed: bool,
    /// `None`: it is over.
    pub ends: Option<Moment>,
    pub resend: String,
    pub revoke: String,
}

/// What was entered, what is wrong with it, and the link of the invitation just made.
#[derive(Clone, Debug, Default)]
pub struct InviteForm {
    pub email: String,
    pub bad_email: &'static str,
    pub link: Option<String>,
}

/// What the page is made of.
#[derive(Debug)]
pub struct Found {
    pub members: Vec<Member>,
    pub invitations: Vec<(Invitation, Option<LetterState>)>,
    pub viewer: UserId,
    pub mails: bool,
}

impl MembersView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, form: InviteForm) -> Self {
        let w = shell.w;
        let hint = if found.mails { w.people.invite_hint_letter } else { w.people.invite_hint_link };
        Self {
            members: found.members.iter().map(|one| member(one, found, now, &shell)).collect(),
            invitations: found.invitations.iter().map(|one| invitation(one, now, &shell)).collect(),
            roles: roles(Some(Role::Operator), w),
            hint,
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { role: Some(Role::Owner), nav: Nav::Members, ..Shell::sample(lang) };
        let view_in = |shell, invitations, mails, form| {
            let viewer = UserId::parse("u-ops").ok()?;
            let found = Found { members: sample_members(), invitations, viewer, mails };
            Some(Self::new(shell, NOW, &found, form))
        };
        let view = |invitations, mails, form| view_in(shell(), invitations, mails, form);
        let locked = Shell { recent: false, ..shell() };
        let waiting = sample_invitations().unwrap_or_default();
        let link = Some("https://portal.example.com/invitation/9Zr2…".to_owned());
        let made = InviteForm { link, ..InviteForm::default() };
        let wrong = InviteForm { email: "xin".to_owned(), bad_email: "…", link: None };
        [
            ("locked", view_in(locked, waiting.clone(), true, InviteForm::default())),
            ("some", view(waiting, true, InviteForm::default())),
            ("alone", view(Vec::new(), true, wrong)),
            ("link", view(Vec::new(), false, made)),
        ]
        .into_iter()
        .filter_map(|(name, view)| Some((name, view?)))
        .collect()
    }
}

fn member(member: &Member, found: &Found, now: Timestamp, shell: &Shell) -> MemberRow {
    let name = &member.user.name;
    MemberRow {
        id: member.user.id.to_string(),
        name: name.clone(),
        email: member.user.email.to_string(),
        yourself: member.user.id == found.viewer,
        disabled: member.user.disabled_at.is_some(),
        role: role_label(member.role, shell.w),
        roles: roles(Some(member.role), shell.w),
        since: Moment::of(member.since, now, shell.locale()),
        change: fill(shell.w.people.change_role_of, &[name]),
        remove: fill(shell.w.people.remove_whom, &[name]),
    }
}

fn invitation(
    (one, state): &(Invitation, Option<LetterState>),
    now: Timestamp,
    shell: &Shell,
) -> InvitationRow {
    let email = one.email.as_str();
    InvitationRow {
        id: one.id.to_string(),
        email: email.to_owned(),
        role: role_label(one.role, shell.w),
        letter: letter_words(state.as_ref(), shell.w),
        failed: matches!(state, Some(LetterState::Failed { .. })),
        ends: (one.expires_at > now).then(|| Moment::left(one.expires_at, now, shell.locale())),
        resend: fill(shell.w.people.resend_whom, &[email]),
        revoke: fill(shell.w.people.revoke_whom, &[email]),
    }
}

/// What became of the letter, with the mail server's own words when it did not go.
fn letter_words(state: Option<&LetterState>, w: &Words) -> String {
    let w = &w.people;
    match state {
        None => w.link_shown.to_owned(),
        Some(LetterState::Waiting { problem: None, .. }) => w.letter_waiting.to_owned(),
        Some(LetterState::Waiting { problem: Some(problem), .. }) => fill(w.letter_delayed, &[problem]),
        Some(LetterState::Sent(_)) => w.letter_sent.to_owned(),
        Some(LetterState::Failed { problem, .. }) => fill(w.letter_failed, &[problem]),
    }
}

fn sample_invitations() -> Result<Vec<(Invitation, Option<LetterState>)>, BadId> {
    let problem = "550 5.1.1 no such user here".to_owned();
    let states = [
        ("i-1", "xin@example.com", ahead(6 * 24 * 60), Some(LetterState::Sent(ago(60)))),
        ("i-2", "lost@example.com", ahead(600), Some(LetterState::Failed { at: ago(5), problem })),
        ("i-3", "old@example.com", ago(60), None),
    ];
    let bad = |_| BadId { kind: "sample", text: String::new() };
    states
        .into_iter()
        .map(|(id, email, expires_at, state)| {
            let invitation = Invitation {
                id: InvitationId::parse(id)?,
                tenant: TenantId::parse("t-qinghe")?,
                email: Email::parse(email).map_err(bad)?,
                role: Role::Viewer,
                invited_by: None,
                letter: state.as_ref().and_then(|_| LetterId::parse("l-1").ok()),
                created_at: ago(24 * 60),
                expires_at,
            };
            Ok((invitation, state))
        })
        .collect()
}
