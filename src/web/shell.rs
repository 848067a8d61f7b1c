//! What surrounds every page: who is looking, at what, in which language. The plumbing fills it from the request.

use crate::domain::role::{Permission, PlatformPermission, PlatformRole, Role};
use crate::domain::text::Lang;
use crate::domain::zone::Zone;

use super::when::Locale;
use super::words::{Words, fill};

#[derive(Clone, Debug)]
pub struct Shell {
    pub lang: Lang,
    /// By whose clock moments are shown.
    pub zone: Zone,
    pub w: &'static Words,
    pub csrf: String,
    /// Path and query of this page, to come back to.
    pub here: String,
    /// `None`: nobody is signed in, and the page stands alone without navigation.
    pub user: Option<ShellUser>,
    /// The name of the tenant that is being looked at.
    pub tenant: Option<String>,
    /// What the user is in that tenant.
    pub role: Option<Role>,
    /// Every tenant the user may switch to.
    pub tenants: Vec<ShellTenant>,
    pub nav: Nav,
    pub flash: Option<Flash>,
    /// Set when the scheduler's heartbeat is lost: the sentence for the banner.
    pub stale: Option<String>,
    /// The nonce of the content security policy.
    pub nonce: String,
    /// The person has lately shown who they are: forms for grave things can be filled in and sent.
    pub recent: bool,
}

#[derive(Clone, Debug)]
pub struct ShellUser {
    pub name: String,
    pub email: String,
    pub platform: Option<PlatformRole>,
}

impl ShellUser {
    pub fn platform_label(&self, w: &Words) -> Option<&'static str> {
        self.platform.map(|role| platform_label(role, w))
    }
}

/// What somebody is on the platform.
pub const fn platform_label(role: PlatformRole, w: &Words) -> &'static str {
    match role {
        PlatformRole::Admin => w.platform_admin,
        PlatformRole::Support => w.platform_support,
    }
}

#[derive(Clone, Debug)]
pub struct ShellTenant {
    pub id: String,
    pub name: String,
    pub current: bool,
}

/// The entry of the navigation that is marked as the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    None,
    Overview,
    Authorizers,
    Authorize,
    Links,
    ApiKeys,
    Members,
    Audit,
    AdminOverview,
    AdminComponents,
    AdminAuthorizers,
    AdminTenants,
    AdminUsers,
    AdminUnclaimed,
    AdminAudit,
}

/// A sentence about what was just done, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    pub kind: FlashKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    Good,
    Bad,
    Note,
}

impl FlashKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Note => "note",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Good, Self::Bad, Self::Note].into_iter().find(|kind| kind.as_str() == name)
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Bad => "alert",
            Self::Note => "info",
        }
    }
}

impl Flash {
    pub fn icon(&self) -> &'static str {
        self.kind.icon()
    }

    /// A failure interrupts a screen reader, anything else waits for its turn.
    pub const fn role(&self) -> &'static str {
        match self.kind {
            FlashKind::Bad => "alert",
            FlashKind::Good | FlashKind::Note => "status",
        }
    }
}

impl ShellUser {
    pub fn initial(&self) -> String {
        super::parts::initial(&self.name)
    }
}

/// One entry of the navigation, ready to print.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    pub href: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

impl Shell {
    /// The pages of the tenant; none when the user belongs to no tenant.
    pub fn tenant_nav(&self) -> Vec<NavItem> {
        if self.tenant.is_none() {
            return Vec::new();
        }
        let mut items = vec![
            self.item(Nav::Overview, "/", "home", self.w.nav_overview),
            self.item(Nav::Authorizers, "/authorizers", "accounts", self.w.nav_authorizers),
            self.item(Nav::Authorize, "/authorize", "plus", self.w.nav_authorize),
        ];
        if self.role.is_some_and(|role| role.may(Permission::ManageLinks)) {
            items.push(self.item(Nav::Links, "/links", "link", self.w.nav_links));
        }
        if self.role.is_some_and(|role| role.may(Permission::ManageKeys)) {
            items.push(self.item(Nav::ApiKeys, "/api-keys", "key", self.w.nav_api_keys));
        }
        if self.role.is_some_and(|role| role.may(Permission::ManageMembers)) {
            items.push(self.item(Nav::Members, "/members", "people", self.w.people.nav_members));
        }
        if self.role.is_some_and(|role| role.may(Permission::SeeAudit)) {
            items.push(self.item(Nav::Audit, "/audit", "clock", self.w.nav_audit));
        }
        items
    }

    /// Whether the user may change the platform: support sees its pages without their forms.
    pub fn changes_platform(&self) -> bool {
        let role = self.user.as_ref().and_then(|user| user.platform);
        role.is_some_and(|role| role.may(PlatformPermission::Change))
    }

