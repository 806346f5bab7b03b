//! tonic, whose connections are hyper's and whose limits are tower's. Its service is written by hand: a number of
//! milliseconds is asked for, and comes back after as many.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http;
use axum::http::uri::PathAndQuery;
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep};
use tokio_stream::StreamExt as _;
use tokio_util::bytes::{Buf as _, BufMut as _, Bytes};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::NamedService;
use tonic::transport::{Channel, Endpoint, Server, Uri};
use tonic::{Code, Request, Response, Status};
use tower::{Service, service_fn};

const MS: Duration = Duration::from_millis(1);
const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

type Io = hyper_util::rt::TokioIo<DuplexStream>;

#[derive(Clone, Copy, Default)]
struct Number;

impl Codec for Number {
    type Encode = u64;
    type Decode = u64;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Number {
    type Item = u64;
    type Error = Status;

    fn encode(&mut self, number: u64, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_u64(number);
        Ok(())
    }
}

impl Decoder for Number {
    type Item = u64;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<u64>, Status> {
        Ok((from.remaining() >= 8).then(|| from.get_u64()))
    }
}

/// When the calls that were not finished were let go by the server.
#[derive(Clone, Default)]
struct Waits {
    let_go: Arc<Mutex<Vec<Instant>>>,
}

/// Writes down that it is dropped before its end.
struct UnderWay(Option<Waits>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(waits) = self.0.take() {
            waits.let_go.lock().unwrap().push(Instant::now());
        }
    }
}

impl Waits {
    async fn wait(self, asked: Request<u64>) -> Result<Response<u64>, Status> {
        let mut under_way = UnderWay(Some(self));
        let number = asked.into_inner();
        sleep(MS * u32::try_from(number).unwrap()).await;
        under_way.0 = None;
        Ok(Response::new(number))
    }
}

impl NamedService for Waits {
    const NAME: &'static str = "x.Waits";
}

impl Service<http::Request<Body>> for Waits {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let waits = self.clone();
        let handler = service_fn(move |asked| waits.clone().wait(asked));
        Box::pin(async move {
            Ok(tonic::server::Grpc::new(Number)
                .unary(handler, request)
                .await)
        })
    }
}

fn serve(mut server: Server, waits: Waits, pipe: DuplexStream) {
    let incoming = tokio_stream::once(Ok::<_, io::Error>(pipe)).chain(tokio_stream::pending());
    let router = server.add_service(waits);
    tokio::spawn(router.serve_with_incoming(incoming));
}

/// A client that is connected with a server.
struct Pair {
    channel: Channel,
    waits: Waits,
}

impl Pair {
    async fn of(endpoint: Endpoint, server: Server) -> Self {
        let (near, far) = tokio::io::duplex(1024);
        let waits = Waits::default();
        serve(server, waits.clone(), far);
        let mut near = Some(near);
        let connector = service_fn(move |_: Uri| {
            let near = near.take().ok_or(io::ErrorKind::ConnectionRefused);
            async { Ok::<_, io::Error>(Io::new(near?)) }
        });
        let channel = endpoint.connect_with_connector(connector).await.unwrap();
        Self { channel, waits }
    }

    /// What is answered, and after how long.
    async fn ask(&self, request: Request<u64>) -> (Result<u64, Code>, Duration) {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        let begun = Instant::now();
        grpc.ready().await.unwrap();
        let path = PathAndQuery::from_static("/x.Waits/wait");
        let answer = grpc.unary(request, path, Number).await;
        let answer = answer.map(Response::into_inner);
        (answer.map_err(|status| status.code()), begun.elapsed())
    }

    /// A call that is too slow ends at `limit`; one that is not, in its time, before it and after it.
    async fn keeps(&self, limit: Duration, request: impl Fn(u64) -> Request<u64>) {
        let in_time = || self.ask(request(500));
        at(in_time().await, Ok(500), 500 * MS);
        at(self.ask(request(60_000)).await, Err(Code::Cancelled), limit);
        at(in_time().await, Ok(500), 500 * MS);
    }

    /// The server has let go of one call, `ago`.
    fn has_let_go(&self, ago: Duration) {
        let let_go = self.waits.let_go.lock().unwrap();
        let [at] = let_go[..] else {
            panic!("{} calls", let_go.len())
        };
        let elapsed = at.elapsed();
        assert!((ago..=ago + 2 * LATE).contains(&elapsed), "{elapsed:?}");
    }
}

