//! The other end of a connection, to see whether it is still there: a caller who gave up is no longer waiting for its
//! answer, although the server goes on working.

use std::any::Any;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::sync::Arc;

use actix_web::dev::Extensions;

/// Clones look at the same connection.
#[derive(Clone, Debug, Default)]
pub struct Caller(Option<Arc<TcpStream>>);

impl Caller {
    /// Notes a new connection; for `HttpServer::on_connect`.
    pub fn arrives(connection: &dyn Any, extensions: &mut Extensions) {
        let socket = connection.downcast_ref::<actix_web::rt::net::TcpStream>();
        let copy = socket.and_then(|socket| socket.as_fd().try_clone_to_owned().ok());
        extensions.insert(Self(copy.map(|descriptor| Arc::new(TcpStream::from(descriptor)))));
    }

    /// Whether the connection was closed from the other end. The socket does not block.
    pub fn is_gone(&self) -> bool {
        let Some(socket) = &self.0 else { return false };
        match socket.peek(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }
}
