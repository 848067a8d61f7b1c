//! Two tenants with everything a tenant can have, and everybody who may come to a door.

use std::collections::BTreeMap;
use std::time::Duration;

use hufu::domain::api_key::{Allowed, Scope, Sources, parse_network};
use hufu::domain::audit::Actor;
use hufu::domain::ids::TenantId;
use hufu::domain::role::Role;
use hufu::domain::user::User;
use hufu::secret::Secret as _;
use hufu::service::create_api_key::{self, NewKey};
use hufu::web::policy::{Route, Verb};

use super::photo::Camera;
use crate::engine::world::{SHOP, World};
use crate::harness::{Answer, Browser, Database, PASSWORD};

/// The rival's account.
pub(super) const FOREIGN: &str = "wxf0000000000000f1";

/// A session of which nothing grave is believed any more; in seconds.
const LONG_AGO: u64 = 6 * 60;

pub(super) struct Stage {
    pub(super) world: World,
    pub(super) camera: Camera,
    pub(super) browsers: BTreeMap<&'static str, Browser>,
    /// What stands for each `{place}` of a pattern, of one's own tenant and of the other.
    own: BTreeMap<&'static str, String>,
    foreign: BTreeMap<&'static str, String>,
    base: String,
}

impl Stage {
    pub(super) async fn new(db: &Database) -> Self {
        let world = World::new(db).await;
        let base = world.portal.running.url.to_string();
        Self::at(db, world, base).await
    }

    /// The doors are tried at another address of the same portal.
    pub(super) async fn at(db: &Database, world: World, base: String) -> Self {
        world.account(FOREIGN);
        world.authorize(&world.acme, SHOP).await;
        world.authorize(&world.rival, FOREIGN).await;
        let mut stage = Self {
            camera: Camera::new(db).await,
            browsers: BTreeMap::new(),
            own: BTreeMap::new(),
            foreign: BTreeMap::new(),
            base,
            world,
        };
        stage.people(db).await;
        stage
    }

    async fn people(&mut self, db: &Database) {
        let portal = &self.world.portal;
        let (acme, rival) = (self.world.acme.clone(), self.world.rival.clone());
        for (name, role) in [("owner", Role::Owner), ("operator", Role::Operator), ("viewer", Role::Viewer)] {
            portal.user(name, Some((&acme, role))).await;
        }
        let disabled = portal.user("disabled", Some((&acme, Role::Owner))).await;
        portal.user("ended", Some((&acme, Role::Owner))).await;
        let victim = portal.user("victim", Some((&acme, Role::Owner))).await;
        let stranger = portal.user("stranger", Some((&rival, Role::Owner))).await;
        portal.admin("admin").await;
        portal.support("support").await;
        for (name, key) in [("owner", "owner of long ago"), ("admin", "admin of long ago")] {
            let browser = self.signed_in(name).await;
            self.browsers.insert(key, browser);
        }
        self.world.skip(LONG_AGO);
        for name in ["owner", "operator", "viewer", "disabled", "ended", "admin", "support"] {
            let browser = self.signed_in(name).await;
            self.browsers.insert(name, browser);
        }
        self.browsers.insert("nobody", self.nobody().await);
        let statement = format!("UPDATE app_user SET disabled_at = 1 WHERE id = '{}'", disabled.id);
        db.execute_text(statement).await;
        let ended = &self.browsers["ended"];
        let (cookies, csrf) = (ended.cookies.clone(), ended.csrf.clone());
        let ended = self.browsers.get_mut("ended").unwrap();
        assert_eq!(ended.post("/sign-out", &[]).await.status, 303);
        (ended.cookies, ended.csrf) = (cookies, csrf);
        self.own = objects(&self.world, &acme, SHOP, &victim).await;
        self.foreign = objects(&self.world, &rival, FOREIGN, &stranger).await;
    }

    pub(super) async fn nobody(&self) -> Browser {
        let mut browser = Browser::new(&self.base);
        browser.get("/sign-in").await;
        browser
    }

    pub(super) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = Browser::new(&self.base);
        let answer = browser.sign_in(&format!("{name}@example.com"), PASSWORD).await;
        assert_eq!(answer.status, 303, "{name} cannot sign in: {}", answer.body);
        // A page with a form gives the session's token.
        let page = browser.get("/nowhere").await;
        assert_eq!(page.status, 404);
        browser
    }

    /// A program with a key of this tenant.
    pub(super) async fn program(
        &self,
        tenant: &TenantId,
        scopes: &[Scope],
        network: Option<&str>,
    ) -> Browser {
        let sources = network.map_or(Sources::Anywhere, |range| {
            Sources::Networks(vec![parse_network(range).expect("a range")])
        });
        let new = NewKey {
            name: "订单服务".to_owned(),
            scopes: scopes.to_vec(),
            authorizers: Allowed::All,
            sources,
            lives_for: Some(Duration::from_secs(24 * 3600)),
        };
        let (cx, now) = (self.world.cx(), self.world.now());
        let made = create_api_key::run(cx, now, &Actor::cli(), tenant, new).await.unwrap();
        self.program_with(made.secret.expose())
    }

    pub(super) fn program_with(&self, key: &str) -> Browser {
        let mut browser = Browser::new(&self.base);
        browser.headers = vec![("authorization", format!("Bearer {key}"))];
        browser
    }

    pub(super) fn own(&self, route: &Route) -> String {
        fill(route.pattern, &self.own)
    }

    pub(super) fn foreign(&self, route: &Route) -> String {
        fill(route.pattern, &self.foreign)
    }

    /// Whether the pattern names something that belongs to one tenant.
    pub(super) fn names_an_object(&self, route: &Route) -> bool {
        self.foreign.iter().any(|(name, _)| route.pattern.contains(&format!("{{{name}}}")))
    }

    pub(super) async fn end(self) {
        self.world.end().await;
    }
}

/// A tenant's account, a key, a member. What is not known here is filled with something that does not exist.
async fn objects(
    world: &World,
    tenant: &TenantId,
    account: &str,
    member: &User,
) -> BTreeMap<&'static str, String> {
    let new = NewKey {
        name: "仓库".to_owned(),
        scopes: Scope::ALL.to_vec(),
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        lives_for: None,
    };
    let made = create_api_key::run(world.cx(), world.now(), &Actor::cli(), tenant, new).await.unwrap();
    BTreeMap::from([
        ("authorizer_appid", account.to_owned()),
        ("key", made.key.id.to_string()),
        ("user", member.id.to_string()),
        ("tenant", tenant.to_string()),
    ])
}

fn fill(pattern: &str, objects: &BTreeMap<&'static str, String>) -> String {
    let mut path = String::new();
    for part in pattern.split('/').skip(1) {
        let place = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let name = place.map(|place| place.split(':').next().unwrap());
        path.push('/');
        path.push_str(match name {
            Some("component_appid") => hufu::sandbox::NEWCOMER_APPID,
            Some(name) => objects.get(name).map_or("wxnothing00000000", String::as_str),
            None => part,
        });
    }
    path
}

pub(super) async fn ask(browser: &mut Browser, route: &Route, path: &str) -> Answer {
    match route.verb {
        Verb::Get | Verb::Head => browser.get(path).await,
        Verb::Post => browser.post(path, &[]).await,
    }
}
