//! Sockets that are bound before they listen or connect.

use deadheat_tokio as tokio;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::same::Place;
use crate::streams::{listener, text};

fn any() -> std::net::SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn it_is_bound_listens_and_accepts(place: Place) {
    let socket = TcpSocket::new_v4().unwrap();
    place.told("before", socket.local_addr());
    place.told("bind", socket.bind(any()));
    let address = socket.local_addr().unwrap();
    let listener = socket.listen(8).unwrap();
    place.is("kept", listener.local_addr().unwrap() == address);
    let client = TcpSocket::new_v4().unwrap();
    client.bind(any()).unwrap();
    let own = client.local_addr().unwrap();
    let stream = client.connect(address).await.unwrap();
    place.is("its own", stream.local_addr().unwrap() == own);
    place.is("seen", listener.accept().await.unwrap().1 == own);
}

async fn it_is_bound_once(place: Place) {
    let socket = TcpSocket::new_v4().unwrap();
    place.told("once", socket.bind(any()));
    place.told("twice", socket.bind(any()));
}

async fn it_need_not_be_bound_to_listen(place: Place) {
    let listener = TcpSocket::new_v4().unwrap().listen(8).unwrap();
    let address = listener.local_addr().unwrap();
    place.is("a port of all", (address.ip(), address.port() > 0));
    let reached = TcpStream::connect(("127.0.0.1", address.port())).await;
    place.told("reached", reached.map(drop));
}

async fn an_address_in_use_is_refused(place: Place) {
    let other = listener().await;
    let socket = TcpSocket::new_v4().unwrap();
    place.told("bind", socket.bind(other.local_addr().unwrap()));
}

async fn two_may_share_an_address_and_one_listens(place: Place) {
    let [one, other] = [(); 2].map(|()| TcpSocket::new_v4().unwrap());
    for socket in [&one, &other] {
        socket.set_reuseaddr(true).unwrap();
        place.told("set", socket.reuseaddr());
    }
    one.bind(any()).unwrap();
    place.told("shared", other.bind(one.local_addr().unwrap()));
    let _listener = one.listen(8).unwrap();
    place.told("the other listens", other.listen(8).map(drop));
}

async fn another_family_is_no_address_of_it(place: Place) {
    let socket = TcpSocket::new_v6().unwrap();
    place.told("bind", socket.bind(any()));
    let socket = TcpSocket::new_v4().unwrap();
    let v6 = "[::1]:80".parse().unwrap();
    place.told("connect", socket.connect(v6).await.map(drop));
}

async fn nobody_listens(place: Place) {
    let address = listener().await.local_addr().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    place.told("connect", socket.connect(address).await.map(drop));
}

async fn all_addresses_of_six_hear_those_of_four(place: Place) {
    let listener = TcpListener::bind("[::]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (_server, from) = listener.accept().await.unwrap();
    place.is(
        "mapped",
        (
            from.is_ipv6(),
            from.port() == client.local_addr().unwrap().port(),
        ),
    );
    place.is("as it is", client.peer_addr().unwrap().is_ipv4());
}

async fn what_is_set_is_there(place: Place) {
    let socket = TcpSocket::new_v4().unwrap();
    place.told("nodelay", socket.nodelay());
    place.told("set", socket.set_nodelay(true));
    place.told("nodelay", socket.nodelay());
    place.told("keepalive", socket.keepalive());
    place.told("set", socket.set_keepalive(true));
    place.told("keepalive", socket.keepalive());
    place.told("reuseaddr", socket.reuseaddr());
    place.told("reuseport", socket.reuseport());
    place.told("linger", socket.linger());
    place.told("set", socket.set_zero_linger());
    place.told("linger", socket.linger());
    place.told("device", socket.device());
    place.told("no device", socket.bind_device(None));
    place.told("error", socket.take_error().map(|error| error.is_none()));
}

#[expect(deprecated, reason = "the older names do the same")]
async fn the_type_of_service_has_two_names(place: Place) {
    let socket = TcpSocket::new_v4().unwrap();
    place.told("tos", socket.tos_v4());
    place.told("set", socket.set_tos(16));
    place.told("tos", socket.tos_v4());
    place.told("set", socket.set_tos_v4(8));
    place.told("tos", socket.tos());
}

async fn a_stream_has_options_of_its_own(place: Place) {
    let (client, mut server) = crate::streams::two().await;
    place.told("nodelay", client.nodelay());
    place.told("set", client.set_nodelay(true));
    place.told("nodelay", client.nodelay());
    place.told("ttl", client.ttl());
    place.told("set", client.set_ttl(9));
    place.told("ttl", client.ttl());
    place.told("linger", client.linger());
    drop(client);
    place.told("end", text(&mut server).await);
}

programs! {
    a_stream_has_options_of_its_own,
    all_addresses_of_six_hear_those_of_four,
    an_address_in_use_is_refused,
    another_family_is_no_address_of_it,
    it_is_bound_listens_and_accepts,
    it_is_bound_once,
    it_need_not_be_bound_to_listen,
    nobody_listens,
    the_type_of_service_has_two_names,
    two_may_share_an_address_and_one_listens,
    what_is_set_is_there,
}
