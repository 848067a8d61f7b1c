//! Every route of the table that changes something is asked once, as its own page would: exactly one record tells of it,
//! with what was done, by whom, in which tenant and to what; or it is said here why none does. A new route without a
//! recipe fails. That refusals tell nothing is seen here for forms that are not our own, and for all others in
//! `routes/matrix.rs`, which compares the whole database.

mod accounts;
mod coming;
mod house;
mod links;
mod oneself;
mod people;
mod platform;

use hufu::domain::ids::TenantId;
use hufu::web::policy::{Effect, Route, Verb};
use hufu::web::routes::TABLE;

use house::House;

/// How a route is asked.
enum How {
    Get,
    Form(Vec<(&'static str, String)>),
    File(Vec<u8>),
    /// WeChat pushes a ticket.
    Ticket,
    /// WeChat pushes somebody's message to an account.
    Message,
    /// A business server reports the token it has as dead.
    Report,
}

/// A route, asked with success.
struct Deed {
    /// The browser it is asked with.
    who: &'static str,
    how: How,
    path: String,
    tells: Tells,
}

enum Tells {
    Once(Told),
    /// No record, and why.
    Nothing(&'static str),
}

#[derive(Debug, PartialEq, Eq)]
struct Told {
    action: &'static str,
    /// Kind and name.
    actor: (String, Option<String>),
    tenant: Option<String>,
    /// Kind and id; the id of what is made is not known before.
    subject: (String, Option<String>),
}

impl Deed {
    /// What somebody who is signed in does with a form.
    fn of(who: &'static str, path: impl Into<String>, fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { who, how: How::Form(fields), path: path.into(), tells: Tells::Nothing("") }
    }

    fn looking(who: &'static str, path: impl Into<String>) -> Self {
        Self { how: How::Get, ..Self::of(who, path, &[]) }
    }

    /// A record of the platform's, by who asks; `kind` of the subject, and its id.
    fn tells(self, action: &'static str, kind: &str, id: impl Into<String>) -> Self {
        let actor = ("user".to_owned(), Some(format!("{}@example.com", self.who)));
        let id = Some(id.into()).filter(|id| id != "?");
        let told = Told { action, actor, tenant: None, subject: (kind.to_owned(), id) };
        Self { tells: Tells::Once(told), ..self }
    }

    /// … which the tenant may read.
    fn within(self, tenant: &TenantId) -> Self {
        self.but(|told| told.tenant = Some(tenant.to_string()))
    }

    /// … which the tenant that is made by it may read.
    fn within_its_own(self) -> Self {
        self.but(|told| told.tenant = Some("?".to_owned()))
    }

    fn by(self, kind: &str, name: Option<&str>) -> Self {
        self.but(|told| told.actor = (kind.to_owned(), name.map(str::to_owned)))
    }

    fn but(mut self, change: impl FnOnce(&mut Told)) -> Self {
        if let Tells::Once(told) = &mut self.tells {
            change(told);
        }
        self
    }

    fn tells_nothing(self, why: &'static str) -> Self {
        Self { tells: Tells::Nothing(why), ..self }
    }
}

/// How a line of the table is asked; whatever has to be there before is made. `None`: nobody has written that yet.
async fn recipe(house: &mut House, handler: &str) -> Option<Deed> {
    let area = handler.trim_start_matches("::").split("::").next().unwrap();
    match area {
        "authorizer" | "api" | "api_keys" | "push" | "authorize" => accounts::recipe(house, handler).await,
        "links" | "logo" | "connect" => links::recipe(house, handler).await,
        "members" | "audit" | "tenant_export" | "invitation" | "password" => {
            people::recipe(house, handler).await
        }
        "sign_in" | "sign_up" | "second" | "sign_out" | "set_up" | "language" | "step_up"
        | "switch_tenant" => coming::recipe(house, handler).await,
        "profile" | "security" | "passkeys" => oneself::recipe(house, handler).await,
        "admin" => platform::recipe(house, handler).await,
        _ => None,
    }
}

/// Lines to be asked. The first administrator is made before anybody else, a second component when nobody needs the first
/// any more, and a dead token takes an hour.
fn lines() -> Vec<&'static Route> {
    let changes = |route: &&Route| route.policy.effect == Effect::Changes || route.verb == Verb::Post;
    let mut lines: Vec<&Route> = TABLE.iter().filter(changes).collect();
    lines.sort_by_key(|route| match route.handler {
        "::set_up::submit" => 0,
        "::admin::components::add" => 2,
        "::api::report" => 3,
        _ => 1,
    });
    lines
}

on_both_databases!(every_deed_is_written_down_exactly_once, |db| async {
    let mut house = House::open(&db).await;
    let mut complaints = Vec::new();
    for route in lines() {
        let Some(deed) = recipe(&mut house, route.handler).await else {
            complaints.push(format!(
                "{:?} {}: there is no recipe for {}",
                route.verb, route.pattern, route.handler
            ));
            continue;
        };
        for complaint in house.tries(&deed).await {
            complaints.push(format!("{:?} {}: {complaint}", route.verb, route.pattern));
        }
    }
    house.close().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
});
