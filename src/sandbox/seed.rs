//! What exists at the start: from a JSON file, or one ready component and a few accounts for a newcomer.

use serde::{Deserialize, Serialize};

use super::account::{AccountKind, AccountPatch, AccountStatus};
use super::component::ComponentPatch;
use super::control::requests::GrantRequest;
use super::faults::Fault;
use super::state::World;

pub const NEWCOMER_APPID: &str = "wx5a6e6d0b0c0d0e0f";
pub const NEWCOMER_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const NEWCOMER_TOKEN: &str = "sandboxToken";
pub const NEWCOMER_AES_KEY: &str = "c2FuZGJveFNhbmRib3hzYW5kYm94U2FuZGJveDAxMjA";

/// The start of a sandbox, as JSON: every list may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldFile {
    pub switches: serde_json::Map<String, serde_json::Value>,
    pub components: Vec<ComponentPatch>,
    pub accounts: Vec<AccountPatch>,
    /// As if the merchants had consented before; nothing is pushed unless asked for.
    pub grants: Vec<GrantRequest>,
    pub faults: Vec<Fault>,
}

impl WorldFile {
    /// Nothing at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One component without addresses and without checks, six accounts of three kinds.
    pub fn newcomer() -> Self {
        let component = ComponentPatch {
            appid: Some(NEWCOMER_APPID.to_owned()),
            name: Some("新手第三方平台".to_owned()),
            secret: Some(NEWCOMER_SECRET.to_owned()),
            token: Some(NEWCOMER_TOKEN.to_owned()),
            aes_key: Some(NEWCOMER_AES_KEY.to_owned()),
            ..ComponentPatch::default()
        };
        let (official, mini) = (AccountKind::OfficialAccount, AccountKind::MiniProgram);
        let mut frozen = account("wxa0000000000000f5", official, "停业书店", "gh_00000000a0f5");
        frozen.status = Some(AccountStatus::Frozen);
        Self {
            components: vec![component],
            accounts: vec![
                account("wxa0000000000000a1", official, "山野茶馆", "gh_00000000a0a1"),
                account("wxa0000000000000a2", official, "青禾读书会", "gh_00000000a0a2"),
                account("wxb0000000000000b1", mini, "山野茶馆点单", "gh_00000000b0b1"),
                account("wxb0000000000000b2", mini, "城南骑行", "gh_00000000b0b2"),
                account("wxc0000000000000c1", AccountKind::Channels, "山野慢生活", "gh_00000000c0c1"),
                frozen,
            ],
            ..Self::default()
        }
    }

    /// Builds what the file says.
    ///
    /// # Errors
    /// A sentence that names the entry which cannot be.
    pub(super) fn settle(&self, world: &mut World) -> Result<(), String> {
        world.switches = world.switches.patched(&serde_json::Value::Object(self.switches.clone()))?;
        for component in &self.components {
            world.put_component(component.clone());
        }
        for account in &self.accounts {
            world.put_account(account.clone());
        }
        for grant in &self.grants {
            let named = grant.account.clone();
            let quiet = GrantRequest { push: Some(grant.push.unwrap_or(false)), ..grant.clone() };
            quiet.enter(world).map_err(|error| format!("grants: {named}: {error}"))?;
        }
        for fault in &self.faults {
            world.faults.add(fault.clone());
        }
        Ok(())
    }
}

fn account(appid: &str, kind: AccountKind, nick_name: &str, gh_id: &str) -> AccountPatch {
    AccountPatch {
        appid: Some(appid.to_owned()),
        kind: Some(kind),
        nick_name: Some(nick_name.to_owned()),
        gh_id: Some(gh_id.to_owned()),
        ..AccountPatch::default()
    }
}
