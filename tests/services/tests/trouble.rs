//! A backend that hangs, a lease that ends on the way, and a service that ends with lines for its audit file.

mod common;

use std::time::Duration;

use common::{client, started};
use deadheat::net;
use quotes::Version;
use reqwest::StatusCode;
use tokio::time::sleep;

/// A service whose backend hangs for a moment knows the price ten seconds later.
async fn the_watched_price_is_fresh(version: Version) {
    if deadheat::in_run() {
        net::link("test", "backend").may_hang();
    }
    let service = started(version).await;
    sleep(Duration::from_secs(10)).await;
    let url = format!("http://{}/watched", service.address);
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
        assert!(
            order.at < order.until,
            "ordered after the end of the lease: {order:?}"
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
