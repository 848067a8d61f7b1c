//! Where the deeds are done: a tenant with everybody in it, an administrator, a mail server, devices of visitors.

use std::collections::BTreeMap;

use hufu::clock::Clock;
use hufu::domain::api_key::{Allowed, Scope, Sources};
use hufu::domain::audit::{Actor, Record};
use hufu::domain::role::Role;
use hufu::domain::user::User;
use hufu::jobs::Engine;
use hufu::sandbox::{MessageRequest, Outcome};
use hufu::secret::{Secret as _, fingerprint};
use hufu::service::create_api_key::{self, Made, NewKey};
use hufu::store::audit;

use super::{Deed, How, Tells, Told};
use crate::engine::world::{SHOP, START, World};
use crate::harness::{Answer, Authenticator, Browser, Database, PASSWORD, PostOffice};

pub(super) const ORIGIN: &str = "http://localhost:8080";
/// A password that nobody has yet.
pub(super) const NEW: &str = "nine kites over the lake";

pub(super) struct House {
    pub(super) world: World,
    pub(super) office: PostOffice,
    pub(super) browsers: BTreeMap<&'static str, Browser>,
    pub(super) device: Authenticator,
    people: BTreeMap<&'static str, User>,
}

impl House {
    /// Nobody is there yet.
    pub(super) async fn open(db: &Database) -> Self {
        let office = PostOffice::open().await;
        let settings = [
            ("HUFU_PUBLIC_URL", ORIGIN),
            ("HUFU_SIGN_UP", "true"),
            ("HUFU_SMTP_URL", &*office.url),
            ("HUFU_MAIL_FROM", "hufu@example.com"),
        ];
        let world = World::with(db, &settings, Clock::manual(START)).await;
        world.authorize(&world.acme, SHOP).await;
        let device = Authenticator::new(ORIGIN);
        Self { world, office, browsers: BTreeMap::new(), device, people: BTreeMap::new() }
    }

    pub(super) async fn close(self) {
        self.world.end().await;
    }

    /// `name@example.com`: `boss` of the platform, `own` of the rival, else owners of the tenant.
    pub(super) async fn person(&mut self, name: &'static str) -> User {
        if let Some(user) = self.people.get(name) {
            return user.clone();
        }
        let World { portal, acme, rival, .. } = &self.world;
        let user = match name {
            "boss" => portal.admin(name).await,
            "own" => portal.user(name, Some((rival, Role::Owner))).await,
            name => portal.user(name, Some((acme, Role::Owner))).await,
        };
        self.people.insert(name, user.clone());
        user
    }

    /// The browser of a person, who has just signed in if they had not.
    pub(super) async fn at_work(&mut self, name: &'static str) -> &mut Browser {
        self.person(name).await;
        if !self.browsers.contains_key(name) {
            let mut browser = self.world.portal.signed_in(name).await;
            browser.get("/nowhere").await;
            self.browsers.insert(name, browser);
        }
        self.browsers.get_mut(name).unwrap()
    }

    /// A browser that nobody knows, in front of a form.
    pub(super) async fn visitor(&mut self, page: &str) -> &mut Browser {
        let mut browser = self.world.portal.browser();
        assert!(matches!(browser.get(page).await.status, 200 | 303), "{page}");
        self.browsers.insert("visitor", browser);
        self.browsers.get_mut("visitor").unwrap()
    }

    /// The newest letter to this address, after everything that is due is sent.
    pub(super) async fn letter_to(&self, address: &str) -> String {
        let engine = Engine::new(self.world.cx().clone());
        // A letter is made in one and sent in another.
        engine.tick(self.world.now()).await;
        engine.tick(self.world.now()).await;
        url::Url::parse(&self.office.newest(address).link()).unwrap().path().to_owned()
    }

    pub(super) async fn key(&self) -> Made {
        let new = NewKey {
            name: "仓库".to_owned(),
            scopes: Scope::ALL.to_vec(),
            authorizers: Allowed::All,
            sources: Sources::Anywhere,
            lives_for: None,
        };
        let (cx, now) = (self.world.cx(), self.world.now());
        create_api_key::run(cx, now, &Actor::cli(), &self.world.acme, new).await.unwrap()
    }

