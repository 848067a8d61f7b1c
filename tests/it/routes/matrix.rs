//! Every line of the table as everybody who must not pass: refused, and nothing has changed afterwards.

use hufu::domain::api_key::Scope;
use hufu::domain::role::Role;
use hufu::web::policy::{Access, Route};
use hufu::web::routes::TABLE;

use super::photo::Photo;
use super::stage::{Stage, ask};
use crate::engine::world::SHOP;
use crate::harness::{Answer, Browser};

/// Tries lines of the table and collects what should not have happened.
pub(super) struct Guard {
    stage: Stage,
    last: Photo,
    tried: usize,
    pub(super) complaints: Vec<String>,
}

/// Forms of another kind than those sent here; what they take is tried in `merchant_links_bulk.rs`.
const SENDS_FILES: &[&str] = &["/links/logo"];

/// How a refusal looks.
#[derive(Clone, Copy, Debug)]
enum No {
    /// To the sign-in page.
    SignIn,
    Status(u16),
    /// To show once more who one is.
    StepUp,
    /// A thing of another tenant: what was sent may be refused before it is looked for.
    Unknown,
    /// Any answer but a breakdown: these doors are open, or open to everybody with the right secret.
    Anything,
}

impl No {
    fn is(self, answer: &Answer) -> bool {
        match self {
            Self::SignIn => answer.status == 303 && answer.location().starts_with("/sign-in"),
            Self::Status(status) => answer.status == status,
            Self::StepUp => answer.status == 303 && answer.location().starts_with("/step-up"),
            Self::Unknown => matches!(answer.status, 400 | 404 | 422),
            Self::Anything => answer.status != 500,
        }
    }
}

impl Guard {
    pub(super) async fn new(mut stage: Stage) -> Self {
        let last = stage.camera.take().await;
        Self { stage, last, tried: 0, complaints: Vec::new() }
    }

    pub(super) async fn end(self) {
        self.stage.end().await;
    }

    /// Everything that must not work at this line.
    pub(super) async fn try_line(&mut self, route: &Route) {
        match route.policy.access {
            Access::Open => self.as_anybody(route, No::Anything).await,
            Access::Signed => self.as_anybody(route, No::Status(403)).await,
            Access::Public => {
                if !route.policy.form {
                    self.as_anybody(route, No::Anything).await;
                }
            }
            Access::Key(scope) => self.as_programs(route, scope).await,
            Access::SignedIn | Access::Member(_) | Access::PlatformReader | Access::PlatformAdmin => {
                self.without_a_session(route).await;
                self.as_lower_roles(route).await;
            }
        }
        if matches!(route.policy.access, Access::Member(_)) && self.stage.names_an_object(route) {
            let path = self.stage.foreign(route);
            self.as_person(route, "owner", "at another tenant's", &path, No::Unknown).await;
        }
        if route.policy.form {
            self.with_foreign_forms(route).await;
        }
        if route.policy.recent {
            let name =
                if Self::welcome(route) == "admin" { "admin of long ago" } else { "owner of long ago" };
            let path = self.stage.own(route);
            self.as_person(route, name, "whose sign-in is too old", &path, No::StepUp).await;
        }
    }

    async fn as_anybody(&mut self, route: &Route, no: No) {
        let path = self.stage.own(route);
        self.as_person(route, "nobody", "with nothing in hand", &path, no).await;
    }

    async fn without_a_session(&mut self, route: &Route) {
        let path = self.stage.own(route);
        for name in ["nobody", "disabled", "ended"] {
            self.as_person(route, name, "without a session that counts", &path, No::SignIn).await;
        }
    }

