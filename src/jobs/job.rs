//! The scheduler's jobs, each a lane of its own: a lane that is still at work is not entered a second time.

use crate::clock::Timestamp;
use crate::service::{
    Context, age_health, clean_up, delete_tenant, exchange_grants, fetch_info, measure, process_notices,
    reconcile, refresh_component_token, send_letters, settle_attempts, sign_audit, token_reads,
    watch_tickets,
};
use crate::store::StoreError;

/// What is done at each tick, in this order when nothing is under way. Jobs take no input: they look at the database
/// and do what is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    RefreshComponentTokens,
    WatchTickets,
    ProcessNotices,
    ExchangeGrants,
    SettleAttempts,
    /// Bounded by slots instead of a lane, see the engine.
    RefreshAuthorizers,
    FetchInfo,
    AgeHealth,
    Reconcile,
    CleanUp,
    Measure,
    DeleteTenants,
    SignAudit,
    CountTokenReads,
    /// The last: a slow mail server keeps nobody waiting.
    SendLetters,
}

impl Job {
    pub const ALL: [Self; 15] = [
        Self::RefreshComponentTokens,
        Self::WatchTickets,
        Self::ProcessNotices,
        Self::ExchangeGrants,
        Self::SettleAttempts,
        Self::RefreshAuthorizers,
        Self::FetchInfo,
        Self::AgeHealth,
        Self::Reconcile,
        Self::CleanUp,
        Self::Measure,
        Self::DeleteTenants,
        Self::SignAudit,
        Self::CountTokenReads,
        Self::SendLetters,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshComponentTokens => "refresh_component_tokens",
            Self::WatchTickets => "watch_tickets",
            Self::ProcessNotices => "process_notices",
            Self::ExchangeGrants => "exchange_grants",
            Self::SettleAttempts => "settle_attempts",
            Self::RefreshAuthorizers => "refresh_authorizers",
            Self::FetchInfo => "fetch_info",
            Self::AgeHealth => "age_health",
            Self::Reconcile => "reconcile",
            Self::CleanUp => "clean_up",
            Self::Measure => "measure",
            Self::DeleteTenants => "delete_tenants",
            Self::SignAudit => "sign_audit",
            Self::CountTokenReads => "count_token_reads",
            Self::SendLetters => "send_letters",
        }
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn run(
        self,
        cx: &Context,
        now: Timestamp,
        slots: &std::sync::Arc<tokio::sync::Semaphore>,
    ) -> Result<(), StoreError> {
        match self {
            Self::RefreshComponentTokens => refresh_component_token::run(cx, now).await,
            Self::WatchTickets => watch_tickets::run(cx, now).await,
            Self::ProcessNotices => process_notices::run(cx, now).await,
            Self::ExchangeGrants => exchange_grants::run(cx, now).await,
            Self::SettleAttempts => settle_attempts::run(cx, now).await,
            Self::RefreshAuthorizers => crate::service::refresh_authorizers::run(cx, now, slots).await,
            Self::FetchInfo => fetch_info::run(cx).await,
            Self::AgeHealth => age_health::run(cx, now).await,
            Self::Reconcile => reconcile::run(cx, now).await,
            Self::CleanUp => clean_up::run(cx, now).await,
            Self::Measure => measure::run(cx, now).await,
            Self::DeleteTenants => delete_tenant::run(cx, now).await,
            Self::SignAudit => sign_audit::run(cx, now).await,
            Self::CountTokenReads => token_reads::run(cx, now).await,
            Self::SendLetters => send_letters::run(cx, now).await,
        }
    }
}
