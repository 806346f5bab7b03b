//! tonic, whose connections are hyper's and whose limits are tower's.

use std::time::Duration;

use tokio::time::Instant;
use tonic::transport::{Endpoint, Uri};
use tower::service_fn;

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

type Io = hyper_util::rt::TokioIo<tokio::io::DuplexStream>;

#[tokio::test]
async fn a_connection_that_hangs_is_given_up_at_its_limit() {
    let begun = Instant::now();
    let hangs = service_fn(|_: Uri| std::future::pending::<Result<Io, std::io::Error>>());
    let endpoint = Endpoint::from_static("http://x").connect_timeout(2 * S);
    assert!(endpoint.connect_with_connector(hangs).await.is_err());
    assert!(
        (2 * S..=2 * S + LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_connection_that_takes_less_is_made() {
    let slow = service_fn(|_: Uri| async {
        tokio::time::sleep(S).await;
        let (client, server) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let _open = server;
            tokio::time::sleep(60 * S).await;
        });
        Ok::<_, std::io::Error>(Io::new(client))
    });
    let endpoint = Endpoint::from_static("http://x").connect_timeout(2 * S);
    assert!(endpoint.connect_with_connector(slow).await.is_ok());
}
