//! The page a merchant opens: who asks, for what, and how it is done.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::func_info;
use crate::domain::merchant_link::Way;
use crate::domain::text::Lang;
use crate::service::open_link::Invitation;
use crate::web::authorize::device::Device;
use crate::web::authorize::entry_view::Account;
use crate::web::authorize::qr::Qr;
use crate::web::links::samples;
use crate::web::parts::Avatar;
use crate::web::samples::NOW;
use crate::web::shell::Shell;
use crate::web::when::Moment;
use crate::web::words::fill;

#[derive(Debug, Template)]
#[template(path = "connect/show.html")]
pub struct ConnectView {
    pub shell: Shell,
    pub title: String,
    pub lead: String,
    pub tenant: String,
    pub mark: Mark,
    pub component: String,
    pub kind: &'static str,
    /// The only account that is accepted.
    pub locked: Option<Account>,
    /// Where the button posts to; `None` where this device cannot do it.
    pub action: Option<String>,
    /// What to know about this device.
    pub hint: Option<&'static str>,
    pub steps: [&'static str; 3],
    pub sets: Vec<String>,
    pub valid: Moment,
    /// For another device.
    pub qr: Option<Qr>,
    pub link: String,
    pub stranger: String,
}

/// The tenant's logo, or its first letter.
#[derive(Clone, Debug)]
pub struct Mark {
    pub logo: Option<String>,
    pub alt: String,
    pub avatar: Avatar,
}

impl Mark {
    pub fn new(shell: &Shell, tenant: &str, logo: Option<String>) -> Self {
        let alt = fill(shell.w.connect.logo, &[tenant]);
        Self { logo, alt, avatar: Avatar::of(None, tenant, tenant) }
    }
}

impl ConnectView {
    pub fn new(shell: Shell, invitation: &Invitation, device: Device, now: Timestamp) -> Self {
        let (w, flow) = (&shell.w.connect, &shell.w.authorize);
        let link = &invitation.handed.link;
        let (tenant, component) = (&*invitation.tenant_name, &*invitation.component_name);
        let on_phone = matches!(device, Device::Phone | Device::Wechat);
        let (lead, kind) = match link.auth_type {
            AuthType::OfficialAccount => (w.lead_official, flow.kind_official),
            AuthType::MiniProgram => (w.lead_mini, flow.kind_mini),
            AuthType::Both => (w.lead_both, flow.kind_both),
        };
        let (can, hint) = match (link.way, device) {
            (Way::H5, Device::Desktop) => (false, Some(w.only_phone)),
            (Way::Pc, Device::Phone | Device::Wechat) => (false, Some(w.only_computer)),
            (Way::Any | Way::H5, Device::Phone) => (true, Some(w.open_in_wechat)),
            (Way::Any | Way::Pc, Device::Desktop) | (Way::Any | Way::H5, Device::Wechat) => (true, None),
        };
        let pc = [w.how_pc_1, w.how_pc_2, w.how_pc_3];
        let h5 = [w.how_h5_1, w.how_h5_2, w.how_h5_3];
        Self {
            title: fill(w.invites, &[tenant]),
            lead: fill(lead, &[component, tenant]),
            tenant: tenant.to_owned(),
            mark: Mark::new(&shell, tenant, invitation.logo.clone()),
            component: component.to_owned(),
            kind,
            locked: link
                .locked
                .as_ref()
                .map(|appid| Account { name: invitation.account_name.clone(), appid: appid.to_string() }),
            action: can.then(|| invitation.handed.url.path().to_owned()),
            hint,
            steps: if on_phone && link.way != Way::Pc || link.way == Way::H5 { h5 } else { pc },
            sets: invitation.sets.iter().map(|set| func_info::label(*set, shell.lang)).collect(),
            valid: Moment::left(link.expires_at, now, shell.locale()),
            qr: if device == Device::Desktop && link.way != Way::Pc {
                Qr::of(invitation.handed.url.as_str())
            } else {
                None
            },
            link: invitation.handed.url.to_string(),
            stranger: fill(w.stranger, &[tenant]),
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, ..Shell::sample(lang) };
        let show = |invitation: &Invitation, device| Self::new(shell(), invitation, device, NOW);
        let any = samples::invitation(Way::Any);
        let named = samples::locked_invitation();
        vec![
            ("desktop", show(&any, Device::Desktop)),
            ("phone", show(&any, Device::Phone)),
            ("wechat_locked", show(&named, Device::Wechat)),
            ("desktop_locked", show(&named, Device::Desktop)),
            ("only_phone", show(&samples::invitation(Way::H5), Device::Desktop)),
            ("only_computer", show(&samples::invitation(Way::Pc), Device::Phone)),
        ]
    }
}
