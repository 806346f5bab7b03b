//! A task's budget runs out before its deadline is looked at (tokio #4291, tower #668, quinn PR #2677),
//! written for tokio.
//!
//! A future that always finds something to do spends the whole budget of each turn, and what is polled after it
//! is refused, a timer too. tokio's own `timeout` looks at its timer all the same since 1.15; a `select!` does
//! not.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deadheat::{Config, Mix, Sampler, always, check};
use deadheat_tokio as tokio;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::coop::{has_budget_remaining, unconstrained};

/// Operations of a turn.
const BUDGET: usize = 128;
const TIMEOUT: Duration = Duration::from_millis(100);

#[test]
fn the_hidden_deadline_is_found() {
    let failure = check(&Config::new().name("download"), || {
        download(Delay::Constrained)
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("the timer has fired, and the timeout goes on"),
        "{report}"
    );
}

#[test]
fn a_delay_without_a_budget_is_seen() {
    check(&Config::new().name("download"), || {
        download(Delay::UnconstrainedIfSpent)
    })
    .unwrap();
}

#[test]
fn tokios_own_timeout_sees_its_deadline() {
    let exact = Mix::only(Sampler::Fifo, deadheat::Bounds::EXACT);
    check(&Config::new().mix(exact).runs(1), || async {
        let mut client = connect();
        let late = tokio::time::timeout(TIMEOUT, read_all(&mut client)).await;
        assert!(late.is_err());
    })
    .unwrap();
}

#[derive(Clone, Copy, PartialEq)]
enum Delay {
    /// The timer is polled with what is left of the budget.
    Constrained,
    /// Without a budget, if it was the future that spent it.
    UnconstrainedIfSpent,
}

/// A server sends more than a client can read in its time.
async fn download(delay: Delay) {
    let mut client = connect();
    let download = tokio::spawn(async move {
        timeout(delay, read_all(&mut client)).await;
    });
    download.await.expect("no panic");
}

fn connect() -> UnboundedReceiver<usize> {
    let (server, client) = unbounded_channel();
    tokio::spawn(serve(server));
    client
}

async fn serve(server: UnboundedSender<usize>) {
    tokio::time::sleep(Duration::from_millis(1)).await;
    for packet in 0..20 * BUDGET {
        server.send(packet).ok();
    }
}

/// There is always something to read; reading as much as a turn allows takes a while.
async fn read_all(client: &mut UnboundedReceiver<usize>) {
    while let Some(packet) = client.recv().await {
        if packet % BUDGET == 0 {
            deadheat::program::busy(Duration::from_millis(7)..=Duration::from_millis(13));
        }
    }
}

/// A timeout as tokio's was.
async fn timeout<F: Future>(delay: Delay, future: F) -> Option<F::Output> {
    let mut sleep = pin!(tokio::time::sleep(TIMEOUT));
    let mut future = pin!(future);
    let mut had_fired = false;
    poll_fn(|cx| {
        always(!had_fired, || {
            "the timer has fired, and the timeout goes on".to_owned()
        });
        had_fired = sleep.is_elapsed();
        let had_budget = has_budget_remaining();
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let spent = had_budget && !has_budget_remaining();
        if spent && delay == Delay::UnconstrainedIfSpent {
            return pin!(unconstrained(sleep.as_mut())).poll(cx).map(|()| None);
        }
        sleep.as_mut().poll(cx).map(|()| None)
    })
    .await
}
