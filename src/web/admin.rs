//! The pages of the platform's administrators.

pub(super) mod authorizers;
pub(super) mod components;
pub(super) mod overview;
mod people_samples;
mod report;
pub(super) mod reveal;
mod samples;
mod state;
pub(super) mod tenant_life;
pub(super) mod tenants;
pub(super) mod unclaimed;
pub(super) mod user;
pub(super) mod users;

/// More tenants or users than fit one page are not listed.
const MOST_ROWS: i64 = 500;

/// Every view of these pages, for the snapshots.
pub mod views {
    pub use super::authorizers::view::AllAuthorizersView;
    pub use super::components::view::{ComponentView, ComponentsView};
    pub use super::overview::view::OverviewView;
    pub use super::people_samples::members as sample_members;
    pub use super::reveal::view::RevealView;
    pub use super::tenants::view::{RoleChoice, TenantView, TenantsView, role_label, roles};
    pub use super::unclaimed::view::UnclaimedView;
    pub use super::user::view::UserView;
    pub use super::users::view::UsersView;
}
