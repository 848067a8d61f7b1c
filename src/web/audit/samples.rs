//! Records for the samples of the audit's views.

use crate::domain::audit::{Action, Actor, Detail, Entry, Record, Said, Subject};
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, TenantId, UserId};
use crate::domain::role::Role;
use crate::web::samples::ago;

use super::view::Found;

fn record(seq: i64, minutes: u64, by: &Actor, entry: &Entry) -> Record {
    Record {
        seq,
        at: ago(minutes).unix(),
        tenant: entry.tenant.as_ref().map(ToString::to_string),
        actor_kind: by.who.kind().to_owned(),
        actor_id: by.who.id().map(str::to_owned),
        actor_name: by.who.name().map(str::to_owned),
        address: by.address.map(|address| address.to_string()),
        trace: by.trace.clone(),
        action: entry.action.as_str().to_owned(),
        subject_kind: entry.subject.kind.as_str().to_owned(),
        subject_id: entry.subject.id.clone(),
        subject_name: entry.subject.name.clone(),
        detail: entry.detail.to_json(),
        prev_hash: String::new(),
        hash: String::new(),
    }
}

fn records() -> Option<Vec<Record>> {
    let tenant = TenantId::parse("t-qinghe").ok()?;
    let chen = UserId::parse("u-chen").ok()?;
    let by = Actor {
        who: crate::domain::audit::Who::User {
            id: chen.clone(),
            email: crate::domain::user::Email::parse("chen@example.com").ok()?,
        },
        address: "203.0.113.7".parse().ok(),
        trace: "5fT0aQ8bR1cS2dU3".to_owned(),
    };
    let key = ApiKeyId::parse("k-orders").ok()?;
    let program = Actor::key(&key, "订单服务", None, "");
    let account = AuthorizerAppid::parse("wx5f0c2e9a7b4d1e83").ok()?;
    let of = |action, subject| Entry::of(&tenant, action, subject);
    let member = Subject::user_id(&chen).named("former.colleague.with.a.long.name@subsidiary.example.com");
    Some(vec![
        record(7, 2, &by, &of(Action::AuthorizerPaused, Subject::authorizer(&account))),
        record(
            6,
            40,
            &program,
            &of(Action::TokensRead, Subject::api_key(&key, "订单服务"))
                .with(Detail::none().fact("reads", 1840_i64).fact("accounts", vec![&account])),
        ),
        record(
            5,
            95,
            &by,
            &of(Action::MemberPut, member).with(Detail::none().change("role", Role::Viewer, Role::Operator)),
        ),
        record(
            4,
            60 * 5,
            &by,
            &of(Action::KeyCreated, Subject::api_key(&key, "订单服务"))
                .with(Detail::none().fact("scopes", vec!["read_token", "report"])),
        ),
        record(
            3,
            60 * 30,
            &Actor::cli(),
            &of(Action::TenantRenamed, Subject::tenant_id(&tenant).named("青禾茶业"))
                .with(Detail::none().change("name", Said("青禾"), Said("青禾茶业"))),
        ),
    ])
}

pub(super) fn found() -> Found {
    Found { records: records().unwrap_or_default(), more: true, tenants: Vec::new() }
}

pub(super) fn of_platform() -> Found {
    let tenant = TenantId::parse("t-qinghe").ok().map(|id| (id, "青禾茶业".to_owned()));
    let failed = Entry::platform(Action::SignInFailed, Subject::platform())
        .with(Detail::none().fact("disabled", false));
    let nobody = Actor::nobody("198.51.100.23".parse().ok(), "9aB8cD7eF6gH5iJ4");
    let mut records = records().unwrap_or_default();
    records.insert(0, record(8, 1, &nobody, &failed));
    Found { records, more: false, tenants: tenant.into_iter().collect() }
}
