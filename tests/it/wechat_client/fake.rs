//! A server of a few lines: it answers each request with the next thing it was told to, however broken.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hufu::wechat::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

#[derive(Clone, Debug)]
pub(crate) enum Answers {
    With(Vec<u8>),
    /// The length says more than comes.
    ShorterThanSaid,
    /// The connection is reset before anything is read.
    ResetBefore,
    /// The request is read, then the connection is reset.
    ResetAfter,
    Never,
}

pub(crate) fn json(body: &str) -> Answers {
    status(200, body)
}

/// The content type is wrong on purpose: WeChat is inconsistent about it.
pub(crate) fn status(code: u16, body: &str) -> Answers {
    let head = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: text/plain\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Answers::With([head.as_bytes(), body.as_bytes()].concat())
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// In lower case.
    pub(crate) headers: String,
    pub(crate) body: String,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Request>,
}

pub(crate) struct Fake {
    address: std::net::SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Fake {
    pub(crate) async fn new(answers: impl IntoIterator<Item = Answers>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        tokio::spawn(serve(listener, answers.into_iter().collect(), seen.clone()));
        Self { address, seen }
    }

    /// A client with a short deadline and a base address that has a path.
    pub(crate) fn client(&self) -> Client {
        let url = Url::parse(&format!("http://{}/base/", self.address)).unwrap();
        Client::with_deadline(url, Duration::from_millis(500)).unwrap()
    }

    pub(crate) fn request(&self, index: usize) -> Request {
        self.seen.lock().unwrap().requests[index].clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

async fn serve(listener: TcpListener, answers: Vec<Answers>, seen: Arc<Mutex<Seen>>) {
    let mut answers = answers.into_iter().peekable();
    // Connections that must stay open although nothing more is said on them.
    let mut silent = Vec::new();
    while answers.peek().is_some() {
        let (mut stream, _) = listener.accept().await.unwrap();
        seen.lock().unwrap().connections += 1;
        if matches!(answers.peek(), Some(Answers::ResetBefore)) {
            answers.next();
            reset(&stream);
            continue;
        }
        while let Some(request) = read_request(&mut stream).await {
            seen.lock().unwrap().requests.push(request);
            match answers.next() {
                Some(Answers::With(bytes)) => {
                    let _ = stream.write_all(&bytes).await;
                    continue;
                }
                Some(Answers::ShorterThanSaid) => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"a\":").await;
                }
                Some(Answers::ResetBefore | Answers::ResetAfter) => reset(&stream),
                Some(Answers::Never) | None => silent.push(stream),
            }
            break;
        }
    }
    std::future::pending::<()>().await;
}

/// Closing with a zero linger sends RST instead of FIN.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let headers = headers.to_lowercase();
        let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap_or(0)) {
            return Some(Request { line: line.to_owned(), headers, body: body.to_owned() });
        }
    }
}
