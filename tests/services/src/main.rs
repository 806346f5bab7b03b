//! `quotes LISTEN BACKEND AUDIT`: serves until ctrl-c.

use std::env::args;
use std::io;

use quotes::Version;
use quotes::service::{Settings, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let [_, listen, backend, audit] = &args().collect::<Vec<_>>()[..] else {
        return Err(io::Error::other("quotes LISTEN BACKEND AUDIT"));
    };
    let settings = Settings {
        backend: backend.parse().map_err(io::Error::other)?,
        audit: audit.into(),
        version: Version::Mended,
    };
    let listener = TcpListener::bind(listen).await?;
    serve(listener, settings, async {
        // Without ctrl-c nobody ends it.
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}
