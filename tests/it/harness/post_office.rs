//! A mail server for tests, over real SMTP: it takes letters, or refuses them as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    /// As it came, headers and all.
    pub(crate) raw: String,
}

impl Arrived {
    /// The plain text, decoded.
    pub(crate) fn text(&self) -> String {
        self.part("text/plain")
    }

    pub(crate) fn html(&self) -> String {
        self.part("text/html")
    }

    /// The first link of the plain text.
    pub(crate) fn link(&self) -> String {
        let text = self.text();
        let link = text.split_whitespace().find(|word| word.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link in {text}")).to_owned()
    }

    fn part(&self, kind: &str) -> String {
        let part = self.raw.split(&format!("Content-Type: {kind}")).nth(1).unwrap();
        let (headers, body) = part.split_once("\r\n\r\n").unwrap();
        let body = body.split("\r\n--").next().unwrap();
        if headers.contains("base64") {
            let body: String = body.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
            return String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        }
        if headers.contains("quoted-printable") {
            return unquoted(body);
        }
        body.replace("\r\n", "\n")
    }
}

fn unquoted(body: &str) -> String {
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after.get(..2)) {
            (b'=', Some(digits)) => {
                bytes.extend(hex::decode(digits).unwrap());
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

/// Answers to coming letters, the first one first; without one, a letter is taken.
#[derive(Clone, Default)]
pub(crate) struct PostOffice {
    arrived: Arc<Mutex<Vec<Arrived>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
    /// Base64 of `\0user\0password`, when one is asked for.
    asks_for: Option<String>,
    pub(crate) url: String,
}

impl PostOffice {
    pub(crate) async fn open() -> Self {
        Self::default().listen("").await
    }

    /// One that lets in only who knows the password.
    pub(crate) async fn with_password(user: &str, password: &str) -> Self {
        let both = base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"));
        let office = Self { asks_for: Some(both), ..Self::default() };
        office.listen(&format!("{user}:{password}@")).await
    }

    async fn listen(mut self, login: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.url = format!("smtp://{login}{}", listener.local_addr().unwrap());
        let office = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let office = office.clone();
                tokio::spawn(async move { office.serve(stream).await });
            }
        });
        self
    }

    /// The next letter is answered with this, such as `451 try later`.
    pub(crate) fn refuse_next(&self, answer: &'static str) {
        self.refusals.lock().unwrap().push_back(answer);
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// The newest letter to an address.
    pub(crate) fn newest(&self, to: &str) -> Arrived {
        let arrived = self.arrived();
        let newest = arrived.iter().rev().find(|letter| letter.to == to);
        newest.unwrap_or_else(|| panic!("no letter to {to}: {arrived:?}")).clone()
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut let_in = self.asks_for.is_none();
        let mut to = String::new();
        write.write_all(b"220 post.test ESMTP\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let command = line.to_uppercase();
            let answer = if command.starts_with("EHLO") {
                let login = if self.asks_for.is_some() { "250-AUTH PLAIN\r\n" } else { "" };
                format!("250-post.test\r\n{login}250 8BITMIME")
            } else if let Some(login) = line.strip_prefix("AUTH PLAIN ") {
                let_in = Some(login) == self.asks_for.as_deref();
                if let_in { "235 welcome" } else { "535 who are you?" }.to_owned()
            } else if command.starts_with("MAIL FROM") && !let_in {
                "530 say who you are".to_owned()
            } else if command.starts_with("RCPT TO") {
                to = line.split(['<', '>']).nth(1)?.to_owned();
                let refusal = self.refusals.lock().unwrap().pop_front();
                refusal.unwrap_or("250 fine").to_owned()
            } else if command == "DATA" {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                self.arrived.lock().unwrap().push(Arrived { to: to.clone(), raw });
                "250 taken".to_owned()
            } else if command == "QUIT" {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            } else {
                "250 fine".to_owned()
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
