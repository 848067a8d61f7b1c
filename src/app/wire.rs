//! The connections under HTTP: how many, for how long, and with how much patience. What actix-web's own server does, with
//! two things that it has no setting for: a share for each address, and an end for whoever does not read the answer.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::task::{Context as Waker, Poll, ready};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::{App, Error};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::clock::Clock;
use crate::web::Mount;
use crate::web::mount::around;

use super::guests::{Guest, Guests};

/// Requests under way get this long to finish when the program is asked to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long a request's head may take; bodies have their own bound (`web/body.rs`).
const LONGEST_HEAD: Duration = Duration::from_secs(5);
/// How long a connection may rest: longer than the reverse proxies that keep it (nginx 60 s), so that none of them sends
/// a request into a connection that is being closed.
const LONGEST_REST: Duration = Duration::from_secs(75);
/// How long the other end may take to close.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// For each worker, of which there is one for each core. What comes besides waits in the backlog.
const MOST_CONNECTIONS: usize = 4_096;
/// Once the system's buffers are full, so much of an answer must be taken in this time: slower than the oldest phones.
const LONGEST_STALL: Duration = Duration::from_secs(10);
const LEAST_TAKEN: usize = 8 * 1024;

/// Answers from now on, until the server is told to stop.
///
/// # Errors
/// When the listener cannot be used.
pub(super) fn serve(mount: Mount, listener: TcpListener, guests: Guests) -> io::Result<Server> {
    let address = listener.local_addr()?;
    // Signals are the command's business: it also stops the scheduler and closes the database.
    let server = Server::build()
        .disable_signals()
        .max_concurrent_connections(MOST_CONNECTIONS)
        .shutdown_timeout(LAST_REQUESTS.as_secs());
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("portal", listener, move || {
        let (mount, guests, stopping) = (mount.clone(), guests.clone(), stopping.clone());
        let app = App::new().configure(|cfg| mount.configure(cfg)).wrap(from_fn(around));
        let app = app.into_factory().map_err(|error: Error| error.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(LONGEST_HEAD)
            .keep_alive(LONGEST_REST)
            .client_disconnect_timeout(LAST_WORDS)
            .local_addr(address)
            // Neither its host nor its scheme is ever read: addresses follow from `HUFU_PUBLIC_URL`.
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let connection = Connection::of(stream, &guests);
            async move {
                let (connection, peer) = connection.map_err(DispatchError::Io)?;
                Ok((connection, Protocol::Http1, Some(peer)))
            }
        })
        .and_then(http)
    })?;
    Ok(server.run())
}

/// A connection of somebody who was let in, and who has to read what is sent.
struct Connection {
    stream: TcpStream,
    _guest: Guest,
    stall: Option<Stall>,
}

/// The other end does not take what there is for it.
struct Stall {
    over: Pin<Box<dyn Future<Output = ()>>>,
    taken: usize,
}

impl Connection {
    /// Refused: closed at once and without a word, as an answer would be one more thing to keep.
    fn of(stream: TcpStream, guests: &Guests) -> io::Result<(Self, SocketAddr)> {
        let peer = stream.peer_addr()?;
        let Some(guest) = guests.let_in(peer.ip()) else {
            metrics::counter!("hufu_connections_cut_total", "why" => "too_many").increment(1);
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        Ok((Self { stream, _guest: guest, stall: None }, peer))
    }

    /// Looks at how a write went; one that waits has an end.
    fn judge(&mut self, waker: &mut Waker<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(wrote) = wrote {
            let taken = wrote.as_ref().map_or(0, |length| *length);
            self.stall.take_if(|stall| {
                stall.taken += taken;
                stall.taken >= LEAST_TAKEN
            });
            return Poll::Ready(wrote);
        }
        let new = || Stall { over: Box::pin(Clock::pause(LONGEST_STALL)), taken: 0 };
        ready!(self.stall.get_or_insert_with(new).over.as_mut().poll(waker));
        metrics::counter!("hufu_connections_cut_total", "why" => "not_read").increment(1);
        // What nobody reads is not kept by the system either.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(waker, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, waker: &mut Waker<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(waker, bytes);
        self.judge(waker, wrote)
    }

    /// Asked for when everything was taken.
    fn poll_flush(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<io::Result<()>> {
        self.stall = None;
        Pin::new(&mut self.stream).poll_flush(waker)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(waker)
    }
}
