//! The service's own tests, on tokio and reqwest; deadheat is only told what may go wrong. `cargo test` runs each once,
//! on real sockets, where nothing does; `cargo deadheat test` runs each in a thousand orders and times.

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use common::{client, hanging_backend, started, started_before};
use deadheat::net;
use quotes::backend::Backend;
use quotes::{Version, backend};
use reqwest::StatusCode;
use tokio::time::sleep;

/// What a share costs, if the service knows it in time.
async fn asked(client: &reqwest::Client, service: SocketAddr, share: &str) -> Option<usize> {
    let url = format!("http://{service}/quote?share={share}");
    let request = client.get(url).timeout(Duration::from_secs(5));
    let answer = request.send().await.unwrap();
    let is_known = answer.status().is_success();
    let text = answer.text().await.unwrap();
    is_known.then(|| text.parse().unwrap())
}

/// Whatever is known is right, also after a question that took too long.
async fn answers_are_those_of_their_questions(version: Version) {
    let service = started(version).await.address;
    let client = client();
    for share in ["abc", "slow-one", "defgh"] {
        if let Some(price) = asked(&client, service, share).await {
            assert_eq!(price, backend::price(share), "{share}");
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn answers_are_those_of_their_questions_mended() {
    answers_are_those_of_their_questions(Version::Mended).await;
}

#[tokio::test]
async fn answers_are_those_of_their_questions_as_first_written() {
    answers_are_those_of_their_questions(Version::First).await;
}

#[tokio::test]
async fn several_ask_at_once() {
    let service = started(Version::Mended).await.address;
    let client = client();
    let asks = ["a", "bb", "ccc", "dddd"].map(|share| {
        let client = client.clone();
        tokio::spawn(async move { (share, asked(&client, service, share).await) })
    });
    for ask in asks {
        let (share, price) = ask.await.unwrap();
        assert_eq!(price, Some(backend::price(share)));
    }
}

/// A service whose backend hangs for a moment knows the price ten seconds later.
async fn the_watched_price_is_fresh(version: Version) {
    if deadheat::in_run() {
        net::link("test", "backend").may_hang();
    }
    is_fresh_later(started(version).await.address).await;
}

async fn is_fresh_later(service: SocketAddr) {
    sleep(Duration::from_secs(10)).await;
    let url = format!("http://{service}/watched");
    let answer = client().get(url).send().await.unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "the watched price is stale"
    );
}

#[tokio::test]
async fn the_watched_price_is_fresh_mended() {
    the_watched_price_is_fresh(Version::Mended).await;
}

#[tokio::test]
async fn the_watched_price_is_fresh_as_first_written() {
    the_watched_price_is_fresh(Version::First).await;
}

/// One reply never comes, and the price is known ten seconds later.
async fn a_reply_that_hangs_is_given_up(version: Version) {
    let backend = Arc::new(Backend::new(version));
    let service = started_before(hanging_backend().await, backend, version).await;
    is_fresh_later(service.address).await;
}

#[tokio::test]
async fn a_reply_that_hangs_is_given_up_mended() {
    a_reply_that_hangs_is_given_up(Version::Mended).await;
}

#[tokio::test]
async fn a_reply_that_hangs_is_given_up_as_first_written() {
    a_reply_that_hangs_is_given_up(Version::First).await;
}

/// Whatever is ordered is ordered under a lease.
async fn no_order_outlives_its_lease(version: Version) {
    if deadheat::in_run() {
        let latency = Duration::ZERO..=Duration::from_millis(80);
        net::link("test", "backend").latency(latency);
    }
    let service = started(version).await;
    let client = client();
    for _ in 0..20 {
        let url = format!("http://{}/order?share=abc", service.address);
        client.post(url).send().await.unwrap();
        sleep(Duration::from_millis(30)).await;
    }
    for order in service.backend.orders() {
        let late = order.at.saturating_duration_since(order.until);
        assert!(
            order.at < order.until,
            "ordered {late:?} after the end of the lease"
        );
    }
}

#[tokio::test]
async fn no_order_outlives_its_lease_mended() {
    no_order_outlives_its_lease(Version::Mended).await;
}

#[tokio::test]
async fn no_order_outlives_its_lease_as_first_written() {
    no_order_outlives_its_lease(Version::First).await;
}

/// Each answer is in the audit file when the service has ended.
async fn each_answer_is_in_the_audit_file(version: Version) {
    let service = started(version).await;
    let client = client();
    let mut answered = Vec::new();
    for share in ["a", "bb", "ccc"] {
        let url = format!("http://{}/quote?share={share}", service.address);
        let answer = client.get(url).send().await.unwrap();
        if answer.status() == StatusCode::OK {
            answered.push(format!("{share} {}", answer.text().await.unwrap()));
        }
    }
    service.end.send(()).unwrap();
    service.service.await.unwrap().unwrap();
    let audit = tokio::fs::read_to_string(service.audit).await.unwrap();
    let audit: Vec<&str> = audit.lines().collect();
    assert_eq!(audit, answered, "the audit file has not each answer");
}

#[tokio::test]
async fn each_answer_is_in_the_audit_file_mended() {
    each_answer_is_in_the_audit_file(Version::Mended).await;
}

#[tokio::test]
async fn each_answer_is_in_the_audit_file_as_first_written() {
    each_answer_is_in_the_audit_file(Version::First).await;
}
