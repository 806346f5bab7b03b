//! quinn's own endpoints on a network in memory: handshake, echo, loss, and the idle timeout.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deadheat::fault::Link;
use deadheat::{Config, Watch, check, explore_future, now, run, sleep, sometimes, spawn};
use deadheat_ties::quinn::{Network, Runtime, crypto_provider, endpoint_config};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Connection, ConnectionError, Endpoint, IdleTimeout, ServerConfig, TransportConfig,
};
use rcgen::{CertificateParams, KeyPair, SerialNumber};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;

const SERVER: &str = "10.0.0.1:443";
const CLIENT: &str = "10.0.0.2:5000";
const IDLE: Duration = Duration::from_secs(10);

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// An Ed25519 key of fixed bytes in PKCS #8 (RFC 8410): the same certificate in every process.
fn identity() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let mut key = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    key.extend([7; 32]);
    let pair = KeyPair::try_from(key.clone()).expect("a key");
    let mut params = CertificateParams::new(["test".to_owned()]).expect("a name");
    params.serial_number = Some(SerialNumber::from(1_u64));
    let certificate = params
        .self_signed(&pair)
        .expect("a certificate")
        .der()
        .clone();
    (certificate, PrivatePkcs8KeyDer::from(key).into())
}

fn transport() -> Arc<TransportConfig> {
    let mut transport = TransportConfig::default();
    transport.max_idle_timeout(Some(IdleTimeout::try_from(IDLE).expect("a timeout")));
    Arc::new(transport)
}

fn server(network: &Network) -> Endpoint {
    let (certificate, key) = identity();
    let tls = rustls::ServerConfig::builder_with_provider(crypto_provider())
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("an identity");
    let crypto = QuicServerConfig::try_from(tls).expect("QUIC");
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(transport());
    let socket = network.bind(address(SERVER)).expect("a free address");
    let runtime = Arc::new(Runtime);
    Endpoint::new_with_abstract_socket(endpoint_config(), Some(config), socket, runtime)
        .expect("a server")
}

fn client(network: &Network) -> Endpoint {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(identity().0).expect("a root");
    let tls = rustls::ClientConfig::builder_with_provider(crypto_provider())
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let crypto = QuicClientConfig::try_from(tls).expect("QUIC");
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(transport());
    let socket = network.bind(address(CLIENT)).expect("a free address");
    let runtime = Arc::new(Runtime);
    let mut endpoint = Endpoint::new_with_abstract_socket(endpoint_config(), None, socket, runtime)
        .expect("a client");
    endpoint.set_default_client_config(config);
    endpoint
}

/// Answers what comes on each stream of the first connection with the same bytes.
async fn echo(server: Endpoint) -> ConnectionError {
    let connection = server
        .accept()
        .await
        .expect("a client")
        .await
        .expect("a handshake");
    loop {
        match connection.accept_bi().await {
            Ok((mut send, mut receive)) => {
                let bytes = receive.read_to_end(1024).await.expect("a request");
                send.write_all(&bytes).await.expect("a reply");
                send.finish().expect("an open stream");
            }
            Err(ended) => return ended,
        }
    }
}

async fn ask(connection: &Connection, bytes: &[u8]) -> Vec<u8> {
    let (mut send, mut receive) = connection.open_bi().await.expect("a stream");
    send.write_all(bytes).await.expect("a request");
    send.finish().expect("an open stream");
    receive.read_to_end(1024).await.expect("a reply")
}

#[test]
fn a_handshake_takes_round_trips_of_virtual_time_and_an_idle_connection_ends_at_its_timeout() {
    let run = run(&Config::new(), || async {
        let network = Network::new(Link::new(Duration::from_millis(50)));
        let served = spawn(echo(server(&network)));
        let client = client(&network);
        let connecting = client
            .connect(address(SERVER), "test")
            .expect("a configuration");
        let connection = connecting.await.expect("a handshake");
        assert_eq!(now().as_nanos(), 100_000_000, "one round trip");
        assert_eq!(ask(&connection, b"ping").await, b"ping");
        let answered = now();
        assert_eq!(answered.as_nanos(), 200_000_000, "another one");
        assert_eq!(connection.closed().await, ConnectionError::TimedOut);
        // It counts from the last datagram: probes for the size of the path follow the reply.
        let idle = now() - answered;
        assert!(
            (IDLE..IDLE + Duration::from_millis(500)).contains(&idle),
            "{idle:?}"
        );
        assert_eq!(served.await.unwrap(), ConnectionError::TimedOut);
    });
    run.unwrap();
}

