//! A WeChat of our own (微信沙盒): the third-party-platform side of WeChat over real HTTP, on one port, in memory. API,
//! consent pages, encrypted pushes, faults on request, a journal of every call, a control page and a control API.
//!
//! It shares only the message envelope with the client, so that a mistake of one is not repeated by the other. Its
//! behaviour follows the published documentation; whatever is undocumented or disputed is a switch ([`Switches`]).
//! Secrets here are toys: nothing in this module protects them.

mod account;
mod avatar;
mod caller;
mod clip;
mod codes;
mod component;
mod consent;
mod control;
mod delivery;
mod endpoints;
mod events;
mod faults;
mod grant;
mod ids;
mod journal;
mod notices;
mod outbox;
mod pushes;
mod quotas;
mod refusal;
mod reply;
mod seal;
mod seed;
mod server;
mod sets;
mod state;
mod switches;
mod tokens;

pub use account::{AccountKind, AccountPatch, AccountStatus};
pub use component::ComponentPatch;
pub use control::requests::{BulkAccounts, GrantRequest, MessageRequest};
pub use control::{Control, ControlError};
pub use faults::{Fault, FaultKind};
pub use journal::{Count, Entry};
pub use pushes::{Attempt, Outcome, PushFault, PushFaultKind, PushKind, PushRecord};
pub use quotas::QuotaLimit;
pub use reply::{Reply, ReplyKind};
pub use seed::{NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN, WorldFile};
pub use server::{Sandbox, SandboxConfig, SandboxError, start};
pub use switches::{
    ConsumeAt, ContentType, EventOrder, ExclusiveSets, QueryName, Redirect, Rotation, Switches,
};
