//! The settings of letters: the server that takes them and who they are from.

use lettre::message::Mailbox;
use url::Url;

use super::source::Values;

/// How letters leave the house.
#[derive(Clone, Debug)]
pub struct Mail {
    pub smtp_url: SmtpUrl,
    /// `Hufu <hufu@example.com>`, or the address alone.
    pub from: String,
}

/// The address of a mail server, which may hold a password: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// The address itself, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.0.split(':').next().unwrap_or(""))
    }
}

impl Mail {
    /// `None` when no server is named; a server without a sender is a mistake.
    pub(super) fn from_values(values: &mut Values) -> Option<Self> {
        let smtp_url = values.parse_optional(
            "HUFU_SMTP_URL",
            "smtp://host:port, starttls://host:port or smtps://host:port, with user:password@ if the server asks",
            smtp_url,
        );
        let expected = "an address such as Hufu <hufu@example.com>";
        match smtp_url {
            Some(smtp_url) => {
                let from = values.parse("HUFU_MAIL_FROM", expected, mailbox)?;
                Some(Self { smtp_url, from })
            }
            None => {
                values.parse_optional("HUFU_MAIL_FROM", expected, mailbox);
                None
            }
        }
    }
}

fn smtp_url(text: &str) -> Option<SmtpUrl> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let known = matches!(url.scheme(), "smtp" | "starttls" | "smtps");
    (known && plain && url.has_host()).then(|| SmtpUrl(text.to_owned()))
}

fn mailbox(text: &str) -> Option<String> {
    text.parse::<Mailbox>().ok().map(|_| text.to_owned())
}
