//! Sentences about grants that wait for a platform admin, for the tenants they concern.

use crate::store::grant_list::Waiting;
use crate::web::account::Gaze;
use crate::web::words::fill;

use super::problem;

/// What this tenant asked for and waits for, then who else asked for what it has. Neither names the other tenant.
pub(in crate::web) fn notices(asked: &[Waiting], claimed: &[Waiting], gaze: &Gaze) -> Vec<String> {
    let w = &gaze.w.authorize.problem;
    let account = |one: &Waiting| match &one.account {
        Some(appid) => appid.to_string(),
        None => w.notice_some.to_owned(),
    };
    let when = |one: &Waiting| gaze.moment(one.received_at).text;
    let asked = asked.iter().map(|one| {
        let why = problem::sentence(one.problem, w);
        fill(w.notice_asked, &[&account(one), &when(one), why])
    });
    let claimed = claimed.iter().map(|one| fill(w.notice_claimed, &[&account(one), &when(one)]));
    asked.chain(claimed).collect()
}
