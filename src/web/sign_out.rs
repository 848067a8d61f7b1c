//! `POST /sign-out`: ends the session on both sides.

use actix_web::http::header::{CLEAR_SITE_DATA, HeaderValue};
use actix_web::web::Data;

use crate::service::{Context, sign_out};

use super::form::{Form, Nothing};
use super::page::{Answer, see_other};
use super::session;
use super::viewer::Visitor;

/// Not `"cookies"`: that would take those of every other site on the same domain as well. Ours is deleted by name.
const LEFT_BEHIND: &str = r#""cache", "storage""#;

pub(super) async fn submit(visitor: Visitor, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    if let Some(user) = &visitor.user {
        sign_out::run(&cx, visitor.now, &visitor.actor(), user).await?;
    }
    session::sign_out(visitor.session());
    let mut answer = see_other("/sign-in");
    answer.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static(LEFT_BEHIND));
    Ok(answer)
}
