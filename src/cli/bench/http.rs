//! A small HTTP/1.1 client on a raw socket that is kept open: a load must cost less than what it loads.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::clock::Clock;

use super::super::failure::Failure;

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) took: Duration,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await.map_err(Failure::other)?;
        stream.set_nodelay(true).map_err(Failure::other)?;
        Ok(Self { stream, unread: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and reads the whole answer.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<Response, Failure> {
        let watch = Clock::stopwatch();
        let (status, head) = self.head(request).await?;
        let body = match header(&head, "transfer-encoding") {
            Some(_) => {
                let mut body = Vec::new();
                self.chunks(|chunk| body.extend_from_slice(chunk)).await?;
                body
            }
            None => {
                let length = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
                self.take(length).await?
            }
        };
        Ok(Response { status, head, body, took: watch.elapsed() })
    }

    /// The same for an answer that comes in chunks, of which nothing is kept.
    pub(super) async fn swallow(&mut self, request: &[u8], seen: impl FnMut(&[u8])) -> Result<u16, Failure> {
        let (status, head) = self.head(request).await?;
        if header(&head, "transfer-encoding").is_some() {
            self.chunks(seen).await?;
        }
        Ok(status)
    }

    async fn head(&mut self, request: &[u8]) -> Result<(u16, String), Failure> {
        self.stream.write_all(request).await.map_err(Failure::other)?;
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        self.unread.drain(..end);
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Ok((status, head))
    }

    async fn chunks(&mut self, mut seen: impl FnMut(&[u8])) -> Result<(), Failure> {
        loop {
            let end = loop {
                if let Some(at) = self.unread.windows(2).position(|two| two == b"\r\n") {
                    break at;
                }
                self.more().await?;
            };
            let line = String::from_utf8_lossy(&self.unread[..end]).into_owned();
            let length = usize::from_str_radix(line.trim(), 16).map_err(Failure::other)?;
            self.unread.drain(..end + 2);
            seen(&self.take(length).await?);
            self.take(2).await?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        while self.unread.len() < length {
            self.more().await?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.unread).await.map_err(Failure::other)? {
            0 => Err(Failure::sentence("the server closed the connection in the middle of an answer")),
            _ => Ok(()),
        }
    }
}

/// The first header of that name.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A `GET` with a header line or more, each ending in a line break.
pub(super) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").into_bytes()
}

pub(super) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A browser that has signed in: the header line with its cookies.
pub(super) async fn sign_in(address: SocketAddr, (email, password): (&str, &str)) -> Result<String, Failure> {
    let (mut connection, mut jar) = (Connection::open(address).await?, BTreeMap::new());
    let form = connection.send(&get("/sign-in", "")).await?;
    keep(&mut jar, &form.head);
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    fields.append_pair("csrf", &csrf(&form.body).unwrap_or_default()).append_pair("email", email);
    fields.append_pair("password", password).append_pair("next", "/");
    let headers = format!("{}content-type: application/x-www-form-urlencoded\r\n", cookies(&jar));
    let answer = connection.send(&post("/sign-in", &headers, &fields.finish())).await?;
    keep(&mut jar, &answer.head);
    if answer.status == 303 {
        Ok(cookies(&jar))
    } else {
        Err(Failure::sentence("the bench could not sign in"))
    }
}

/// The token of a page's forms.
pub(super) fn csrf(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let (_, rest) = page.split_once(r#"name="csrf" value=""#)?;
    rest.split('"').next().map(str::to_owned)
}

fn keep(jar: &mut BTreeMap<String, String>, head: &str) {
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let Some((pair, _)) = value.split_once(';').filter(|_| name.eq_ignore_ascii_case("set-cookie"))
        else {
            continue;
        };
        let (name, value) = pair.trim().split_once('=').unwrap_or_default();
        jar.insert(name.to_owned(), value.to_owned());
    }
}

fn cookies(jar: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("cookie: {}\r\n", pairs.join("; "))
}
