//! A backend and a service that asks it. In a run the backend has a host of its own, and files are in memory.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use deadheat::net;
use quotes::Version;
use quotes::backend::{self, Backend};
use quotes::service::{self, Settings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Started {
    pub address: SocketAddr,
    pub backend: Arc<Backend>,
    pub audit: PathBuf,
    /// Ends it when something is sent.
    pub end: oneshot::Sender<()>,
    pub service: JoinHandle<io::Result<()>>,
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn started_backend(backend: Arc<Backend>) -> SocketAddr {
    let (listens, address) = oneshot::channel();
    let serve = |ip: IpAddr| async move {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        listens.send(listener.local_addr().unwrap()).unwrap();
        backend::serve(listener, backend).await
    };
    if deadheat::in_run() {
        let host = net::host("backend");
        host.spawn(serve(host.address()));
    } else {
        tokio::spawn(serve(Ipv4Addr::LOCALHOST.into()));
    }
    address.await.unwrap()
}

/// Where the audit file is: in memory, where there is a run, and else in the folder for tests.
fn audit_file(version: Version) -> PathBuf {
    let name = format!("{version:?}.{:?}.audit", std::thread::current().id());
    if deadheat::in_run() {
        net::Host::here().files_in_memory();
        "audit".into()
    } else {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
    }
}

pub async fn started(version: Version) -> Started {
    let backend = Arc::new(Backend::new(version));
    let settings = Settings {
        backend: started_backend(Arc::clone(&backend)).await,
        audit: audit_file(version),
        version,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let audit = settings.audit.clone();
    let until = async {
        // Who does not end it lets it go on.
        if ended.await.is_err() {
            std::future::pending().await
        }
    };
    let service = tokio::spawn(service::serve(listener, settings, until));
    Started {
        address,
        backend,
        audit,
        end,
        service,
    }
}
