//! A running portal on a test's database, and a browser without a face: it keeps cookies and finds the token of forms.

use std::collections::BTreeMap;

use hufu::app::{self, Running, Ticking};
use hufu::clock::{Clock, Timestamp};
use hufu::config::Config;
use hufu::domain::audit::Actor;
use hufu::domain::ids::TenantId;
use hufu::domain::role::{PlatformRole, Role};
use hufu::domain::tenant::Slug;
use hufu::domain::user::{Email, User};
use hufu::random::Random;
use hufu::secret::{Password, Secret as _};
use hufu::service::Context;
use hufu::service::create_tenant;
use hufu::service::create_user::{self, NewUser};
use tempfile::TempDir;

use super::Database;

/// Every user of a test has this password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The moment at which a portal's clock starts.
const START: Timestamp = Timestamp::from_unix(1_800_000_000);

/// A portal whose clock stands still and whose scheduler ticks by hand.
pub(crate) struct Portal {
    pub(crate) running: Running,
    pub(crate) clock: Clock,
    folder: TempDir,
    settings: BTreeMap<String, String>,
}

impl Portal {
    pub(crate) async fn start(db: &Database) -> Self {
        Self::start_with(db, &[]).await
    }

    /// With settings besides, as `("HUFU_WECHAT_API_URL", "http://…")`.
    pub(crate) async fn start_with(db: &Database, settings: &[(&str, &str)]) -> Self {
        Self::start_at(db, settings, Clock::manual(START)).await
    }

    /// With a clock of the test's own.
    pub(crate) async fn start_at(db: &Database, settings: &[(&str, &str)], clock: Clock) -> Self {
        let folder = TempDir::new().unwrap();
        let key = folder.path().join("hufu.key").display().to_string();
        let mut all = BTreeMap::from([
            ("HUFU_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("HUFU_DATABASE_URL".to_owned(), db.url().to_owned()),
            ("HUFU_MASTER_KEY_FILE".to_owned(), key),
            ("HUFU_WECHAT_API_URL".to_owned(), "http://127.0.0.1:9/".to_owned()),
            // Most tests are about something else than enrolling.
            ("HUFU_REQUIRE_ADMIN_MFA".to_owned(), "false".to_owned()),
        ]);
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let running = run(&all, &clock).await;
        Self { running, clock, folder, settings: all }
    }

    /// Ends the process' share and starts again on the same database and key.
    pub(crate) async fn restart(self) -> Self {
        let Self { running, clock, folder, settings } = self;
        running.stop().await;
        let running = run(&settings, &clock).await;
        Self { running, clock, folder, settings }
    }

    /// A second process on the same database with the same key and a clock of its own, which begins where this stands.
    pub(crate) async fn beside(&self) -> Self {
        self.beside_on(&self.settings["HUFU_DATABASE_URL"]).await
    }

    /// The same by another way to the database.
    pub(crate) async fn beside_on(&self, database: &str) -> Self {
        let mut settings = self.settings.clone();
        settings.insert("HUFU_DATABASE_URL".to_owned(), database.to_owned());
        let clock = Clock::manual(self.clock.now());
        let running = run(&settings, &clock).await;
        Self { running, clock, folder: TempDir::new().unwrap(), settings }
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }

    pub(crate) fn cx(&self) -> &Context {
        &self.running.context
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.running.url.as_str())
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        let slug = Slug::parse(slug).unwrap();
        create_tenant::run(self.cx(), self.clock.now(), &Actor::cli(), slug.clone(), format!("公司 {slug}"))
            .await
            .unwrap()
            .id
    }

    /// `name@example.com` with [`PASSWORD`].
    pub(crate) async fn user(&self, name: &str, membership: Option<(&TenantId, Role)>) -> User {
        self.make_user(name, membership, None).await
    }

    pub(crate) async fn admin(&self, name: &str) -> User {
        self.make_user(name, None, Some(PlatformRole::Admin)).await
    }

    /// Sees the platform and changes nothing.
    pub(crate) async fn support(&self, name: &str) -> User {
        self.make_user(name, None, Some(PlatformRole::Support)).await
    }

    async fn make_user(
        &self,
        name: &str,
        membership: Option<(&TenantId, Role)>,
        platform: Option<PlatformRole>,
    ) -> User {
        let new = NewUser {
            email: Email::parse(&format!("{name}@example.com")).unwrap(),
            name: name.to_owned(),
            password: Password::new(PASSWORD),
            platform,
            membership: membership.map(|(tenant, role)| (tenant.clone(), role)),
        };
        create_user::run(self.cx(), self.clock.now(), &Actor::cli(), new).await.unwrap()
    }

    /// A browser in which `name@example.com` is signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(&format!("{name}@example.com"), PASSWORD).await;
        assert_eq!(answer.status, 303, "{name} cannot sign in: {}", answer.body);
        browser
    }
}

async fn run(settings: &BTreeMap<String, String>, clock: &Clock) -> Running {
    let config = Config::from_variables(settings).unwrap();
    app::start(&config, clock.clone(), Random::system(), Ticking::ByHand).await.unwrap()
}

/// Follows no redirect, runs no script.
pub(crate) struct Browser {
    base: String,
    http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The token of the newest page that had a form.
    pub(crate) csrf: String,
    /// Headers sent with every request, as `("sec-fetch-site", "cross-site")`.
    pub(crate) headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The page without what differs from request to request.
    pub(crate) fn plain(&self) -> String {
        let policy = self.header("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or("-");
        self.body.replace(self.header("x-request-id"), "TRACE").replace(nonce, "NONCE")
    }
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        // The portal is plain HTTP, but the client wants a provider all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = base.trim_end_matches('/').to_owned();
        Self { base, http, cookies: BTreeMap::new(), csrf: String::new(), headers: Vec::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request, "").await
    }

    /// A form with the token of the newest page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        self.post_with(path, &csrf, fields).await
    }

    pub(crate) async fn post_with(&mut self, path: &str, csrf: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", csrf)
            .extend_pairs(fields)
            .finish();
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        self.send(request, path).await
    }

    /// A form with a file in it and the token of the newest page.
    pub(crate) async fn post_file(&mut self, path: &str, bytes: &[u8]) -> Answer {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a\"";
        let start = "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n";
        let start = format!("{start}{}\r\n--B\r\n{head}\r\n\r\n", self.csrf);
        let body = [start.as_bytes(), bytes, b"\r\n--B--\r\n"].concat();
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "multipart/form-data; boundary=B").body(body);
        self.send(request, path).await
    }

    /// Opens the sign-in page and fills it in.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("email", email), ("password", password), ("next", "/")]).await
    }

    /// `posted_to` is empty for what is only looked at.
    async fn send(&mut self, request: reqwest::RequestBuilder, posted_to: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header("cookie", cookies.join("; "));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let body = response.text().await.unwrap();
        super::leaks::check_page(posted_to, &body);
        if let Some(token) = token_of(&body) {
            self.csrf = token;
        }
        Answer { status, headers, body }
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn token_of(body: &str) -> Option<String> {
    let after = body.split_once(r#"name="csrf" value=""#)?.1;
    Some(after.split_once('"')?.0.to_owned())
}
