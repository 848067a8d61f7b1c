//! How an attempt ended, in words for the merchant who made it.

use crate::domain::authorization::GrantProblem;
use crate::web::words::connect::ConnectWords;
use crate::web::words::fill;

/// What happened, and what to do; `expected` is the account the link is locked to.
pub(in crate::web) fn told(
    problem: GrantProblem,
    expected: Option<&str>,
    w: &ConnectWords,
) -> (&'static str, String) {
    let (happened, next) = match problem {
        GrantProblem::UnknownOrigin
        | GrantProblem::BelongsToAnotherTenant
        | GrantProblem::LinkClosed
        | GrantProblem::OverQuota => (w.waits, w.waits_next),
        GrantProblem::WrongAccount => {
            return (w.wrong_account, fill(w.wrong_account_next, &[expected.unwrap_or_default()]));
        }
        GrantProblem::CodeInvalid | GrantProblem::CodeExpired => (w.code, w.code_next),
        GrantProblem::NoApiRights => (w.no_rights, w.no_rights_next),
        GrantProblem::Refused => (w.refused, w.refused_next),
    };
    (happened, next.to_owned())
}
