//! Addresses of WeChat's consent pages. The PC page checks the browser's Referer, so it is reached by a link on our
//! own domain, never by a redirect. Source: api/Before_Develop/Authorization_Process_Technical_Description.html.

use url::Url;

use crate::domain::authorization::AuthType;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{PreAuthCode, Secret};
use crate::wechat::address;

pub const PC_PATH: &str = "/cgi-bin/componentloginpage";
pub const H5_PATH: &str = "/wxaopen/safe/bindcomponent";

/// What both pages need to know.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    pub component: &'a ComponentAppid,
    pub pre_auth_code: &'a PreAuthCode,
    /// Where WeChat sends the browser afterwards, our `state` in its query. Must be on the configured domain.
    pub redirect_uri: &'a Url,
    pub auth_type: AuthType,
    /// Only this account may be chosen.
    pub biz_appid: Option<&'a AuthorizerAppid>,
}

/// The page with the QR code, for a desktop browser. `mp_url` is `https://mp.weixin.qq.com` or a stand-in.
pub fn pc_url(mp_url: &Url, consent: Consent<'_>) -> Url {
    let mut url = address::under(mp_url, PC_PATH);
    consent.write(&mut url);
    url
}

/// The page for a browser inside WeChat. `open_url` is `https://open.weixin.qq.com` or a stand-in.
pub fn h5_url(open_url: &Url, consent: Consent<'_>) -> Url {
    let mut url = address::under(open_url, H5_PATH);
    url.query_pairs_mut().append_pair("action", "bindcomponent").append_pair("no_scan", "1");
    consent.write(&mut url);
    url.set_fragment(Some("wechat_redirect"));
    url
}

impl Consent<'_> {
    fn write(&self, url: &mut Url) {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("component_appid", self.component.as_str())
            .append_pair("pre_auth_code", self.pre_auth_code.expose())
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .append_pair("auth_type", &self.auth_type.number().to_string());
        if let Some(appid) = self.biz_appid {
            query.append_pair("biz_appid", appid.as_str());
        }
    }
}