    async fn as_lower_roles(&mut self, route: &Route) {
        let path = self.stage.own(route);
        let lower: Vec<&'static str> = match route.policy.access {
            Access::Member(permission) => {
                let lower = Role::ALL.into_iter().filter(|role| !role.may(permission));
                lower.map(Role::as_str).collect()
            }
            Access::PlatformReader => vec!["owner", "operator", "viewer"],
            Access::PlatformAdmin => vec!["owner", "operator", "viewer", "support"],
            Access::Open | Access::Signed | Access::Key(_) | Access::Public | Access::SignedIn => Vec::new(),
        };
        for name in lower {
            self.as_person(route, name, "whose role is too low", &path, No::Status(403)).await;
        }
    }

    /// As who would be let in, with a form that is not from this session.
    async fn with_foreign_forms(&mut self, route: &Route) {
        let name = Self::welcome(route);
        let path = self.stage.own(route);
        let another = self.stage.browsers["viewer"].csrf.clone();
        for (csrf, what) in [
            (String::new(), "without a token"),
            ("wrong".to_owned(), "with a wrong token"),
            (another, "with another's token"),
        ] {
            let browser = self.stage.browsers.get_mut(name).unwrap();
            let answer = browser.post_with(&path, &csrf, &[]).await;
            self.judge(route, name, what, &answer, No::Status(403)).await;
        }
        for site in ["cross-site", "same-site"] {
            let browser = self.stage.browsers.get_mut(name).unwrap();
            browser.headers = vec![("sec-fetch-site", site.to_owned())];
            let answer = browser.post(&path, &[]).await;
            browser.headers.clear();
            self.judge(route, name, site, &answer, No::Status(403)).await;
        }
    }

    /// Who passes this line.
    pub(super) fn welcome(route: &Route) -> &'static str {
        match route.policy.access {
            Access::Open | Access::Signed | Access::Key(_) | Access::Public => "nobody",
            Access::SignedIn | Access::Member(_) => "owner",
            Access::PlatformReader | Access::PlatformAdmin => "admin",
        }
    }

    async fn as_programs(&mut self, route: &Route, scope: Scope) {
        let (acme, rival) = (self.stage.world.acme.clone(), self.stage.world.rival.clone());
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
        let unknown = format!("hufu_live_{}", "x".repeat(32));
        let callers = [
            ("nobody", Browser::new(self.stage.world.portal.running.url.as_str()), 401),
            ("an unknown key", self.stage.program_with(&unknown), 401),
            ("a key without the scope", self.stage.program(&acme, &others, None).await, 403),
            (
                "a key of another network",
                self.stage.program(&acme, &Scope::ALL, Some("10.9.9.0/24")).await,
                403,
            ),
        ];
        let path = self.stage.own(route);
        self.last = self.stage.camera.take().await;
        for (who, mut browser, status) in callers {
            let answer = ask(&mut browser, route, &path).await;
            self.judge(route, who, "at one's own", &answer, No::Status(status)).await;
        }
        let mut stranger = self.stage.program(&rival, &Scope::ALL, None).await;
        self.last = self.stage.camera.take().await;
        let answer = ask(&mut stranger, route, &path).await;
        let no = if self.stage.names_an_object(route) { No::Unknown } else { No::Status(200) };
        self.judge(route, "another tenant's key", "at ours", &answer, no).await;
        if answer.status == 200 && answer.body.contains(SHOP) {
            self.complaints.push(format!("{}: another tenant's key is told of our account", route.pattern));
        }
    }

    async fn as_person(&mut self, route: &Route, name: &'static str, what: &str, path: &str, no: No) {
        let browser = self.stage.browsers.get_mut(name).unwrap();
        let answer = ask(browser, route, path).await;
        self.judge(route, name, what, &answer, no).await;
    }

    async fn judge(&mut self, route: &Route, who: &str, what: &str, answer: &Answer, no: No) {
        self.tried += 1;
        let place = format!("{:?} {} as {who} {what}", route.verb, route.pattern);
        if !no.is(answer) {
            let (status, to) = (answer.status, answer.location());
            self.complaints.push(format!("{place}: expected {no:?}, was answered {status} {to}"));
        }
        let now = self.stage.camera.take().await;
        let changed = self.last.difference(&now);
        if !changed.is_empty() {
            self.complaints.push(format!("{place}: changed the database:\n    {}", changed.join("\n    ")));
            self.last = now;
        }
    }
}

on_both_databases!(nobody_passes_a_door_that_is_not_theirs_and_nothing_changes, |db| async {
    let mut guard = Guard::new(Stage::new(&db).await).await;
    for route in TABLE {
        guard.try_line(route).await;
    }
    let (complaints, tried) = (std::mem::take(&mut guard.complaints), guard.tried);
    guard.end().await;
    assert!(complaints.is_empty(), "{tried} attempts\n{}\n", complaints.join("\n"));
    assert!(tried > 5 * TABLE.len(), "only {tried} attempts at {} lines", TABLE.len());
});

// A refusal says something only where somebody else is let in.
on_both_databases!(who_may_passes, |db| async {
    let mut stage = Stage::new(&db).await;
    let mut complaints = Vec::new();
    for route in TABLE {
        if matches!(route.policy.access, Access::Open | Access::Signed | Access::Key(_) | Access::Public) {
            continue;
        }
        let path = stage.own(route);
        // Signing out, or the like, is one person's end.
        let mut browser = stage.signed_in(Guard::welcome(route)).await;
        let answer = ask(&mut browser, route, &path).await;
        if SENDS_FILES.contains(&route.pattern) {
            continue;
        }
        let refused = matches!(answer.status, 401 | 403 | 405) || answer.status >= 500;
        if refused || answer.location().starts_with("/sign-in") {
            complaints.push(format!("{} as {}: {}", route.pattern, Guard::welcome(route), answer.status));
        }
        stage.camera.take().await;
    }
    stage.end().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
});

on_both_databases!(support_sees_the_whole_platform_and_no_form, |db| async {
    let mut stage = Stage::new(&db).await;
    let support = stage.browsers.get_mut("support").unwrap();
    for route in TABLE.iter().filter(|route| route.policy.access == Access::PlatformReader) {
        if route.pattern.contains('{') {
            continue;
        }
        let page = support.get(route.pattern).await;
        assert_eq!(page.status, 200, "{}", route.pattern);
        let main = page.body.split("<main").nth(1).unwrap();
        assert!(!main.contains("method=\"post\""), "{}: a form for who changes nothing", route.pattern);
    }
    stage.end().await;
});
