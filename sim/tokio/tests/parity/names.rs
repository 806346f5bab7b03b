//! What is taken for an address.

use std::net::{IpAddr, Ipv4Addr};

use deadheat_tokio as tokio;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs, lookup_host};

use crate::same::Place;
use crate::streams::listener;

/// The port of a listener that was reached.
async fn reached(listener: &TcpListener, at: impl ToSocketAddrs) -> std::io::Result<bool> {
    let stream = TcpStream::connect(at).await?;
    Ok(stream.peer_addr()?.port() == listener.local_addr()?.port())
}

async fn every_form_leads_there(place: Place) {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let port = address.port();
    let v4 = Ipv4Addr::LOCALHOST;
    place.told("an address", reached(&listener, address).await);
    place.told("a pair", reached(&listener, (v4, port)).await);
    place.told(
        "a pair of any",
        reached(&listener, (IpAddr::from(v4), port)).await,
    );
    place.told("text", reached(&listener, address.to_string()).await);
    place.told(
        "text of a pair",
        reached(&listener, ("127.0.0.1", port)).await,
    );
    place.told("a slice", reached(&listener, &[address][..]).await);
}

async fn the_name_of_this_host_leads_there(place: Place) {
    let listener = listener().await;
    let port = listener.local_addr().unwrap().port();
    place.told("a name", reached(&listener, ("localhost", port)).await);
    place.told(
        "text",
        reached(&listener, format!("localhost:{port}")).await,
    );
}

async fn a_name_is_looked_up(place: Place) {
    let found: Vec<_> = lookup_host("localhost:80").await.unwrap().collect();
    let is_own =
        |address: &std::net::SocketAddr| address.ip().is_loopback() && address.port() == 80;
    place.is("found", !found.is_empty() && found.iter().all(is_own));
    let found: Vec<_> = lookup_host("10.1.2.3:4").await.unwrap().collect();
    place.is("as it is", found);
}

async fn text_that_is_no_address_is_invalid(place: Place) {
    for text in [
        "localhost",
        "localhost:",
        "localhost:http",
        "127.0.0.1:70000",
        "",
    ] {
        place.told(text, lookup_host(text).await.map(drop));
    }
}

async fn a_name_of_nobody_is_not_found(place: Place) {
    place.is("looked up", lookup_host("nobody.invalid:80").await.is_err());
    place.is(
        "connected",
        TcpStream::connect("nobody.invalid:80").await.is_err(),
    );
}

programs! {
    a_name_is_looked_up,
    a_name_of_nobody_is_not_found,
    every_form_leads_there,
    text_that_is_no_address_is_invalid,
    the_name_of_this_host_leads_there,
}
