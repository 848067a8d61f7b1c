//! The way to the mail server: the only file that speaks SMTP. Each letter is a connection of its own, because letters
//! are few.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::response::Code;
use lettre::{AsyncTransport, Message, Tokio1Executor};

use crate::clock::Timestamp;
use crate::domain::ids::LetterId;
use crate::domain::user::Email;

/// For each step of the conversation with the server.
const PATIENCE: Duration = Duration::from_secs(20);
/// For the whole of it.
const LONGEST: Duration = Duration::from_secs(60);
/// Of a server's words, so many characters are kept.
const WORDS: usize = 300;

/// Hands letters to the configured mail server. Clones are the same.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// What goes into a letter.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The same at each try, so that the recipient's server can tell a repetition.
    pub id: &'a LetterId,
    pub to: &'a Email,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The settings make no mail server.
#[derive(Debug, thiserror::Error)]
#[error("HUFU_SMTP_URL, HUFU_MAIL_FROM: letters cannot be sent with these settings: {0}")]
pub struct NoMailer(String);

/// Why a letter did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// The server is away, busy, or does not let us in: another try may work.
    #[error("{0}")]
    ForNow(String),
    /// The server refuses this very letter.
    #[error("{0}")]
    ForGood(String),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    /// From `smtp://`, `starttls://` or `smtps://`, and the sender. Connects to nothing.
    ///
    /// # Errors
    /// `NoMailer` when the settings make no sense.
    pub fn new(url: &str, from: &str) -> Result<Self, NoMailer> {
        let url = match url.strip_prefix("starttls://") {
            Some(rest) => format!("smtp://{}?tls=required", rest.trim_end_matches('/')),
            None => url.to_owned(),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|error| NoMailer(error.to_string()))?
            .timeout(Some(PATIENCE))
            .build();
        let from = from.parse().map_err(|_| NoMailer("the sender is no address".to_owned()))?;
        Ok(Self { transport, from })
    }

    /// Hands one letter over. When this returns well, the server has taken it.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn send(&self, now: Timestamp, letter: Outgoing<'_>) -> Result<(), Unsent> {
        let message = self.message(now, letter).map_err(Unsent::ForGood)?;
        match tokio::time::timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let refused = error.is_permanent() && error.status().is_some_and(is_about_the_letter);
                let words = words_of(&error);
                Err(if refused { Unsent::ForGood(words) } else { Unsent::ForNow(words) })
            }
            Err(_) => Err(Unsent::ForNow("the mail server takes too long".to_owned())),
        }
    }

    /// Whether the server lets us in; sends nothing.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn knock(&self) -> Result<(), Unsent> {
        match tokio::time::timeout(LONGEST, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Unsent::ForNow("the mail server hangs up".to_owned())),
            Ok(Err(error)) => Err(Unsent::ForNow(words_of(&error))),
            Err(_) => Err(Unsent::ForNow("the mail server takes too long".to_owned())),
        }
    }

    fn message(&self, now: Timestamp, letter: Outgoing<'_>) -> Result<Message, String> {
        let to: Mailbox = letter.to.as_str().parse().map_err(|_| "the address is not one".to_owned())?;
        let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        let part = |kind, body| SinglePart::builder().header(kind).body(body);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .date(date)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .subject(letter.subject)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, letter.text))
                    .singlepart(part(ContentType::TEXT_HTML, letter.html)),
            )
            .map_err(|error| error.to_string())
    }
}

/// A server that does not let us in (530, 534, 535, 538) refuses our settings, not the letter.
fn is_about_the_letter(code: Code) -> bool {
    !matches!(u16::from(code), 530 | 534 | 535 | 538)
}

fn words_of(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    words.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}
