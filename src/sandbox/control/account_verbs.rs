//! Verbs about accounts and their grants.

use super::requests::{BulkAccounts, GrantRequest};
use super::whose::granting;
use super::{Control, ControlError, Done};
use crate::sandbox::account::{AccountPatch, AccountStatus};
use crate::sandbox::grant::Grant;
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::tokens::Lane;

impl Control {
    /// Makes or changes an account; returns its appid.
    pub fn account(&self, patch: AccountPatch) -> String {
        self.with(|world| world.put_account(patch).appid.clone())
    }

    /// Makes many accounts, and grants them if asked; returns their appids.
    ///
    /// # Errors
    /// When the component does not exist.
    pub fn accounts(&self, bulk: &BulkAccounts) -> Result<Vec<String>, ControlError> {
        let prefix = bulk.prefix.as_deref().unwrap_or("wxload");
        let mut appids = Vec::new();
        for number in 0..bulk.count {
            let appid = format!("{prefix}{number:0width$}", width = 18usize.saturating_sub(prefix.len()));
            let patch =
                AccountPatch { appid: Some(appid.clone()), kind: Some(bulk.kind), ..AccountPatch::default() };
            self.with(|world| -> Result<(), ControlError> {
                world.put_account(patch);
                if let Some(component) = &bulk.grant_to {
                    let grant = GrantRequest {
                        component: Some(component.clone()),
                        account: appid.clone(),
                        push: Some(false),
                        exchanged: bulk.exchanged,
                        ..GrantRequest::default()
                    };
                    grant.enter(world)?;
                }
                Ok(())
            })?;
            appids.push(appid);
        }
        Ok(appids)
    }

    /// Grants as if the merchant had consented; sends the push that follows. Returns the authorization code.
    ///
    /// # Errors
    /// When component or account do not exist, the account cannot grant, or the pre_auth_code is not good.
    pub fn grant(&self, grant: &GrantRequest) -> Result<String, ControlError> {
        self.with(|world| grant.enter(world))
    }

    /// The merchant cancels: `unauthorized` is pushed unless `push` is off.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn cancel(&self, component: Option<&str>, account: &str, push: bool) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let event = world.cancel_grant(&component, account)?;
            if let (true, Some(event)) = (push, event) {
                world.queue(event);
            }
            Ok(())
        })
    }

    /// Freezes, bans, warns or cancels the account itself, or makes it normal again.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn status(&self, account: &str, status: AccountStatus) -> Done {
        self.with(|world| {
            world.accounts.get_mut(account).ok_or_else(|| Refusal::from(40013))?.status = status;
            Ok(())
        })
    }

    /// Every access token of the account answers 40001 from now on.
    ///
    /// # Errors
    /// When component or account do not exist.
    pub fn kill_access_token(&self, component: Option<&str>, account: &str) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let now = world.now();
            world.tokens.kill(&Lane::authorizer(&component, account), now);
            Ok(())
        })
    }

    /// Someone else refreshes twice: the tokens that were out are dead, the refresh token is the same.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn foreign_refresh(&self, component: Option<&str>, account: &str) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            world.grant(&component, account)?;
            let lane = Lane::authorizer(&component, account);
            world.issue_token(&lane);
            world.issue_token(&lane);
            Ok(())
        })
    }

    /// Rotates the refresh token on the server: the old one answers 61023, list and info show the new one.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn lose_refresh_token(&self, component: Option<&str>, account: &str) -> Done {
        self.change_grant(component, account, |grant, fresh| {
            grant.refresh_token = fresh;
            grant.older.clear();
        })
    }

    /// The refresh token is refused although list and info show it; `refused: false` ends that.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn refuse_refresh_token(&self, component: Option<&str>, account: &str, refused: bool) -> Done {
        self.change_grant(component, account, |grant, _| grant.refused = refused)
    }

    /// As if nobody had exchanged the code: list and info show an empty refresh token, the old one answers 61023.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn never_exchanged(&self, component: Option<&str>, account: &str) -> Done {
        self.change_grant(component, account, |grant, fresh| {
            grant.exchanged = false;
            grant.refresh_token = fresh;
            grant.older.clear();
        })
    }

    fn change_grant(
        &self,
        component: Option<&str>,
        account: &str,
        change: impl FnOnce(&mut Grant, String),
    ) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let fresh = ids::refresh_token(&world.random);
            change(world.grant_mut(&component, account)?, fresh);
            Ok(())
        })
    }
}
