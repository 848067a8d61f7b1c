//! The audit, ready to print.

use askama::Template;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Kind, Record};
use crate::domain::ids::TenantId;
use crate::domain::role::{Permission, Role};
use crate::domain::text::Lang;
use crate::store::audit_list::Place;
use crate::web::authorizers::view::TenantChoice;
use crate::web::parts::Pager;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::{Locale, Moment};
use crate::web::words::audit::AuditWords;

use super::query::AuditQuery;

/// What the database knows.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub records: Vec<Record>,
    pub more: bool,
    /// To choose from, on the platform's page, with their names.
    pub tenants: Vec<(TenantId, String)>,
}

impl Found {
    /// One record more than a page shows says that there is another page.
    pub fn new(mut records: Vec<Record>, page: usize, tenants: Vec<(TenantId, String)>) -> Self {
        let more = records.len() > page;
        records.truncate(page);
        Self { records, more, tenants }
    }
}

#[derive(Debug, Template)]
#[template(path = "audit/list.html")]
pub struct AuditView {
    pub shell: Shell,
    pub path: &'static str,
    pub is_platform: bool,
    pub query: AuditQuery,
    pub actions: Vec<Choice>,
    pub tenants: Vec<TenantChoice>,
    pub rows: Vec<Row>,
    pub is_narrow: bool,
    pub pager: Pager,
    /// Whether everything of the tenant may be taken along.
    pub takes_all: bool,
}

/// An action to narrow by.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    pub chosen: bool,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub seq: i64,
    pub at: Moment,
    pub who: String,
    /// Everything else that this one did.
    pub who_href: Option<String>,
    pub action: String,
    pub code: String,
    pub kind: String,
    pub subject: String,
    pub subject_href: Option<String>,
    pub tenant: Option<String>,
    pub facts: Vec<Fact>,
    pub address: String,
    pub trace: String,
}

/// One line of what a record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub before: Option<String>,
    pub value: String,
}

impl AuditView {
    pub fn new(shell: Shell, now: Timestamp, query: &AuditQuery, found: &Found) -> Self {
        let is_platform = shell.nav == Nav::AdminAudit;
        let path = if is_platform { "/admin/audit" } else { "/audit" };
        let lang = shell.lang;
        let actions = Action::ALL.iter().map(|action| Choice {
            value: action.as_str(),
            label: action.label().get(lang),
            chosen: query.action == Some(*action),
        });
        let tenants = found.tenants.iter().map(|(id, name)| TenantChoice {
            id: id.to_string(),
            name: name.clone(),
            chosen: query.tenant.as_ref() == Some(id),
        });
        let place = |record: &Record| Place { at: record.at, seq: record.seq };
        let next = found.records.last().filter(|_| found.more).map(place);
        let whole = AuditQuery { after: None, ..query.clone() };
        let gaze = Gaze { lang, locale: shell.locale(), now, path, w: &shell.w.audit, found };
        Self {
            path,
            is_platform,
            actions: actions.collect(),
            tenants: tenants.collect(),
            rows: found.records.iter().map(|record| gaze.row(record)).collect(),
            is_narrow: whole.is_narrow(),
            takes_all: !is_platform && shell.role.is_some_and(|role| role.may(Permission::ManageTenant)),
            pager: Pager {
                first: query.after.map(|_| whole.href(path)),
                next: next.map(|after| AuditQuery { after: Some(after), ..query.clone() }.href(path)),
            },
            query: query.clone(),
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = |nav| match nav {
            Nav::AdminAudit => Shell { nav, tenant: None, ..Shell::sample(lang) },
            _ => Shell { nav, role: Some(Role::Owner), ..Shell::sample(lang) },
        };
        let found = super::samples::found();
        let narrow = AuditQuery { action: Some(Action::KeyRevoked), ..AuditQuery::default() };
        let (all, none) = (AuditQuery::default(), Found::default());
        vec![
            ("tenant", Self::new(shell(Nav::Audit), NOW, &all, &found)),
            ("platform", Self::new(shell(Nav::AdminAudit), NOW, &all, &super::samples::of_platform())),
            ("nothing_fits", Self::new(shell(Nav::Audit), NOW, &narrow, &none)),
            ("empty", Self::new(shell(Nav::Audit), NOW, &all, &none)),
        ]
    }
}

struct Gaze<'a> {
    lang: Lang,
    locale: Locale,
    now: Timestamp,
    path: &'static str,
    w: &'static AuditWords,
    found: &'a Found,
}

