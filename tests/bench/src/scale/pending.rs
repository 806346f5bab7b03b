//! Timeouts that are pending on tokio: all of them in one task, or each in a task of its own.

use std::fmt::Debug;
use std::future::{Future, Pending, pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use deadheat_timeout::{Elapsed, TokioClock};
use tokio::runtime::Builder;

use crate::scale::meter;
use crate::scale::scattered::scattered;

fn after(number: u64) -> Duration {
    Duration::from_millis(3_600_000 + scattered(number) % 1_000)
}

/// Runs something on tokio with its clock paused.
fn on_tokio(future: impl Future<Output = ()>) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future);
}

/// Polls each timeout once, notes the memory, and waits until all of them have elapsed.
fn polled<F, E>(number: u64, timeout: impl Fn(u64) -> F)
where
    F: Future<Output = Result<(), E>>,
{
    on_tokio(async {
        let mut timeouts: Vec<_> = (0..number).map(|at| Box::pin(timeout(at))).collect();
        for timeout in &mut timeouts {
            let waits = poll_fn(|cx| Poll::Ready(timeout.as_mut().poll(cx).is_pending()));
            assert!(tokio::task::unconstrained(waits).await);
        }
        meter::note();
        for timeout in timeouts {
            assert!(timeout.await.is_err(), "it elapses");
        }
    });
}

/// Spawns a task for each timeout, and does the same.
fn a_task_each<F, E>(number: u64, timeout: impl Fn(u64) -> F)
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Debug + Send + 'static,
{
    on_tokio(async {
        let tasks: Vec<_> = (0..number).map(|at| tokio::spawn(timeout(at))).collect();
        // Everything has had its turn before time passes.
        tokio::time::sleep(Duration::from_millis(1)).await;
        meter::note();
        for task in tasks {
            let ended = task.await.expect("it ends");
            assert!(ended.is_err(), "it elapses");
        }
    });
}

fn tokios(number: u64) -> tokio::time::Timeout<Pending<()>> {
    tokio::time::timeout(after(number), pending())
}

fn ours(number: u64) -> impl Future<Output = Result<(), Elapsed>> + Send + 'static {
    deadheat_timeout::timeout(&TokioClock, after(number), pending())
}

/// So many of tokio's timeouts in one task.
pub fn polled_tokio(number: u64) {
    polled(number, tokios);
}

/// So many of ours in one task.
pub fn polled_ours(number: u64) {
    polled(number, ours);
}

/// So many of tokio's timeouts, a task each.
pub fn a_task_each_tokio(number: u64) {
    a_task_each(number, tokios);
}

/// So many of ours, a task each.
pub fn a_task_each_ours(number: u64) {
    a_task_each(number, ours);
}
