//! A backend and a service that asks it. In a run the backend has a host of its own, and files are in memory.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use deadheat::fault::fault_of;
use deadheat::net;
use quotes::Version;
use quotes::backend::{self, Backend};
use quotes::service::{self, Settings};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
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

/// A backend that knows what a share costs. In a run it may be that it does not answer one question, for ever.
pub async fn hanging_backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let has_hung = Arc::new(AtomicBool::new(false));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&has_hung)));
        }
    });
    address
}

async fn answer(stream: TcpStream, has_hung: Arc<AtomicBool>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(question) = lines.next_line().await? {
        let may_hang = deadheat::in_run() && !has_hung.load(Relaxed);
        if may_hang && fault_of("the reply", &[("hangs", ())]).is_some() {
            has_hung.store(true, Relaxed);
            std::future::pending::<()>().await;
        }
        let price = backend::price(&question);
        write.write_all(format!("{price}\n").as_bytes()).await?;
    }
    Ok(())
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
    let address = started_backend(Arc::clone(&backend)).await;
    started_before(address, backend, version).await
}

/// The service before a backend at this address.
pub async fn started_before(
    address: SocketAddr,
    backend: Arc<Backend>,
    version: Version,
) -> Started {
    let settings = Settings {
        backend: address,
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
