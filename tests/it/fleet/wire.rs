//! A wire to a server that can be cut and mended: what was under way is lost, what comes meanwhile is refused. Or it
//! swallows whatever is said, without a word, and who was connected then stays so and never hears anything again.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
    listening: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
    Mute,
}

impl Wire {
    /// To the host and port of this address.
    pub(crate) async fn to(url: &str) -> Self {
        let url = Url::parse(url).unwrap();
        let server = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, state) = watch::channel(State::Whole);
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server.clone(), state.clone()));
            }
        });
        Self { address, state: sender, listening }
    }

    /// The same address, through the wire.
    pub(crate) fn through(&self, url: &str) -> String {
        let mut url = Url::parse(url).unwrap();
        url.set_host(Some(&self.address.ip().to_string())).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.to_string()
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Nobody is told that nothing gets through any more.
    pub(crate) fn swallow(&self) {
        self.state.send_replace(State::Mute);
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(mut near: TcpStream, server: (String, u16), mut state: watch::Receiver<State>) {
    let begun = *state.borrow_and_update();
    let end = match begun {
        State::Cut | State::Mute => begun,
        State::Whole => {
            let Ok(mut far) = TcpStream::connect(server).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                end = state.wait_for(|state| *state != State::Whole) => end.map_or(State::Cut, |end| *end),
            }
        }
    };
    if end == State::Mute {
        // Until whoever talks gives up.
        let _ = tokio::io::copy(&mut near, &mut tokio::io::sink()).await;
    }
}