    /// What is wrong with the records of this deed; it is first tried with a form that is not ours.
    pub(super) async fn tries(&mut self, deed: &Deed) -> Vec<String> {
        let mut complaints = Vec::new();
        let before = self.records().await.len();
        if let How::Form(fields) = &deed.how {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let browser = self.browsers.get_mut(deed.who).unwrap();
            let refused = browser.post_with(&deed.path, "of another page", &fields).await;
            if refused.status != 403 || self.records().await.len() != before {
                complaints.push(format!("as a foreign form: {}, or it is told", refused.status));
            }
        }
        let answer = self.acts(deed).await;
        let mut told = self.records().await.split_off(before);
        // What the engine does by itself meanwhile, and what the test prepares, is not of the deed.
        told.retain(|record| !matches!(record.actor_kind.as_str(), "system" | "cli"));
        if !matches!(answer.status, 200 | 303) {
            complaints.push(format!("{} {}\n{}", answer.status, answer.location(), answer.body));
        }
        match (&deed.tells, told.as_slice()) {
            (Tells::Nothing(why), []) if why.len() > 15 => {}
            (Tells::Once(expected), [record]) if fits(expected, record) => {}
            (Tells::Nothing(why), _) => complaints.push(format!("“{why}”, but: {told:#?}")),
            (Tells::Once(expected), _) => complaints.push(format!("expected {expected:#?}, but: {told:#?}")),
        }
        complaints
    }

    async fn records(&self) -> Vec<Record> {
        audit::chain(&mut self.world.cx().store.read().await.unwrap(), 0, 10_000).await.unwrap()
    }

    async fn acts(&mut self, deed: &Deed) -> Answer {
        match &deed.how {
            How::Ticket => {
                let push = self.world.control.push_ticket(None).unwrap();
                return pushed(&self.world, push).await;
            }
            How::Message => {
                let message = MessageRequest {
                    account: SHOP.to_owned(),
                    content: "你好".to_owned(),
                    force: true,
                    ..MessageRequest::default()
                };
                let push = self.world.control.message(&message).unwrap();
                return pushed(&self.world, push).await;
            }
            How::Report => return self.reports(&deed.path).await,
            How::Get | How::Form(_) | How::File(_) => {}
        }
        let browser = self.browsers.get_mut(deed.who).unwrap();
        match &deed.how {
            How::Form(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                browser.post(&deed.path, &fields).await
            }
            How::File(bytes) => browser.post_file(&deed.path, bytes).await,
            How::Get | How::Ticket | How::Message | How::Report => browser.get(&deed.path).await,
        }
    }

    /// The engine brings a new token meanwhile.
    async fn reports(&mut self, path: &str) -> Answer {
        let World { portal, .. } = &self.world;
        let key = self.key().await;
        let token = {
            let mut tx = self.world.cx().store.read().await.unwrap();
            let key = crate::engine::world::key(SHOP);
            let vault = &self.world.cx().vault;
            hufu::store::authorizer_token::access_token(&mut tx, vault, &key).await.unwrap().unwrap()
        };
        self.world.skip(3600);
        let body = serde_json::json!({"fingerprint": &fingerprint(token.expose())[..16], "errcode": 40001});
        let url = format!("{}{}", portal.running.url.as_str().trim_end_matches('/'), path);
        let report =
            || reqwest::Client::new().post(&url).bearer_auth(key.secret.expose()).body(body.to_string());
        let asking = async {
            loop {
                let answer = report().send().await.unwrap();
                if answer.status() != 424 {
                    return answer;
                }
            }
        };
        let answer = crate::api::program::while_ticking(&self.world, asking).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.text().await.unwrap() }
    }
}

async fn pushed(world: &World, push: u64) -> Answer {
    let record = world.control.wait_for_push(push).await.unwrap();
    world.tick().await;
    let status = if record.outcome == Outcome::Accepted { 200 } else { 500 };
    Answer { status, headers: reqwest::header::HeaderMap::new(), body: String::new() }
}

fn fits(expected: &Told, record: &Record) -> bool {
    let subject = &record.subject_id;
    record.action == expected.action
        && (&record.actor_kind, &record.actor_name) == (&expected.actor.0, &expected.actor.1)
        && (record.tenant == expected.tenant
            || expected.tenant.as_deref() == Some("?") && record.tenant.is_some())
        && record.subject_kind == expected.subject.0
        && expected
            .subject
            .1
            .as_ref()
            .map_or(!subject.is_empty() || record.subject_name.is_some(), |id| id == subject)
        && (record.actor_kind == "system" || !record.trace.is_empty() && record.address.is_some())
}

/// What stands between two texts on a page.
pub(super) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} behind {before}")).0
}

pub(super) async fn sign_in(browser: &mut Browser, name: &str) -> Answer {
    browser.sign_in(&format!("{name}@example.com"), PASSWORD).await
}
