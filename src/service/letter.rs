//! Letters to people, composed in their language from one plain form: a subject, a few sentences, at most one link.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::ids::{LetterId, TenantId};
use crate::domain::letter::LetterKind;
use crate::domain::text::{Lang, Text};
use crate::domain::user::Email;
use crate::secret::{LetterContent, Secret};
use crate::store::{StoreError, Writer, letter};

use super::Context;

/// What a letter says.
#[derive(Debug)]
pub struct Draft<'a> {
    pub to: &'a Email,
    pub lang: Lang,
    pub kind: LetterKind,
    /// Whose business it is about; its letters go when the tenant goes.
    pub tenant: Option<&'a TenantId>,
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// What the button says and where it leads.
    pub link: Option<(String, String)>,
    /// Smaller, below: how long the link works, what to do when the letter comes unasked.
    pub small: Vec<String>,
}

/// Queues a letter in the caller's transaction; it leaves after the commit. `None`, and nothing is queued, when the house
/// sends no letters: the caller then shows the link once to whoever made it.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    draft: &Draft<'_>,
) -> Result<Option<LetterId>, StoreError> {
    if cx.settings.mail.is_none() {
        return Ok(None);
    }
    let content = compose(draft).pack();
    let letter = letter::Letter {
        to: draft.to,
        lang: draft.lang,
        kind: draft.kind,
        tenant: draft.tenant,
        content: &content,
    };
    letter::queue(tx, (&cx.vault, &cx.random), now, &letter).await.map(Some)
}

/// A composed letter.
#[derive(Debug, Serialize, Deserialize)]
pub struct Composed {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Composed {
    fn pack(&self) -> LetterContent {
        LetterContent::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// `None` when it is not what [`queue`] has packed.
    pub(super) fn unpack(content: &LetterContent) -> Option<Self> {
        serde_json::from_str(content.expose()).ok()
    }
}

/// The letter as text and as simple HTML.
pub fn compose(draft: &Draft<'_>) -> Composed {
    let (label, link) = draft.link.as_ref().map_or(("", ""), |(label, link)| (label, link));
    let view = View {
        tag: draft.lang.tag(),
        subject: &draft.subject,
        paragraphs: &draft.paragraphs,
        label,
        link,
        or_copy: OR_COPY.get(draft.lang),
        small: &draft.small,
        signature: SIGNATURE.get(draft.lang),
    };
    let text = AsText { view: &view }.render().unwrap_or_default();
    let html = AsHtml { view: &view }.render().unwrap_or_default();
    Composed { subject: draft.subject.clone(), text, html }
}

const OR_COPY: Text =
    Text::new("按钮打不开时，请复制这个地址：", "If the button does not work, copy this address:");
const SIGNATURE: Text =
    Text::new("虎符 Hufu · 系统邮件，请勿回复", "Hufu 虎符 · sent automatically, please do not reply");

struct View<'a> {
    tag: &'static str,
    subject: &'a str,
    paragraphs: &'a [String],
    label: &'a str,
    link: &'a str,
    or_copy: &'static str,
    small: &'a [String],
    signature: &'static str,
}

#[derive(Template)]
#[template(path = "letter/letter.txt")]
struct AsText<'a> {
    view: &'a View<'a>,
}

#[derive(Template)]
#[template(path = "letter/letter.html")]
struct AsHtml<'a> {
    view: &'a View<'a>,
}
