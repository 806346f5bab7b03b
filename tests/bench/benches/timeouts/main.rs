//! What a timeout takes on tokio in production: real time, in a task. Ours, and tokio's own.

#[path = "../workloads/yielded.rs"]
mod yielded;

use std::future::{Future, pending, poll_fn};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use deadheat_bench::TIMEOUT;
use deadheat_timeout::{Timeout, TokioClock};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use tokio::runtime::Builder;
use tokio::time::Instant;
use yielded::yield_now;

const FAR: Duration = Duration::from_secs(3600);
const STEP: Duration = Duration::from_millis(1);

fn in_a_task(future: impl Future<Output = ()> + Send + 'static) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().build().expect("a runtime");
    let task = runtime.spawn(future);
    runtime.block_on(task).expect("it ends");
}

/// Polls once: from then on the timer is armed.
async fn arm<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending(), "it is far ahead");
        Poll::Ready(())
    })
    .await;
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn yields_floor(number: u64) {
    in_a_task(async move {
        for _ in 0..number {
            black_box(yield_now()).await;
        }
    });
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn yields_tokio(number: u64) {
    in_a_task(async move {
        for _ in 0..number {
            let ended = tokio::time::timeout(FAR, yield_now()).await;
            assert!(ended.is_ok());
        }
    });
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn yields_ours(number: u64) {
    in_a_task(async move {
        for _ in 0..number {
            let ended = deadheat_timeout::timeout(&TokioClock, FAR, yield_now()).await;
            assert!(ended.is_ok());
        }
    });
}

/// Moves a deadline again and again, each time by a step.
async fn moved_tokio(number: u64, by: fn(Instant) -> Instant) {
    let mut at = Instant::now() + FAR;
    let mut sleep = pin!(tokio::time::sleep_until(at));
    arm(sleep.as_mut()).await;
    for _ in 0..number {
        at = black_box(by(at));
        sleep.as_mut().reset(at);
    }
    assert_eq!(sleep.deadline(), at);
}

async fn moved_ours(number: u64, by: fn(Instant) -> Instant) {
    let mut at = Instant::now() + FAR;
    let timeout = Timeout::at(&TokioClock, at);
    let handle = timeout.handle();
    let mut body = pin!(timeout.run(pending::<()>()));
    arm(body.as_mut()).await;
    for _ in 0..number {
        at = black_box(by(at));
        handle.reschedule_at(at).expect("it is under way");
    }
    assert_eq!(handle.when(), Some(at));
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn later_tokio(number: u64) {
    in_a_task(moved_tokio(number, |at| at + STEP));
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn later_ours(number: u64) {
    in_a_task(moved_ours(number, |at| at + STEP));
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn earlier_tokio(number: u64) {
    in_a_task(moved_tokio(number, |at| at - STEP));
}

#[library_benchmark]
#[bench::low(TIMEOUT.low)]
#[bench::high(TIMEOUT.high)]
fn earlier_ours(number: u64) {
    in_a_task(moved_ours(number, |at| at - STEP));
}

library_benchmark_group!(
    name = all,
    benchmarks = [
        yields_floor,
        yields_tokio,
        yields_ours,
        later_tokio,
        later_ours,
        earlier_tokio,
        earlier_ours,
    ]
);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = all
);
