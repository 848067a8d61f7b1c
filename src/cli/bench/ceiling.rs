//! A server that answers every call with the same tokens, as cheaply as a socket allows: what a client can reach at
//! best. A path that starts with a number, as `/50/cgi-bin/…`, is answered after so many milliseconds.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::clock::Clock;

use super::super::failure::Failure;
use super::super::say;
use super::child;

/// As long as WeChat's.
const ACCESS: usize = 157;
/// What every account of a bench has, so that nothing rotates: the usual case at WeChat.
pub(super) const REFRESH_TOKEN: &str = "refreshtoken@@@Xk0vT3bJq8mYc5hRz1nLw7sPd4fGa9uEo2iVx6tBhQK";

/// Says its address and answers until its standard input ends.
pub(super) async fn run() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::other)?;
    say::line(&listener.local_addr().map_err(Failure::other)?.to_string());
    child::end_with_parent();
    let answer: &'static str = answer().leak();
    loop {
        let (stream, _) = listener.accept().await.map_err(Failure::other)?;
        // A connection that breaks is the client's to notice.
        tokio::spawn(async move { converse(stream, answer).await.ok() });
    }
}

fn answer() -> String {
    let token = format!("92_{}", "0".repeat(ACCESS - 3));
    let body = json!({
        "authorizer_access_token": token,
        "expires_in": 7200,
        "authorizer_refresh_token": REFRESH_TOKEN,
    });
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

async fn converse(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut waiting = Vec::with_capacity(4096);
    loop {
        while let Some((length, wait)) = request(&waiting) {
            waiting.drain(..length);
            if !wait.is_zero() {
                Clock::pause(wait).await;
            }
            stream.write_all(answer.as_bytes()).await?;
        }
        if stream.read_buf(&mut waiting).await? == 0 {
            return Ok(());
        }
    }
}

/// The length of the first whole request and the wait that its path asks for; `None` while it is not all there.
fn request(bytes: &[u8]) -> Option<(usize, Duration)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.unwrap_or(0);
    let wait = text.split('/').nth(1).and_then(|part| part.parse().ok()).unwrap_or(0);
    (bytes.len() >= whole).then_some((whole, Duration::from_millis(wait)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_when_its_whole_body_is_there_and_its_path_names_the_wait() {
        let text = b"POST /50/cgi-bin/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcPOST ";
        assert_eq!(request(text), Some((text.len() - 5, Duration::from_millis(50))));
        assert_eq!(request(&text[..text.len() - 6]), None);
        assert_eq!(request(b"GET /cgi-bin HTTP/1.1\r\n\r\n").map(|(_, wait)| wait), Some(Duration::ZERO));
    }
}
