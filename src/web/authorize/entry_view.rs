//! The entry page: real HTML on our own domain with a link to WeChat's consent page. WeChat judges where people come
//! from by the Referer, so this is never a redirect.

use std::time::Duration;

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::merchant_link::Way;
use crate::domain::text::Lang;
use crate::service::enter_authorization::Entry;
use crate::web::samples::NOW;
use crate::web::shell::Shell;
use crate::web::when::Moment;
use crate::web::words::fill;

use super::device::Device;
use super::qr::Qr;

#[derive(Debug, Template)]
#[template(path = "authorize/entry.html")]
pub struct EntryView {
    pub shell: Shell,
    pub lead: String,
    pub tenant: String,
    pub component: String,
    pub kind: &'static str,
    /// The only account that is accepted.
    pub locked: Option<Account>,
    pub go: Go,
    pub other: Option<Go>,
    /// For another device; not on a phone.
    pub qr: Option<Qr>,
    pub link: String,
    pub valid: Moment,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub name: Option<String>,
    pub appid: String,
}

/// One way to WeChat.
#[derive(Clone, Debug)]
pub struct Go {
    pub href: String,
    pub label: &'static str,
    pub note: &'static str,
}

impl EntryView {
    pub fn new(shell: Shell, entry: &Entry, device: Device, now: Timestamp) -> Self {
        let w = &shell.w.authorize;
        let pc = Go { href: entry.pc_url.to_string(), label: w.go_pc, note: w.go_pc_note };
        let h5 = Go { href: entry.h5_url.to_string(), label: w.go_h5, note: w.go_h5_note };
        let other = |label, way: Go| Some(Go { label, ..way });
        let (go, other) = match (entry.way, device) {
            (Way::Pc, _) => (pc, None),
            (Way::H5, _) => (h5, None),
            (Way::Any, Device::Desktop) => (pc, other(w.use_h5, h5)),
            (Way::Any, Device::Phone | Device::Wechat) => (h5, other(w.use_pc, pc)),
        };
        let qr = match device {
            Device::Desktop => Qr::of(entry.entry_url.as_str()),
            Device::Phone | Device::Wechat => None,
        };
        Self {
            lead: fill(w.entry_lead, &[&entry.tenant_name, &entry.component_name]),
            tenant: entry.tenant_name.clone(),
            component: entry.component_name.clone(),
            kind: match entry.authorization.auth_type {
                AuthType::OfficialAccount => w.kind_official,
                AuthType::MiniProgram => w.kind_mini,
                AuthType::Both => w.kind_both,
            },
            locked: entry
                .authorization
                .expected_appid
                .as_ref()
                .map(|appid| Account { name: entry.account_name.clone(), appid: appid.to_string() }),
            valid: Moment::left(entry.authorization.code_expires_at, now, shell.locale()),
            link: entry.entry_url.to_string(),
            go,
            other,
            qr,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, ..Shell::sample(lang) };
        let entry = |locked| super::samples::entry(locked, NOW.plus(Duration::from_secs(540)));
        vec![
            ("desktop", Self::new(shell(), &entry(false), Device::Desktop, NOW)),
            ("wechat_locked", Self::new(shell(), &entry(true), Device::Wechat, NOW)),
            ("member_locked", Self::new(Shell::sample(lang), &entry(true), Device::Desktop, NOW)),
        ]
    }
}
