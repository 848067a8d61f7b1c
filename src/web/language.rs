//! `GET /language?lang=en&next=/path`: chooses the language and goes back. (`?lang=` works on every page, too.)

use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::text::Lang;
use crate::service::{Context, choose_language};

use super::page::{Answer, see_other};
use super::request::is_own_path;
use super::viewer::Visitor;

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    lang: String,
    #[serde(default)]
    next: String,
}

/// The cookie is set by the outermost middleware, as for every `?lang=`.
pub(super) async fn choose(visitor: Visitor, cx: Data<Context>, query: Query<Choice>) -> Answer {
    if let (Some(user), Some(lang)) = (&visitor.user, Lang::from_code(&query.lang)) {
        choose_language::run(&cx, visitor.now, &visitor.actor(), user, lang).await?;
    }
    Ok(see_other(if is_own_path(&query.next) { &query.next } else { "/" }))
}

/// Where a language is chosen on the way to another page of ours.
pub(super) fn to(lang: Lang, next: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    format!("/language?{}", pairs.append_pair("lang", lang.code()).append_pair("next", next).finish())
}
