//! The form that asks why, and the page that shows the secret.

use askama::Template;

use crate::domain::component::SecretName;
use crate::domain::ids::ComponentAppid;
use crate::domain::stated_reason::StatedReason;
use crate::domain::text::Lang;
use crate::secret::{PushToken, Secret};
use crate::service::reveal_secret::Revealed;
use crate::web::admin::samples;
use crate::web::shell::{Nav, Shell};
use crate::web::words::fill;

/// What was entered.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub name: Option<SecretName>,
    pub reason: String,
    pub is_refused: bool,
}

#[derive(Debug, Template)]
#[template(path = "admin/reveal.html")]
pub struct RevealView {
    pub shell: Shell,
    pub component: String,
    /// Of the component's page.
    pub href: String,
    pub choices: Vec<Choice>,
    pub reason: String,
    pub hint: String,
    pub bad_reason: String,
    /// What it is called, and the secret itself.
    pub shown: Option<(&'static str, Revealed)>,
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    pub chosen: bool,
}

impl RevealView {
    pub fn form(shell: Shell, (appid, component): &(ComponentAppid, String), asked: Asked) -> Self {
        let w = &shell.w.admin.component;
        let numbers = [StatedReason::SHORTEST, StatedReason::LONGEST].map(|number| number.to_string());
        let said = |phrase| fill(phrase, &[&numbers[0], &numbers[1]]);
        let choice = |name: SecretName| Choice {
            value: name.as_str(),
            label: label(&shell, name),
            chosen: asked.name == Some(name),
        };
        Self {
            component: component.clone(),
            href: format!("/admin/components/{appid}"),
            choices: SecretName::ALL.into_iter().map(choice).collect(),
            reason: asked.reason,
            hint: said(w.reveal_reason_hint),
            bad_reason: if asked.is_refused { said(w.reveal_bad_reason) } else { String::new() },
            shown: None,
            shell,
        }
    }

    pub fn revealed(
        shell: Shell,
        of: &(ComponentAppid, String),
        name: SecretName,
        revealed: Revealed,
    ) -> Self {
        let shown = Some((label(&shell, name), revealed));
        Self { shown, choices: Vec::new(), ..Self::form(shell, of, Asked::default()) }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || samples::shell(lang, Nav::AdminComponents);
        let Some(status) = samples::components().into_iter().next() else { return Vec::new() };
        let of = (status.appid, status.name);
        let short = Asked { name: Some(SecretName::AesKey), reason: "看看".to_owned(), is_refused: true };
        let token = Revealed::Token(PushToken::new("SampleToken7"));
        vec![
            ("form", Self::form(shell(), &of, Asked::default())),
            ("refused", Self::form(shell(), &of, short)),
            ("shown", Self::revealed(shell(), &of, SecretName::Token, token)),
        ]
    }
}

fn label(shell: &Shell, name: SecretName) -> &'static str {
    let w = &shell.w.admin.component;
    match name {
        SecretName::Appsecret => w.appsecret,
        SecretName::Token => w.token,
        SecretName::AesKey => w.aes_key,
    }
}
