//! The page for an error: what happened, in one sentence, the trace id and a way back.

use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::text::{Lang, Text};

use super::error::WebError;

/// Ready to print.
#[derive(Debug, Template)]
#[template(path = "error/page.html")]
pub struct ErrorView {
    pub lang: Lang,
    /// The status, for the small print.
    pub status: u16,
    pub title: &'static str,
    pub sentence: &'static str,
    pub trace: String,
    /// Where the button leads, and what it says.
    pub back: &'static str,
    pub back_label: &'static str,
    pub trace_label: &'static str,
}

impl ErrorView {
    pub fn new(error: &WebError, status: StatusCode, lang: Lang, trace: &str) -> Self {
        let (title, sentence) = words(error);
        let (back, label) = way_back(error);
        Self::with(status, lang, trace, [title, sentence, label], back)
    }

    /// For a status that no handler of ours made: a wrong method, an unreadable address.
    pub fn of_status(status: StatusCode, lang: Lang, trace: &str) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(&WebError::NotFound, status, lang, trace),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(&WebError::TooLarge, status, lang, trace),
            StatusCode::METHOD_NOT_ALLOWED => Self::with(status, lang, trace, [WRONG, METHOD, HOME], "/"),
            status if status.is_server_error() => {
                Self::with(status, lang, trace, [BROKEN, BROKEN_SENTENCE, HOME], "/")
            }
            _ => Self::with(status, lang, trace, [WRONG, UNREADABLE, HOME], "/"),
        }
    }

    fn with(status: StatusCode, lang: Lang, trace: &str, words: [Text; 3], back: &'static str) -> Self {
        Self {
            lang,
            status: status.as_u16(),
            title: words[0].get(lang),
            sentence: words[1].get(lang),
            trace: trace.to_owned(),
            back,
            back_label: words[2].get(lang),
            trace_label: Text::new("追踪号", "Trace id").get(lang),
        }
    }
}

fn words(error: &WebError) -> (Text, Text) {
    match error {
        WebError::NotFound => (
            Text::new("找不到这个页面", "This page does not exist"),
            Text::new("它可能已被移走，或者不属于你的租户", "It may have moved, or it is not your tenant's"),
        ),
        WebError::Forbidden => (
            Text::new("没有权限", "Not permitted"),
            Text::new(
                "你的角色不能执行这个操作；需要时请联系租户的所有者",
                "Your role does not allow this; ask an owner of the tenant if you need it",
            ),
        ),
        WebError::ForeignForm => (
            Text::new("表单已失效", "This form is no longer valid"),
            Text::new(
                "页面可能打开太久，或登录已过期；请返回重新打开页面再试，什么都没有改变",
                "The page was open for too long or the session is over; open the page again and retry. Nothing was changed",
            ),
        ),
        WebError::NoWorkspace => (
            Text::new("还没有加入任何租户", "You belong to no tenant yet"),
            Text::new(
                "请平台管理员把你加入所在公司的租户，然后重新登录",
                "Ask the platform's administrators to add you to your company's tenant",
            ),
        ),
        WebError::SignIn { .. } | WebError::SeeOther(_) => {
            (Text::new("请继续", "Please continue"), Text::new("正在前往下一页", "You are being taken on"))
        }
        WebError::BadRequest(sentence) => (WRONG, *sentence),
        WebError::TooLarge => (WRONG, Text::new("提交的内容太大", "What was sent is too large")),
        WebError::Conflict(sentence) => (Text::new("现在不能这样做", "Not possible now"), *sentence),
        WebError::Unavailable(sentence) => {
            (Text::new("暂时不可用", "Not available at the moment"), *sentence)
        }
        WebError::Internal(_) => (BROKEN, BROKEN_SENTENCE),
    }
}

fn way_back(error: &WebError) -> (&'static str, Text) {
    match error {
        WebError::ForeignForm => ("/", Text::new("返回首页", "Back to the start")),
        WebError::NoWorkspace => ("/account", Text::new("我的账户", "Your account")),
        WebError::NotFound
        | WebError::Forbidden
        | WebError::SignIn { .. }
        | WebError::SeeOther(_)
        | WebError::BadRequest(_)
        | WebError::TooLarge
        | WebError::Conflict(_)
        | WebError::Unavailable(_)
        | WebError::Internal(_) => ("/", HOME),
    }
}

const HOME: Text = Text::new("返回首页", "Back to the start");
const WRONG: Text = Text::new("请求有误", "Something is wrong with the request");
const METHOD: Text = Text::new("这个地址不接受这样的请求", "This address does not take that kind of request");
const UNREADABLE: Text = Text::new("无法读懂这个请求", "The request could not be understood");
const BROKEN: Text = Text::new("出错了", "Something went wrong");
const BROKEN_SENTENCE: Text = Text::new(
    "这是我们的问题；请稍后再试，若仍出现请把追踪号告诉管理员",
    "This is our fault; try again in a moment, and give the trace id to the administrators if it stays",
);
