//! What can go wrong with a call to WeChat. No error holds an address, a token or a secret: WeChat's own text is
//! cut and masked before it is kept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::domain::errcode::{self, Class, Explained};
use crate::domain::reason::Reason;

const LONGEST_ERRMSG: usize = 200;
/// A run of token-like characters from this length on is taken for a secret.
const TOKEN_LIKE: usize = 24;
/// The only name of WeChat's that is as long as a secret.
const NOT_A_SECRET: &str = "authorizer_refresh_token";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WechatError {
    #[error("{0}")]
    Refused(Refusal),
    #[error("WeChat did not answer in time")]
    Timeout,
    /// Nothing was sent.
    #[error("WeChat cannot be reached")]
    Connect,
    /// Reset or lost after sending: WeChat may have done what was asked.
    #[error("the connection to WeChat broke")]
    Broken,
    #[error("WeChat answered with HTTP status {0}")]
    HttpStatus(u16),
    #[error("WeChat's answer is empty")]
    Empty,
    #[error("WeChat's answer is not JSON")]
    NotJson,
    #[error("WeChat's answer is too long")]
    TooLong,
    /// The documented field that is missing or unreadable.
    #[error("WeChat's answer has no usable {0}")]
    Incomplete(&'static str),
    /// Our own side: TLS or the client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(&'static str),
}

/// `errcode` other than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The call, in WeChat's spelling.
    pub api: &'static str,
    pub errcode: i64,
    /// Without the rid; cut and masked.
    pub errmsg: String,
    /// What WeChat's support asks for.
    pub rid: Option<String>,
    /// The address WeChat saw the call come from, where it names it (61004, 40164).
    pub request_ip: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} refused: {} {}", self.api, self.errcode, self.errmsg)?;
        match &self.rid {
            Some(rid) => write!(f, " (rid {rid})"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// Reads WeChat's text. `secrets` are what the call sent: none of them stays in the text.
    pub(super) fn read(api: &'static str, errcode: i64, errmsg: &str, secrets: &[&str]) -> Self {
        let mut text = errmsg.to_owned();
        for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
            text = text.replace(secret, "…");
        }
        let (text, rid) = split_rid(&text);
        let names_ip = errcode::explain(errcode).reason == Reason::IpNotListed;
        let request_ip = if names_ip { find_ip(&text) } else { None };
        Self { api, errcode, errmsg: sanitise(&text), rid, request_ip }
    }

    pub fn explained(&self) -> &'static Explained {
        errcode::explain_for(self.api, self.errcode)
    }
}

impl WechatError {
    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Timeout
            | Self::Connect
            | Self::Broken
            | Self::HttpStatus(_)
            | Self::Empty
            | Self::NotJson
            | Self::TooLong
            | Self::Incomplete(_)
            | Self::Setup(_) => None,
        }
    }

    pub fn errcode(&self) -> Option<i64> {
        self.refusal().map(|refusal| refusal.errcode)
    }

    /// The call that was refused, in WeChat's spelling.
    pub fn api(&self) -> Option<&'static str> {
        self.refusal().map(|refusal| refusal.api)
    }

    pub fn rid(&self) -> Option<&str> {
        self.refusal()?.rid.as_deref()
    }

    pub fn request_ip(&self) -> Option<&str> {
        self.refusal()?.request_ip.as_deref()
    }

    /// The line of the errcode table, where WeChat gave a code.
    pub fn explained(&self) -> Option<&'static Explained> {
        self.refusal().map(Refusal::explained)
    }

    pub fn reason(&self) -> Reason {
        self.explained().map_or(Reason::WechatUnreachable, |line| line.reason)
    }

    pub fn class(&self) -> Class {
        self.explained().map_or(Class::Transient, |line| line.class)
    }

    /// WeChat gave no answer that means anything: down, out of reach or too busy. Says nothing about the account.
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Timeout
            | Self::Connect
            | Self::Broken
            | Self::HttpStatus(_)
            | Self::Empty
            | Self::NotJson
            | Self::TooLong => true,
            Self::Refused(refusal) => refusal.explained().class == Class::Transient,
            Self::Incomplete(_) | Self::Setup(_) => false,
        }
    }

    /// WeChat may have done what was asked, and issued a token, although we have no answer.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::HttpStatus(status) => *status >= 500,
            Self::Timeout
            | Self::Broken
            | Self::Empty
            | Self::NotJson
            | Self::TooLong
            | Self::Incomplete(_) => true,
            Self::Refused(_) | Self::Connect | Self::Setup(_) => false,
        }
    }

    /// The component_access_token that was sent is not accepted; a new one is needed, nothing else is wrong.
    pub fn is_component_token_problem(&self) -> bool {
        self.refusal().is_some_and(|refusal| {
            refusal.explained().class == Class::Token && !errcode::sends_the_secret(refusal.api)
        })
    }

    /// The authorizer_refresh_token that was sent is not accepted: the recovery ladder's business.
    pub fn is_refresh_token_problem(&self) -> bool {
        matches!(self.errcode(), Some(61023 | 40030 | 42002 | 42007))
    }

    /// Every account of the component is affected (ticket, secret, IP list, the platform itself, its daily quota):
    /// trying the next account is pointless.
    pub fn is_platform_level(&self) -> bool {
        self.class() == Class::Environment || self.errcode() == Some(45009)
    }
}

/// Splits ` rid: 8hex-8hex-8hex` off.
fn split_rid(errmsg: &str) -> (String, Option<String>) {
    let Some((before, after)) = errmsg.split_once("rid:") else {
        return (errmsg.trim().to_owned(), None);
    };
    let after = after.trim_start();
    let end = after.find(|c: char| !(c.is_ascii_hexdigit() || c == '-')).unwrap_or(after.len());
    let (rid, rest) = after.split_at(end.min(64));
    let text = format!("{} {}", before.trim_end().trim_end_matches([',', ';']), rest.trim());
    (text.trim().to_owned(), (!rid.is_empty()).then(|| rid.to_owned()))
}

fn find_ip(text: &str) -> Option<String> {
    let v4 = |c: char| !(c.is_ascii_digit() || c == '.');
    let found = text.split(v4).find_map(|part| part.trim_matches('.').parse::<Ipv4Addr>().ok());
    if let Some(found) = found {
        return Some(IpAddr::V4(found).to_string());
    }
    let v6 = |c: char| !(c.is_ascii_hexdigit() || c == ':');
    text.split(v6)
        .filter(|part| part.matches(':').count() > 1)
        .find_map(|part| part.parse::<Ipv6Addr>().ok())
        .map(|found| found.to_canonical().to_string())
}

/// Masks what looks like a secret, drops control characters, cuts the length.
fn sanitise(errmsg: &str) -> String {
    let mut clean = String::new();
    let mut run = String::new();
    for c in errmsg.chars().map(|c| if c.is_control() { ' ' } else { c }).chain([' ']) {
        if c.is_ascii_alphanumeric() || "_-@+/=%.".contains(c) {
            run.push(c);
            continue;
        }
        clean.push_str(if run.len() >= TOKEN_LIKE && run != NOT_A_SECRET { "…" } else { &run });
        clean.push(c);
        run.clear();
    }
    clean.trim().chars().take(LONGEST_ERRMSG).collect()
}

/// WeChat's text of a success, without the rid and fit to be shown.
pub(super) fn clean_errmsg(errmsg: &str) -> String {
    sanitise(&split_rid(errmsg).0)
}
