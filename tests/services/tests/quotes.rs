//! Questions and their answers: nothing in here but tokio, reqwest and the service. `cargo test` runs each once, on real
//! sockets; `cargo deadheat test` runs each in a thousand orders and times.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{client, started};
use quotes::{Version, backend};

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
        tokio::time::sleep(Duration::from_millis(100)).await;
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
