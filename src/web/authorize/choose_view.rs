//! The page on which a member chooses what kind of account is to be authorised.

use askama::Template;

use crate::domain::authorization::AuthType;
use crate::domain::component::ComponentStatus;
use crate::domain::reason::Reason;
use crate::domain::text::Lang;
use crate::service::ServiceError;
use crate::web::shell::{Nav, Shell};

#[derive(Debug, Template)]
#[template(path = "authorize/choose.html")]
pub struct ChooseView {
    pub shell: Shell,
    pub cards: Vec<Card>,
    /// More than one: the choice is shown.
    pub components: Vec<Choice>,
    /// Why the last press did not work.
    pub trouble: Option<Trouble>,
}

/// One kind of account to authorise.
#[derive(Clone, Debug)]
pub struct Card {
    pub number: i64,
    pub icon: &'static str,
    pub title: &'static str,
    pub text: &'static str,
    pub press: &'static str,
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub appid: String,
    pub name: String,
}

/// What stands in the way, and what to do.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub title: &'static str,
    pub sentence: &'static str,
    pub remedy: &'static str,
    /// `errcode 61004, rid …`, to hand to somebody.
    pub detail: Option<String>,
}

impl ChooseView {
    pub fn new(shell: Shell, components: &[ComponentStatus], trouble: Option<Trouble>) -> Self {
        let choice = |component: &ComponentStatus| Choice {
            appid: component.appid.to_string(),
            name: component.name.clone(),
        };
        let components = components.iter().map(choice).collect();
        Self { cards: cards(&shell), components, trouble, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Authorize, ..Shell::sample(lang) };
        let two = vec![
            Choice { appid: "wx1111111111111111".to_owned(), name: "青禾开放平台".to_owned() },
            Choice { appid: "wx2222222222222222".to_owned(), name: "北辰第三方平台".to_owned() },
        ];
        let error = ServiceError::Wechat {
            reason: Reason::IpNotListed,
            errcode: Some(61004),
            rid: Some("65f1c2d3-1a2b3c4d-5e6f7a8b".to_owned()),
        };
        vec![
            ("one_platform", Self::new(shell(), &[], None)),
            ("trouble", Self { components: two, ..Self::new(shell(), &[], Trouble::of(&error, lang)) }),
        ]
    }
}

impl Trouble {
    /// `None` for errors that are no fault of the platform's and get a page of their own.
    pub fn of(error: &ServiceError, lang: Lang) -> Option<Self> {
        let w = &crate::web::words::Words::of(lang).authorize;
        let because = |reason: Reason, detail| Self {
            title: w.not_ready_title,
            sentence: reason.sentence().get(lang),
            remedy: reason.remedy().get(lang),
            detail,
        };
        match error {
            ServiceError::NoComponent => Some(Self {
                title: w.not_ready_title,
                sentence: w.no_component,
                remedy: w.no_component_next,
                detail: None,
            }),
            ServiceError::PlatformNotReady(reason) => Some(because(*reason, None)),
            ServiceError::Wechat { reason, errcode, rid } => {
                let code = errcode.map(|code| format!("errcode {code}"));
                let rid = rid.as_ref().map(|rid| format!("rid {rid}"));
                let detail = [code, rid].into_iter().flatten().collect::<Vec<_>>().join(" · ");
                Some(because(*reason, Some(detail).filter(|detail| !detail.is_empty())))
            }
            ServiceError::Store(_)
            | ServiceError::NotFound
            | ServiceError::Conflict(_)
            | ServiceError::Full(_) => None,
        }
    }
}

fn cards(shell: &Shell) -> Vec<Card> {
    let w = &shell.w.authorize;
    let card = |auth_type: AuthType, icon, title, text, press| Card {
        number: auth_type.number(),
        icon,
        title,
        text,
        press,
    };
    vec![
        card(AuthType::OfficialAccount, "official", w.official, w.official_text, w.press_official),
        card(AuthType::MiniProgram, "mini", w.mini, w.mini_text, w.press_mini),
        card(AuthType::Both, "accounts", w.both, w.both_text, w.press_both),
    ]
}
