//! What can be turned into addresses, as tokio has it; names are those of the run's hosts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use sealed::InRun;

/// What tokio takes for an address, or for several of them. It cannot be implemented elsewhere, as tokio's cannot.
///
/// Inside of a run a name is that of a host ([`deadheat::net::host`]), or `localhost`, or one of which something was said
/// ([`deadheat::net::name`]). The system's file of hosts is not looked at.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let db = deadheat::net::host("db");
///     let found: Vec<_> = tokio::net::lookup_host("db:5432").await.unwrap().collect();
///     assert_eq!(found[0], (db.address(), 5432).into());
///     assert!(tokio::net::lookup_host("nobody:80").await.is_err());
/// });
/// run.unwrap();
/// ```
pub trait ToSocketAddrs: tokio::net::ToSocketAddrs + InRun {}

impl<T: tokio::net::ToSocketAddrs + InRun + ?Sized> ToSocketAddrs for T {}

mod sealed {
    /// What the addresses are inside of a run.
    pub trait InRun {
        /// The addresses, or the name of a host and a port, which take a turn to be found.
        fn in_run(&self) -> Found;
    }

    /// What there is of an address.
    #[derive(Debug)]
    pub enum Found {
        Addresses(Vec<std::net::SocketAddr>),
        Named(String, u16),
        Wrong(&'static str),
    }
}

use sealed::Found;

/// The addresses inside of a run. What they are looked up for is told where they are not found.
pub(super) async fn addresses(
    of: impl ToSocketAddrs,
    what_for: &str,
) -> io::Result<Vec<SocketAddr>> {
    let (name, port) = match of.in_run() {
        Found::Addresses(addresses) => return Ok(addresses),
        Found::Wrong(why) => return Err(io::Error::new(io::ErrorKind::InvalidInput, why)),
        Found::Named(name, port) => (name, port),
    };
    let found = deadheat::net::resolve(&name).await;
    if let Err(error) = &found {
        let why = error.to_string();
        let why = why.replace("failed to lookup address information", "name not found");
        deadheat::net::tell(|| format!("{what_for} {name}:{port}: {why}"));
    }
    let found = found?;
    Ok(found.map(|ip| (ip, port).into()).to_vec())
}

/// There was none among them.
pub(super) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "could not resolve to any address",
    )
}

impl<T: InRun + ?Sized> InRun for &T {
    fn in_run(&self) -> Found {
        (**self).in_run()
    }
}

impl InRun for SocketAddr {
    fn in_run(&self) -> Found {
        Found::Addresses(vec![*self])
    }
}

impl InRun for [SocketAddr] {
    fn in_run(&self) -> Found {
        Found::Addresses(self.to_vec())
    }
}

/// Of these an address is made.
macro_rules! addresses {
    ($($of:ty),*) => {$(
        impl InRun for $of {
            fn in_run(&self) -> Found {
                SocketAddr::from(*self).in_run()
            }
        }
    )*};
}

addresses!(
    SocketAddrV4,
    SocketAddrV6,
    (IpAddr, u16),
    (Ipv4Addr, u16),
    (Ipv6Addr, u16)
);

impl InRun for (&str, u16) {
    fn in_run(&self) -> Found {
        let (name, port) = *self;
        match name.parse::<IpAddr>() {
            Ok(ip) => (ip, port).in_run(),
            Err(_) => Found::Named(name.to_owned(), port),
        }
    }
}

impl InRun for (String, u16) {
    fn in_run(&self) -> Found {
        (self.0.as_str(), self.1).in_run()
    }
}

impl InRun for str {
    fn in_run(&self) -> Found {
        if let Ok(address) = self.parse::<SocketAddr>() {
            return address.in_run();
        }
        let Some((name, port)) = self.rsplit_once(':') else {
            return Found::Wrong("invalid socket address");
        };
        match port.parse() {
            Ok(port) => Found::Named(name.to_owned(), port),
            Err(_) => Found::Wrong("invalid port value"),
        }
    }
}

impl InRun for String {
    fn in_run(&self) -> Found {
        self.as_str().in_run()
    }
}