impl Gaze<'_> {
    fn row(&self, record: &Record) -> Row {
        let only_who = |id: &String| AuditQuery { who: id.clone(), ..AuditQuery::default() }.href(self.path);
        let only_subject =
            |id: &String| AuditQuery { subject: id.clone(), ..AuditQuery::default() }.href(self.path);
        let action = Action::from_name(&record.action);
        let kind = Kind::from_name(&record.subject_kind);
        let subject_id = Some(&record.subject_id).filter(|id| !id.is_empty());
        let tenant = |id: &String| {
            let known = self.found.tenants.iter().find(|(tenant, _)| tenant.as_str() == id);
            known.map_or_else(|| id.clone(), |(_, name)| name.clone())
        };
        let is_platform = self.path != "/audit";
        Row {
            seq: record.seq,
            at: Moment::of(Timestamp::from_unix(record.at), self.now, self.locale),
            who: self.who(record),
            who_href: record.actor_id.as_ref().map(only_who),
            action: action
                .map_or_else(|| record.action.clone(), |action| action.label().get(self.lang).to_owned()),
            code: record.action.clone(),
            kind: kind
                .map_or_else(|| record.subject_kind.clone(), |kind| kind.label().get(self.lang).to_owned()),
            subject: record.subject_name.clone().unwrap_or_else(|| record.subject_id.clone()),
            subject_href: subject_id.map(only_subject),
            tenant: record.tenant.as_ref().filter(|_| is_platform).map(tenant),
            facts: facts(&record.detail, self.lang),
            address: record.address.clone().unwrap_or_default(),
            trace: record.trace.clone(),
        }
    }

    fn who(&self, record: &Record) -> String {
        let kind = match record.actor_kind.as_str() {
            "nobody" => self.w.nobody,
            "cli" => self.w.command_line,
            "system" => self.w.system,
            "link" => self.w.merchant,
            "api_key" => self.w.api_key,
            _ => "",
        };
        match (&record.actor_name, kind) {
            (Some(name), "") => name.clone(),
            (Some(name), kind) => format!("{kind} · {name}"),
            (None, kind) => kind.to_owned(),
        }
    }
}

/// The record's detail, line by line.
fn facts(detail: &str, lang: Lang) -> Vec<Fact> {
    let Ok(Value::Object(detail)) = serde_json::from_str(detail) else { return Vec::new() };
    let fact = |(name, value): (String, Value)| {
        let name = name_of(&name, lang);
        if value.get("replaced").is_some() {
            return Fact { name, before: None, value: REPLACED[usize::from(lang == Lang::En)].to_owned() };
        }
        match (value.get("before"), value.get("after")) {
            (Some(before), Some(after)) => Fact { name, before: Some(text(before)), value: text(after) },
            _ => Fact { name, before: None, value: text(&value) },
        }
    };
    detail.into_iter().map(fact).collect()
}

const REPLACED: [&str; 2] = ["已更换", "replaced"];

fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Names of details in words; one that has none is shown as it is.
fn name_of(name: &str, lang: Lang) -> String {
    let (zh, en) = match name {
        "name" => ("名称", "Name"),
        "slug" => ("短名称", "Short name"),
        "role" => ("角色", "Role"),
        "email" => ("邮箱", "E-mail"),
        "language" => ("语言", "Language"),
        "time_zone" => ("时区", "Time zone"),
        "password" => ("密码", "Password"),
        "appsecret" => ("AppSecret", "AppSecret"),
        "token" => ("消息校验 Token", "Message Token"),
        "aes_key" => ("消息加解密 Key", "EncodingAESKey"),
        "scopes" => ("权限", "Scopes"),
        "expires_at" => ("到期", "Expires"),
        "authorizers" | "accounts" => ("账号", "Accounts"),
        "authorizer" => ("账号", "Account"),
        "networks" | "addresses" => ("来源地址", "Addresses"),
        "component" => ("第三方平台", "Component"),
        "authorization" => ("授权流程", "Authorization"),
        "state" => ("原状态", "State before"),
        "answer" => ("微信的回答", "WeChat's answer"),
        "platform_admin" => ("平台管理员", "Platform administrator"),
        "disabled" => ("已停用", "Disabled"),
        "reads" => ("读取次数", "Reads"),
        "hour" => ("小时", "Hour"),
        "form" => ("格式", "Form"),
        "records" => ("记录数", "Records"),
        "since" => ("从", "From"),
        "until" => ("到", "To"),
        "reason" => ("理由", "Reason"),
        "secret" => ("密钥", "Secret"),
        "who" => ("操作者", "Who"),
        "only" => ("仅此操作", "Only this action"),
        "on" => ("对象", "On what"),
        other => (other, other),
    };
    if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_tell_before_and_after() {
        let told = facts(r#"{"role":{"before":null,"after":"owner"},"token":{"replaced":true}}"#, Lang::En);
        assert_eq!(
            told[0],
            Fact { name: "Role".to_owned(), before: Some("–".to_owned()), value: "owner".to_owned() }
        );
        assert_eq!(told[1].value, "replaced");
        assert!(facts("nonsense", Lang::Zh).is_empty());
    }
}
