//! `/setup/{token}`: the one-time page that makes the first platform administrator.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::role::PlatformRole;
use crate::domain::text::Text;
use crate::domain::user::{Email, Proved, parse_name};
use crate::secret::{Password, Secret};
use crate::service::create_user::NewUser;
use crate::service::{Context, IdentityError, set_up};

use super::client::Client;
use super::error::WebError;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::session;
use super::shell::Nav;
use super::viewer::Visitor;

pub mod view;

use view::{Problems, SetUpView};

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

pub(super) async fn form(visitor: Visitor, cx: Data<Context>, token: Path<String>) -> Answer {
    if !set_up::is_open(&cx, visitor.now, &token).await? {
        return Err(WebError::NotFound);
    }
    without_referrer(Page(SetUpView::new(visitor.shell(Nav::None), &token)).ok())
}

pub(super) async fn submit(
    visitor: Visitor,
    cx: Data<Context>,
    token: Path<String>,
    client: Client,
    Form(fields): Form<Fields>,
) -> Answer {
    let problems = match read(&fields, &visitor) {
        Ok(new) => match set_up::run(&cx, visitor.now, &visitor.actor(), &token, new).await {
            Ok(user) => {
                session::sign_in(visitor.session(), &Proved::newcomer(user), &cx.random, visitor.now)?;
                session::note_client(visitor.session(), &client)?;
                return Ok(see_other("/admin"));
            }
            Err(IdentityError::LinkClosed) => return Err(WebError::NotFound),
            Err(error @ IdentityError::Taken(_)) => {
                Problems { email: error.sentence().get(visitor.lang), ..Problems::default() }
            }
            Err(error @ IdentityError::Password(_)) => {
                Problems { password: error.sentence().get(visitor.lang), ..Problems::default() }
            }
            Err(
                error @ (IdentityError::NotFound
                | IdentityError::LastAdmin
                | IdentityError::Full
                | IdentityError::LastOwner
                | IdentityError::AlreadyMember
                | IdentityError::TooMany
                | IdentityError::TooManyLetters(_)
                | IdentityError::Hashing(_)
                | IdentityError::Store(_)),
            ) => return Err(error.into()),
        },
        Err(problems) => problems,
    };
    let view = SetUpView {
        name: fields.name,
        email: fields.email,
        problems,
        ..SetUpView::new(visitor.shell(Nav::None), &token)
    };
    without_referrer(Page(view).unprocessable())
}

fn read(fields: &Fields, visitor: &Visitor) -> Result<NewUser, Problems> {
    match (parse_name(&fields.name), Email::parse(&fields.email)) {
        (Ok(name), Ok(email)) => Ok(NewUser {
            email,
            name,
            password: Password::new(&fields.password),
            platform: Some(PlatformRole::Admin),
            membership: None,
        }),
        (name, email) => Err(Problems {
            name: if name.is_err() { BAD_NAME.get(visitor.lang) } else { "" },
            email: if email.is_err() { BAD_EMAIL.get(visitor.lang) } else { "" },
            password: "",
        }),
    }
}

/// The address holds the token: it must not travel on in a Referer.
pub(super) fn without_referrer(answer: Answer) -> Answer {
    use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
    answer.map(|mut page: HttpResponse| {
        page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        page
    })
}

const BAD_NAME: Text =
    Text::new("姓名为 1 到 80 个字符，不能含网址", "A name has 1 to 80 characters and no web address in it");
const BAD_EMAIL: Text =
    Text::new("请输入有效的邮箱，例如 name@example.com", "Enter an e-mail address such as name@example.com");
