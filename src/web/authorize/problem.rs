//! The sentence and the remedy for each way a grant can fail.

use crate::domain::authorization::GrantProblem;
use crate::web::words::authorize_problem::ProblemWords;
use crate::web::words::fill;

/// What happened, in one sentence.
pub(in crate::web) const fn sentence(problem: GrantProblem, w: &ProblemWords) -> &'static str {
    match problem {
        GrantProblem::UnknownOrigin => w.unknown_origin,
        GrantProblem::BelongsToAnotherTenant => w.another_tenant,
        GrantProblem::WrongAccount => w.wrong_account,
        GrantProblem::LinkClosed => w.link_closed,
        GrantProblem::OverQuota => w.over_quota,
        GrantProblem::CodeInvalid => w.code_invalid,
        GrantProblem::CodeExpired => w.code_expired,
        GrantProblem::NoApiRights => w.no_rights,
        GrantProblem::Refused => w.refused,
    }
}

/// What to do about it; `expected` is the account a re-authorisation is locked to.
pub(in crate::web) fn remedy(problem: GrantProblem, expected: Option<&str>, w: &ProblemWords) -> String {
    match problem {
        GrantProblem::UnknownOrigin => w.unknown_origin_next.to_owned(),
        GrantProblem::BelongsToAnotherTenant => w.another_tenant_next.to_owned(),
        GrantProblem::WrongAccount => fill(w.wrong_account_next, &[expected.unwrap_or_default()]),
        GrantProblem::LinkClosed => w.link_closed_next.to_owned(),
        GrantProblem::OverQuota => w.over_quota_next.to_owned(),
        GrantProblem::CodeInvalid => w.code_invalid_next.to_owned(),
        GrantProblem::CodeExpired => w.code_expired_next.to_owned(),
        GrantProblem::NoApiRights => w.no_rights_next.to_owned(),
        GrantProblem::Refused => w.refused_next.to_owned(),
    }
}
