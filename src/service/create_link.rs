//! Makes a link for a merchant.

use url::Url;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Kind as What, Subject};
use crate::domain::authorization::AuthType;
use crate::domain::authorizer::{Authorizer, Kind};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId};
use crate::domain::merchant_link::{MOST_USES, MerchantLink, Way, life};
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::secret::{MerchantLinkToken, Secret as _};
use crate::store::merchant_link::{self, Opened};
use crate::store::{Reader, StoreError, audit, authorizer, component, tenant};

use super::enter_authorization::own_url;
use super::{Context, ServiceError};

/// Open links of one tenant at a time. More is a mistake.
pub const MOST_OPEN: i64 = 5000;
/// 238 bits.
const TOKEN_LENGTH: usize = 40;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub label: String,
    pub email: Option<Email>,
    pub lang: Option<Lang>,
    /// `None`: the component of the locked account, or the oldest.
    pub component: Option<ComponentAppid>,
    pub auth_type: AuthType,
    pub way: Way,
    /// Only this account may be granted; it is the tenant's.
    pub locked: Option<AuthorizerAppid>,
    /// `None`: any number.
    pub most_uses: Option<i64>,
    /// 1 to 90.
    pub days: u64,
}

/// A link with the address that is given to the merchant.
#[derive(Clone, Debug)]
pub struct Handed {
    pub link: MerchantLink,
    pub url: Url,
}

impl Handed {
    pub(super) fn of(cx: &Context, opened: Opened) -> Self {
        Self { url: own_url(cx, &["connect", opened.token.expose()]), link: opened.link }
    }
}

/// # Errors
/// `NotFound` (the tenant, the component or the locked account is not there), `Conflict` when the tenant has
/// [`MOST_OPEN`] open links already, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    new: NewLink,
) -> Result<Handed, ServiceError> {
    let mut tx = cx.store.write().await?;
    tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let new = settle(&mut tx, of, new).await?;
    if merchant_link::count_open(&mut tx, of, now).await? >= MOST_OPEN {
        return Err(ServiceError::Conflict("the tenant has as many open links as it may have"));
    }
    let opened = draw(cx, now, (of, by.user_id()), new)?;
    merchant_link::insert(&mut tx, &cx.vault, &opened.link, &opened.token).await?;
    audit::append(&mut tx, now, by, &told(&opened.link)).await?;
    tx.commit().await?;
    tracing::info!(tenant = %of, link = %opened.link.id, "a merchant's link was made");
    Ok(Handed::of(cx, opened))
}

fn told(link: &MerchantLink) -> Entry {
    let detail = Detail::none()
        .fact("account", link.locked.as_ref())
        .fact("uses", link.most_uses)
        .fact("expires_at", link.expires_at);
    let subject = Subject::new(What::MerchantLink, &link.id).named(&link.label);
    Entry::of(&link.tenant, Action::LinkCreated, subject).with(detail)
}

/// A locked link has the component and the kind of its account.
async fn settle(tx: &mut Reader, of: &TenantId, new: NewLink) -> Result<NewLink, ServiceError> {
    if let Some(appid) = &new.locked {
        let account = authorizer::find(tx, of, appid).await?.ok_or(ServiceError::NotFound)?;
        return Ok(NewLink { auth_type: kind_of(&account), component: Some(account.key.component), ..new });
    }
    if let Some(asked) = &new.component {
        let known = component::list(tx).await?.into_iter().any(|status| status.appid == *asked);
        return if known { Ok(new) } else { Err(ServiceError::NotFound) };
    }
    Ok(new)
}

/// What WeChat's page has to offer so that the account can be chosen.
pub(super) const fn kind_of(account: &Authorizer) -> AuthType {
    match account.kind {
        Kind::OfficialAccount => AuthType::OfficialAccount,
        Kind::MiniProgram => AuthType::MiniProgram,
        Kind::Channels | Kind::Other | Kind::Unknown => AuthType::Both,
    }
}

/// A link that is written nowhere yet.
pub(super) fn draw(
    cx: &Context,
    now: Timestamp,
    (of, by): (&TenantId, Option<&UserId>),
    new: NewLink,
) -> Result<Opened, StoreError> {
    let id = cx.random.id(now);
    let id = MerchantLinkId::parse(&id).map_err(|_| StoreError::corrupt("merchant_link", "id", id))?;
    let link = MerchantLink {
        id,
        tenant: of.clone(),
        label: new.label,
        email: new.email,
        lang: new.lang,
        component: new.component,
        auth_type: new.auth_type,
        way: new.way,
        locked: new.locked,
        most_uses: new.most_uses.map(|uses| uses.clamp(1, MOST_USES)),
        uses: 0,
        created_by: by.cloned(),
        created_at: now,
        expires_at: now.plus(life(new.days)),
        revoked_at: None,
        sent_at: None,
        opened: 0,
        first_opened_at: None,
        last_opened_at: None,
    };
    Ok(Opened { link, token: MerchantLinkToken::new(cx.random.base62(TOKEN_LENGTH)) })
}