fn at((answer, took): (Result<u64, Code>, Duration), wanted: Result<u64, Code>, time: Duration) {
    assert_eq!(answer, wanted);
    assert!((time..=time + LATE).contains(&took), "{took:?}");
}

fn endpoint() -> Endpoint {
    Endpoint::from_static("http://x")
}

/// `Server::timeout`: "Set a timeout on for all request handlers."
#[tokio::test]
async fn a_handler_that_takes_too_long_ends_at_the_limit_of_the_server() {
    let pair = Pair::of(endpoint(), Server::builder().timeout(S)).await;
    pair.keeps(S, Request::new).await;
    pair.has_let_go(500 * MS);
}

/// `Endpoint::timeout`: "Apply a timeout to each request." The server is not told of it, but that the call is cancelled.
#[tokio::test]
async fn a_call_that_takes_too_long_ends_at_the_limit_of_the_client() {
    let pair = Pair::of(endpoint().timeout(S), Server::builder()).await;
    pair.keeps(S, Request::new).await;
    pair.has_let_go(500 * MS);
}

/// `Request::set_timeout`: "Set the max duration the request is allowed to take."
#[tokio::test]
async fn a_request_that_says_how_long_it_may_take_takes_no_longer() {
    let pair = Pair::of(endpoint(), Server::builder()).await;
    pair.keeps(S, |number| {
        let mut request = Request::new(number);
        request.set_timeout(S);
        request
    })
    .await;
    pair.has_let_go(500 * MS);
}

/// The same, of a client that is not tonic's and waits for as long as it takes: the server keeps it.
#[tokio::test]
async fn the_server_keeps_what_a_request_says() {
    let (near, far) = tokio::io::duplex(1024);
    serve(Server::builder(), Waits::default(), far);
    let executor = hyper_util::rt::TokioExecutor::new();
    let made = hyper::client::conn::http2::handshake(executor, Io::new(near)).await;
    let (mut sender, connection) = made.unwrap();
    tokio::spawn(connection);
    // Not compressed, and eight bytes long.
    let mut body = vec![0, 0, 0, 0, 8];
    body.put_u64(60_000);
    let request = http::Request::post("http://x/x.Waits/wait")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", "1S")
        .body(http_body_util::Full::new(Bytes::from(body)))
        .unwrap();
    let begun = Instant::now();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "1");
    let took = begun.elapsed();
    assert!((S..=S + LATE).contains(&took), "{took:?}");
}

/// Three limits: the shortest holds, whichever it is.
#[tokio::test]
async fn the_shortest_limit_holds() {
    for limits in [[1, 2, 3], [3, 1, 2], [2, 3, 1]] {
        let [client, server, request] = limits.map(|secs| S * secs);
        let pair = Pair::of(
            endpoint().timeout(client),
            Server::builder().timeout(server),
        )
        .await;
        pair.keeps(S, |number| {
            let mut asked = Request::new(number);
            asked.set_timeout(request);
            asked
        })
        .await;
    }
}

/// Calls on one connection do not wait for each other.
#[tokio::test]
async fn calls_beside_each_other_are_answered_each_in_its_time() {
    let pair = Pair::of(endpoint().timeout(5 * S), Server::builder()).await;
    let pair = Arc::new(pair);
    let calls: Vec<_> = [2000, 1000, 3000]
        .into_iter()
        .map(|number| {
            let pair = Arc::clone(&pair);
            tokio::spawn(async move {
                let asked = pair.ask(Request::new(number)).await;
                at(asked, Ok(number), MS * number as u32);
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

/// `Endpoint::connect_timeout`.
#[tokio::test]
async fn a_connection_that_hangs_is_given_up_at_its_limit() {
    let begun = Instant::now();
    let hangs = service_fn(|_: Uri| std::future::pending::<Result<Io, io::Error>>());
    let endpoint = endpoint().connect_timeout(2 * S);
    assert!(endpoint.connect_with_connector(hangs).await.is_err());
    let took = begun.elapsed();
    assert!((2 * S..=2 * S + LATE).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_connection_that_takes_less_is_made() {
    let slow = service_fn(|_: Uri| async {
        sleep(S).await;
        let (client, server) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let _open = server;
            sleep(60 * S).await;
        });
        Ok::<_, io::Error>(Io::new(client))
    });
    let begun = Instant::now();
    let endpoint = endpoint().connect_timeout(2 * S);
    assert!(endpoint.connect_with_connector(slow).await.is_ok());
    let took = begun.elapsed();
    assert!((S..=S + LATE).contains(&took), "{took:?}");
}
