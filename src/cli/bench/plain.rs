//! actix-web as it comes, with as many workers as the portal: the ceiling of whatever is asked over HTTP.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, get, post};
use actix_web::{App, HttpServer};

use super::super::failure::Failure;

/// Greets whoever gets it, and thanks whoever posts to it, once it has the whole body.
pub(super) const PATH: &str = "/plaintext";

pub(super) fn server() -> Result<(ServerHandle, SocketAddr), Failure> {
    let app = || {
        App::new()
            .route(PATH, get().to(async || "Hello, World!"))
            .route(PATH, post().to(async |_: Bytes| "success"))
    };
    let server = HttpServer::new(app).disable_signals().bind(("127.0.0.1", 0)).map_err(Failure::other)?;
    let address = server.addrs().first().copied().ok_or_else(|| Failure::sentence("no address"))?;
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok((handle, address))
}
