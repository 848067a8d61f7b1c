//! A portal as a process of its own, and sockets that say whatever they like.

use std::time::Duration;

use hufu::clock::{Clock, Stopwatch};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::PASSWORD;
use crate::patience::{eventually, pause_for};
use crate::process::{Process, free_port, hufu, run_to_the_end};

pub(super) const OWNER: &str = "owner@example.com";
/// Longer than any request may take, and than a connection may stay without one.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// A portal on an empty SQLite database, with one tenant and its owner.
pub(super) struct House {
    pub(super) port: u16,
    process: Process,
    _folder: TempDir,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// With settings besides.
    pub(super) async fn open_with(settings: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let command = |arguments: &[&str]| {
            let mut command = hufu(arguments);
            command.current_dir(folder.path()).env("HUFU_LISTEN", format!("127.0.0.1:{port}"));
            command.env("HUFU_WECHAT_API_URL", "http://127.0.0.1:9/").envs(settings.iter().copied());
            command
        };
        run_to_the_end(command(&["tenant", "create", "acme"]), "");
        let user =
            ["user", "create", "--email", OWNER, "--tenant", "acme", "--role", "owner", "--password-stdin"];
        run_to_the_end(command(&user), PASSWORD);
        let process = Process::start("portal", folder.path(), command(&["serve"]));
        let mut house = Self { port, process, _folder: folder };
        eventually("the portal answers", async || {
            assert_eq!(house.process.death(), None);
            reqwest::get(house.at("/healthz")).await.ok()?.status().is_success().then_some(())
        })
        .await;
        house
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Says all of this at once and hears everything until the connection ends, or until the limit.
    pub(super) async fn say(&self, words: impl AsRef<[u8]>) -> Heard {
        let mut stream = self.connect().await;
        // A portal that has heard enough closes before it has heard all.
        let _ = stream.write_all(words.as_ref()).await;
        hear(&mut stream).await
    }

    /// As [`House::say`], from another address of this machine.
    pub(super) async fn say_from(&self, address: [u8; 4], words: impl AsRef<[u8]>) -> Heard {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((address, 0).into()).unwrap();
        let mut stream = socket.connect(([127, 0, 0, 1], self.port).into()).await.unwrap();
        let _ = stream.write_all(words.as_ref()).await;
        hear(&mut stream).await
    }

    /// A connection that was served and rests; `None` when it was not let in.
    pub(super) async fn rest(&self) -> Option<TcpStream> {
        let mut stream = self.connect().await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.ok()?;
        let length = stream.read(&mut [0; 4096]).await.ok()?;
        (length > 0).then_some(stream)
    }

    /// Hears what is left to hear.
    pub(super) async fn listen(&self, stream: &mut TcpStream) -> Heard {
        hear(stream).await
    }

    /// Whether connections were cut for this reason.
    pub(super) async fn counts(&self, why: &str) -> bool {
        let Ok(answer) = reqwest::get(self.at("/metrics")).await else { return false };
        let page = answer.text().await.unwrap_or_default();
        let line = format!("hufu_connections_cut_total{{why=\"{why}\"}} ");
        page.lines().any(|one| one.strip_prefix(&line).is_some_and(|count| count != "0"))
    }

    /// Says the beginning at once and then one byte after the other, for ever.
    pub(super) async fn drip(&self, beginning: &str, endless: &str) -> Heard {
        let (mut reader, mut writer) = self.connect().await.into_split();
        let beginning = beginning.to_owned();
        let endless = endless.to_owned();
        let talking = tokio::spawn(async move {
            if writer.write_all(beginning.as_bytes()).await.is_err() {
                return;
            }
            for byte in endless.bytes().cycle() {
                pause_for(Duration::from_millis(100)).await;
                if writer.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        });
        let heard = hear(&mut reader).await;
        talking.abort();
        heard
    }

    /// Whether somebody else is served at once.
    pub(super) async fn serves(&self) -> bool {
        let asked = reqwest::get(self.at("/sign-in"));
        tokio::time::timeout(Duration::from_secs(10), asked).await.is_ok_and(|answer| answer.is_ok())
    }
}

/// What a connection said until it ended.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) text: String,
    /// `None` when it did not end within the limit.
    pub(super) ended_after: Option<Duration>,
}

impl Heard {
    /// The statuses of all answers, in order.
    pub(super) fn statuses(&self) -> Vec<u16> {
        self.text.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)?.parse().ok()).collect()
    }
}

async fn hear(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Heard {
    let (mut bytes, watch): (Vec<u8>, Stopwatch) = (Vec::new(), Clock::stopwatch());
    let listening = async {
        let mut piece = [0; 4096];
        while let Ok(length) = stream.read(&mut piece).await
            && length > 0
        {
            bytes.extend_from_slice(&piece[..length]);
        }
    };
    let ended = tokio::time::timeout(LIMIT, listening).await.is_ok();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Heard { text, ended_after: ended.then(|| watch.elapsed()) }
}