    /// The pages of the platform; none unless the user runs it.
    pub fn platform_nav(&self) -> Vec<NavItem> {
        if self.user.as_ref().is_none_or(|user| user.platform.is_none()) {
            return Vec::new();
        }
        vec![
            self.item(Nav::AdminOverview, "/admin", "pulse", self.w.nav_admin_overview),
            self.item(Nav::AdminComponents, "/admin/components", "key", self.w.nav_admin_components),
            self.item(Nav::AdminAuthorizers, "/admin/authorizers", "accounts", self.w.nav_admin_authorizers),
            self.item(Nav::AdminTenants, "/admin/tenants", "building", self.w.nav_admin_tenants),
            self.item(Nav::AdminUsers, "/admin/users", "people", self.w.nav_admin_users),
            self.item(Nav::AdminUnclaimed, "/admin/unclaimed", "inbox", self.w.nav_admin_unclaimed),
            self.item(Nav::AdminAudit, "/admin/audit", "clock", self.w.nav_audit),
        ]
    }

    fn item(&self, nav: Nav, href: &'static str, icon: &'static str, label: &'static str) -> NavItem {
        NavItem { href, icon, label, current: self.nav == nav }
    }

    /// This page in the other language; a signed-in user's choice is remembered.
    pub fn other_language_href(&self) -> String {
        let code = match self.lang {
            Lang::Zh => Lang::En.code(),
            Lang::En => Lang::Zh.code(),
        };
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let others: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
        let next = if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) };
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        format!("/language?{}", pairs.append_pair("lang", code).append_pair("next", &next).finish())
    }

    /// The language to switch to, for the link's `hreflang` and `lang`.
    pub const fn other_language_tag(&self) -> &'static str {
        match self.lang {
            Lang::Zh => Lang::En.tag(),
            Lang::En => Lang::Zh.tag(),
        }
    }

    /// Where the person shows who they are, to come back to this page.
    pub fn step_up_href(&self) -> String {
        super::recent::step_up_href(&self.here)
    }

    /// By whose clock the times of the page are.
    pub fn footer_zone(&self) -> String {
        match self.zone {
            Zone::BEIJING => self.w.footer_zone.to_owned(),
            zone => fill(self.w.footer_other_zone, &[zone.name()]),
        }
    }

    pub const fn locale(&self) -> Locale {
        Locale { lang: self.lang, zone: self.zone }
    }

    /// Where a file of `static/` is served.
    pub fn asset(&self, name: &str) -> String {
        super::assets::asset(name)
    }

    /// The frame of a page that knows nobody: no navigation, no forms.
    pub fn alone(lang: Lang, here: &str, nonce: &str) -> Self {
        Self {
            lang,
            zone: Zone::default(),
            w: Words::of(lang),
            csrf: String::new(),
            here: here.to_owned(),
            user: None,
            tenant: None,
            role: None,
            tenants: Vec::new(),
            nav: Nav::None,
            flash: None,
            stale: None,
            nonce: nonce.to_owned(),
            recent: false,
        }
    }

    /// A signed-in operator of a tenant, for samples and tests.
    pub fn sample(lang: Lang) -> Self {
        Self {
            lang,
            zone: Zone::default(),
            w: Words::of(lang),
            csrf: "sample-csrf".to_owned(),
            here: "/".to_owned(),
            user: Some(ShellUser {
                name: "陈晓".to_owned(),
                email: "chen@example.com".to_owned(),
                platform: None,
            }),
            tenant: Some("青禾茶业".to_owned()),
            role: Some(Role::Operator),
            tenants: vec![ShellTenant {
                id: "t-sample".to_owned(),
                name: "青禾茶业".to_owned(),
                current: true,
            }],
            nav: Nav::None,
            flash: None,
            stale: None,
            nonce: "sample-nonce".to_owned(),
            recent: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_the_language_keeps_the_query() {
        let shell =
            Shell { here: "/authorizers?state=healthy&lang=zh".to_owned(), ..Shell::sample(Lang::Zh) };
        assert_eq!(shell.other_language_href(), "/language?lang=en&next=%2Fauthorizers%3Fstate%3Dhealthy");
    }

    #[derive(askama::Template)]
    #[template(
        source = r#"{% extends "layout.html" %}{% block title %}Blank{% endblock %}{% block main %}{% endblock %}"#,
        ext = "html"
    )]
    struct Blank {
        shell: Shell,
    }

    #[test]
    fn the_layout_stands_in_both_languages_and_escapes_names() {
        for lang in Lang::ALL {
            let tenant = Some("<b>茶</b>".to_owned());
            let page = Blank { shell: Shell { tenant, ..Shell::sample(lang) } }.to_string();
            assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())));
            assert!(page.contains("&#60;b&#62;茶"));
        }
    }

    #[test]
    fn only_platform_admins_see_the_platform() {
        assert!(Shell::sample(Lang::Zh).platform_nav().is_empty());
    }
}
