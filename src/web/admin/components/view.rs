//! Third-party platforms: the list, and the page of one with the values for WeChat's console.

use askama::Template;
use url::Url;

use crate::clock::Timestamp;
use crate::domain::component::ComponentStatus;
use crate::domain::reason::Reason;
use crate::domain::text::Lang;
use crate::service::put_component::PutRefused;
use crate::store::incident_list;
use crate::store::reconcile_report::Report;
use crate::web::admin::report::ReportCard;
use crate::web::admin::state::{ComponentCard, IncidentRow};
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::admin_component::ComponentWords;

#[derive(Debug, Template)]
#[template(path = "admin/components.html")]
pub struct ComponentsView {
    pub shell: Shell,
    pub components: Vec<ComponentCard>,
    pub form: ComponentForm,
}

#[derive(Debug, Template)]
#[template(path = "admin/component.html")]
pub struct ComponentView {
    pub shell: Shell,
    pub card: ComponentCard,
    pub added: Moment,
    pub push_at: Option<Moment>,
    pub push_answer: Option<String>,
    pub reconciled: Option<Moment>,
    pub console: Vec<ConsoleValue>,
    /// The address WeChat saw when it refused it (61004).
    pub egress: Option<String>,
    /// The portal is not on https.
    pub insecure: bool,
    pub incidents: Vec<IncidentRow>,
    pub report: Option<ReportCard>,
    pub form: ComponentForm,
}

/// One value to paste into WeChat's console.
#[derive(Clone, Debug)]
pub struct ConsoleValue {
    pub label: &'static str,
    pub value: String,
    pub note: &'static str,
}

/// The fields of the form and what is wrong with them. Secrets are never printed again.
#[derive(Clone, Debug, Default)]
pub struct ComponentForm {
    pub appid: String,
    pub name: String,
    pub bad_appid: &'static str,
    pub bad_name: &'static str,
    pub bad_appsecret: &'static str,
    pub bad_token: &'static str,
    pub bad_aes_key: &'static str,
}

impl ComponentForm {
    #[must_use]
    pub fn refused(mut self, refused: PutRefused, w: &ComponentWords) -> Self {
        match refused {
            PutRefused::Exists => self.bad_appid = w.exists,
            PutRefused::BadName => self.bad_name = w.bad_name,
            PutRefused::NoAppsecret => self.bad_appsecret = w.no_appsecret,
            PutRefused::NoToken => self.bad_token = w.no_token,
            PutRefused::BadToken => self.bad_token = w.bad_token,
            PutRefused::NoAesKey => self.bad_aes_key = w.no_aes_key,
            PutRefused::BadAesKey => self.bad_aes_key = w.bad_aes_key,
        }
        self
    }
}

impl ComponentsView {
    pub fn new(
        shell: Shell,
        now: Timestamp,
        (components, incidents): (&[ComponentStatus], &[incident_list::Listed]),
        form: ComponentForm,
    ) -> Self {
        let card = |one| ComponentCard::of(one, incidents, now, shell.locale());
        Self { components: components.iter().map(card).collect(), form, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::samples;
        let shell = || samples::shell(lang, Nav::AdminComponents);
        let refused = ComponentForm {
            appid: "wx4444444444444444".to_owned(),
            name: "新平台".to_owned(),
            ..ComponentForm::default()
        };
        let refused = refused.refused(PutRefused::BadAesKey, &shell().w.admin.component);
        let all = (samples::components(), samples::incidents());
        vec![
            ("empty", Self::new(shell(), NOW, (&[], &[]), ComponentForm::default())),
            ("three", Self::new(shell(), NOW, (&all.0, &all.1), ComponentForm::default())),
            ("refused", Self::new(shell(), NOW, (&all.0, &all.1), refused)),
        ]
    }
}

impl ComponentView {
    pub fn new(
        shell: Shell,
        now: Timestamp,
        (status, incidents, report): (&ComponentStatus, &[incident_list::Listed], Option<&Report>),
        public_url: &Url,
        form: ComponentForm,
    ) -> Self {
        let (locale, w) = (shell.locale(), &shell.w.admin.component);
        let answer = status.push_answer.as_deref().map(|answer| push_answer(answer, w));
        Self {
            card: ComponentCard::of(status, incidents, now, locale),
            added: Moment::of(status.created_at, now, locale),
            push_at: Moment::maybe(status.push_requested_at, now, locale),
            push_answer: answer,
            reconciled: Moment::maybe(status.last_reconciled_at, now, locale),
            console: console(status, public_url, w),
            egress: egress(incidents),
            insecure: public_url.scheme() != "https",
            incidents: incidents.iter().map(|one| IncidentRow::of(one, now, locale)).collect(),
            report: report.map(|report| ReportCard::of(report, &status.appid, now, locale)),
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::samples;
        let shell = || samples::shell(lang, Nav::AdminComponents);
        let Ok(url) = Url::parse("https://hufu.example") else { return Vec::new() };
        let Ok(plain) = Url::parse("http://127.0.0.1:8080") else { return Vec::new() };
        let statuses = samples::components();
        let past = samples::incidents_past();
        let view = |status: &ComponentStatus, incidents, url| {
            let form = ComponentForm { name: status.name.clone(), ..ComponentForm::default() };
            Self::new(shell(), NOW, (status, incidents, None), url, form)
        };
        let [good, stale, new] = statuses.as_slice() else { return Vec::new() };
        let mut refused = view(good, &[], &url);
        refused.form = refused.form.refused(PutRefused::BadToken, &refused.shell.w.admin.component);
        vec![
            ("good", Self { report: ReportCard::sample(false, lang), ..view(good, &[], &url) }),
            ("differs", Self { report: ReportCard::sample(true, lang), ..view(good, &[], &url) }),
            ("stale", view(stale, past.as_slice(), &url)),
            ("new", view(new, &[], &plain)),
            ("refused", refused),
        ]
    }
}

/// What WeChat said to api_start_push_ticket, in words where its texts are known.
pub fn push_answer(answer: &str, w: &ComponentWords) -> String {
    match answer {
        "ok" => w.push_ok.to_owned(),
        "in a normal state" => w.push_normal.to_owned(),
        other => other.to_owned(),
    }
}

/// The newest address that WeChat found missing from its list.
fn egress(incidents: &[incident_list::Listed]) -> Option<String> {
    let said = incidents.iter().filter(|one| one.cause == Reason::IpNotListed);
    let words = said.filter_map(|one| one.evidence.as_deref()).flat_map(str::split_whitespace);
    let mut addresses = words.filter(|word| word.parse::<std::net::IpAddr>().is_ok());
    addresses.next().map(str::to_owned)
}

fn console(status: &ComponentStatus, public_url: &Url, w: &ComponentWords) -> Vec<ConsoleValue> {
    let base = public_url.as_str().trim_end_matches('/');
    let domain = public_url.host_str().unwrap_or_default();
    let value = |label, value, note| ConsoleValue { label, value, note };
    vec![
        value(w.domain, domain.to_owned(), w.domain_note),
        value(w.events_url, format!("{base}/wechat/{}/events", status.appid), w.events_note),
        value(w.messages_url, format!("{base}/wechat/{}/messages/$APPID$", status.appid), w.messages_note),
        value(w.callback, format!("{base}/authorize/callback"), w.callback_note),
    ]
}
