//! Shows the entry page of an attempt: the page on our own domain from which a person goes on to WeChat.

use url::Url;

use crate::clock::Timestamp;
use crate::domain::authorization::{Authorization, AuthorizationStatus};
use crate::domain::merchant_link::Way;
use crate::secret::{OneTimeToken, Secret, fingerprint};
use crate::store::authorization::{self, Opened};
use crate::store::{Reader, StoreError, authorizer, component, merchant_link, tenant};
use crate::wechat::login_page::{self, Consent};

use super::{Context, ServiceError};

/// Everything the entry page and the result page show.
#[derive(Clone, Debug)]
pub struct Entry {
    pub authorization: Authorization,
    pub tenant_name: String,
    pub component_name: String,
    /// The expected or returned account's name, when it is known.
    pub account_name: Option<String>,
    /// PC consent page; scanned by the account's administrator.
    pub pc_url: Url,
    /// Consent page inside WeChat on a phone.
    pub h5_url: Url,
    /// This page's own address, for the QR code.
    pub entry_url: Url,
    /// Which of WeChat's pages the merchant's link leads to.
    pub way: Way,
    /// The pre_auth_code has lapsed, the merchant's link was revoked or the tenant suspended: offer a new press, which says
    /// what stands in the way, instead of the links.
    pub lapsed: bool,
    /// Set when this browser is not the one that asked: put it into the cookie `hufu_device`.
    pub new_device: Option<OneTimeToken>,
}

/// Which browser is looking.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// SHA-256 of its session key, when it is signed in.
    pub session_hash: Option<String>,
    /// The cookie `hufu_device`.
    pub device: Option<String>,
}

impl Browser {
    /// Whether this browser asked for the attempt or opened its entry page.
    pub(super) fn belongs_to(&self, opened: &Opened) -> bool {
        let same_session = self.session_hash.is_some() && self.session_hash == opened.session_hash;
        let device = self.device.as_deref().map(fingerprint);
        same_session || (device.is_some() && device == opened.device_hash)
    }
}

/// # Errors
/// `NotFound` when the entry token is unknown, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    entry: &str,
    browser: &Browser,
) -> Result<Entry, ServiceError> {
    let mut tx = cx.store.read().await?;
    let opened =
        authorization::find_by_entry(&mut tx, &cx.vault, entry).await?.ok_or(ServiceError::NotFound)?;
    let mut shown = describe(cx, &mut tx, now, &opened).await?;
    drop(tx);
    let open = opened.authorization.status == AuthorizationStatus::Started;
    if open && !browser.belongs_to(&opened) {
        shown.new_device = Some(let_return(cx, &opened).await?);
    }
    Ok(shown)
}

async fn describe(
    cx: &Context,
    tx: &mut Reader,
    now: Timestamp,
    opened: &Opened,
) -> Result<Entry, StoreError> {
    let authorization = opened.authorization.clone();
    let tenant = tenant::find(tx, &authorization.tenant).await?;
    let suspended = tenant.as_ref().is_some_and(|found| found.suspended_at.is_some());
    let tenant_name = tenant.map_or_else(String::new, |found| found.name);
    let component_name = component::list(tx)
        .await?
        .into_iter()
        .find(|status| status.appid == authorization.component)
        .map_or_else(String::new, |status| status.name);
    let appid = authorization.authorizer.as_ref().or(authorization.expected_appid.as_ref());
    let account_name = match appid {
        Some(appid) => authorizer::find(tx, &authorization.tenant, appid)
            .await?
            .and_then(|account| account.profile.nick_name),
        None => None,
    };
    let mut redirect_uri = own_url(cx, &["authorize", "callback"]);
    redirect_uri.query_pairs_mut().append_pair("state", opened.state.expose());
    let consent = Consent {
        component: &authorization.component,
        pre_auth_code: &opened.pre_auth_code,
        redirect_uri: &redirect_uri,
        auth_type: authorization.auth_type,
        biz_appid: authorization.expected_appid.as_ref(),
    };
    let link = match &authorization.link {
        Some(link) => merchant_link::find(tx, &cx.vault, &authorization.tenant, link).await?,
        None => None,
    };
    let withdrawn = link.as_ref().is_some_and(|opened| opened.link.revoked_at.is_some());
    let waiting = matches!(authorization.status, AuthorizationStatus::Started | AuthorizationStatus::Lapsed);
    Ok(Entry {
        tenant_name,
        component_name,
        account_name,
        pc_url: login_page::pc_url(&cx.settings.mp_url, consent),
        h5_url: login_page::h5_url(&cx.settings.open_url, consent),
        entry_url: own_url(cx, &["authorize", opened.entry.expose()]),
        way: link.map_or(Way::Any, |opened| opened.link.way),
        lapsed: waiting && (withdrawn || suspended || authorization.code_expires_at <= now),
        new_device: None,
        authorization,
    })
}

/// An address of this portal.
pub(super) fn own_url(cx: &Context, segments: &[&str]) -> Url {
    let mut url = cx.settings.public_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

async fn let_return(cx: &Context, opened: &Opened) -> Result<OneTimeToken, StoreError> {
    let device = OneTimeToken::new(cx.random.base62(32));
    let mut tx = cx.store.write().await?;
    authorization::bind_device(&mut tx, &opened.authorization.id, &device).await?;
    tx.commit().await?;
    Ok(device)
}