#[test]
fn an_echo_comes_back_whatever_is_lost_doubled_or_overtaken_and_every_run_repeats_itself() {
    let config = Config::new().runs(60).check_determinism(true);
    let exploration = explore_future(&config, &Watch::default(), || async {
        let latency = Duration::from_millis(10)..=Duration::from_millis(40);
        let link = Link::new(latency).overtaking().lossy().duplicating();
        let network = Network::new(link);
        drop(spawn(echo(server(&network))));
        let client = client(&network);
        let connecting = client
            .connect(address(SERVER), "test")
            .expect("a configuration");
        // So much may be lost that the peers give up; what must not be is another answer.
        if let Ok(connection) = connecting.await {
            let asked = async {
                let (mut send, mut receive) = connection.open_bi().await.ok()?;
                send.write_all(b"ping").await.ok()?;
                send.finish().ok()?;
                receive.read_to_end(1024).await.ok()
            };
            let reply = asked.await;
            sometimes(
                reply.is_some() && now().as_nanos() < 200_000_000,
                "answered at once",
            );
            sometimes(
                reply.is_some() && now().as_nanos() > 500_000_000,
                "answered after losses",
            );
            assert!(reply.is_none_or(|reply| reply == b"ping"));
            connection.close(0_u32.into(), b"done");
        }
        client.wait_idle().await;
    });
    assert!(
        exploration.failure().is_none(),
        "{:?}",
        exploration.failure()
    );
    assert_eq!(exploration.never_reached(), Vec::<&str>::new());
}

#[test]
fn nobody_at_the_address_is_a_timeout_and_not_an_error_of_the_socket() {
    let run = run(&Config::new(), || async {
        let network = Network::new(Link::new(Duration::from_millis(50)));
        let client = client(&network);
        let connecting = client
            .connect(address(SERVER), "test")
            .expect("a configuration");
        assert_eq!(connecting.await.unwrap_err(), ConnectionError::TimedOut);
        assert_eq!(now().as_nanos(), 10_000_000_000);
    });
    run.unwrap();
}

#[test]
fn an_address_is_free_again_when_its_socket_is_gone() {
    let run = run(&Config::new(), || async {
        let network = Network::new(Link::new(Duration::from_millis(1)));
        let first = network.bind(address(SERVER)).expect("a free address");
        assert!(network.bind(address(SERVER)).is_err());
        drop(first);
        assert!(network.bind(address(SERVER)).is_ok());
        sleep(Duration::ZERO).await;
    });
    run.unwrap();
}

#[test]
fn datagrams_come_in_order_where_the_link_keeps_it_whatever_their_latency() {
    use quinn::AsyncUdpSocket as _;
    let runs = check(&Config::new().runs(200), || async {
        let latency = Duration::from_millis(1)..=Duration::from_millis(9);
        let network = Network::new(Link::new(latency));
        let near = network.bind(address(CLIENT)).expect("a free address");
        let far = network.bind(address(SERVER)).expect("a free address");
        for contents in [b"one", b"two", b"six"] {
            let destination = far.address();
            let (ecn, segment_size, src_ip) = (None, None, None);
            near.try_send(&quinn::udp::Transmit {
                destination,
                ecn,
                contents,
                segment_size,
                src_ip,
            })
            .expect("a way");
        }
        let mut come = Vec::new();
        for _ in 0..3 {
            let mut buffer = [0; 3];
            let mut meta = [quinn::udp::RecvMeta::default()];
            std::future::poll_fn(|cx| {
                far.poll_recv(cx, &mut [std::io::IoSliceMut::new(&mut buffer)], &mut meta)
            })
            .await
            .expect("a datagram");
            assert_eq!((meta[0].addr, meta[0].len), (near.address(), 3));
            come.push(buffer);
        }
        assert_eq!(come, [*b"one", *b"two", *b"six"]);
    });
    runs.unwrap();
}

#[test]
fn a_real_socket_is_refused_with_advice() {
    use quinn::Runtime as _;
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let refused = Runtime.wrap_udp_socket(socket).unwrap_err();
    assert!(refused.to_string().contains("Network"));
}
