//! What a timeout on tokio's own clock costs, over the bare future and beside tokio's own.

#[path = "harness/mod.rs"]
mod harness;

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat_timeout::{Timeout, TokioClock, timeout};
use harness::{Contender, Goal, Row, Table, per_operation};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

const FAR: Duration = Duration::from_secs(3600);
const OPERATIONS: u64 = 2_000;
const NO_SLOWER: Goal = Goal {
    nanos: None,
    of_tokio: Some(1.0),
};

/// Real time: production pays for reading the clock, so it is measured, too.
fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
}

/// Pending once, and woken at once, as a future that has to wait for another task.
async fn yields_once() -> u64 {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(7);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Polls a future until it is ready, with a waker that does nothing: the executor's share is the
/// same for every contender, and so left out.
fn poll_out<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn repeated<'a>(runtime: &'a Runtime, mut operation: impl FnMut() + 'a) -> Contender<'a> {
    Box::new(move || {
        let _inside = runtime.enter();
        per_operation(OPERATIONS, || (0..OPERATIONS).for_each(|_| operation()))
    })
}

fn over_a_future<'a, F, Fut>(runtime: &'a Runtime, name: &str, make: F) -> Row<'a>
where
    F: Fn() -> Fut + Copy + 'a,
    Fut: Future<Output = u64>,
{
    Row {
        work: format!("timeout(far, {name}) on real time"),
        goal: NO_SLOWER,
        floor: Some(repeated(runtime, move || {
            black_box(poll_out(make()));
        })),
        tokio: Some(repeated(runtime, move || {
            black_box(poll_out(tokio::time::timeout(FAR, make())).ok());
        })),
        ours: repeated(runtime, move || {
            black_box(poll_out(timeout(&TokioClock, FAR, make())).ok());
        }),
    }
}

/// Moves a pending deadline to and fro, `towards` being the side it ends up on.
fn moving<'a>(runtime: &'a Runtime, name: &str, later: bool) -> Row<'a> {
    let step = Duration::from_millis(1);
    let start = Instant::now() + FAR;
    let by = move |at: Instant| if later { at + step } else { at - step };
    let mut floor_at = start;
    let floor = repeated(runtime, move || {
        floor_at = black_box(by(floor_at));
    });
    let mut tokio_at = start;
    let mut sleep = {
        let _inside = runtime.enter();
        Box::pin(tokio::time::sleep_until(start))
    };
    assert!(
        poll_once(sleep.as_mut()).is_pending(),
        "the deadline is far ahead"
    );
    let tokio = repeated(runtime, move || {
        tokio_at = by(tokio_at);
        sleep.as_mut().reset(tokio_at);
    });
    let mut our_at = start;
    let scope = Timeout::at(&TokioClock, start);
    let handle = scope.handle();
    let mut run = Box::pin(scope.run(std::future::pending::<()>()));
    {
        let _inside = runtime.enter();
        assert!(
            poll_once(run.as_mut()).is_pending(),
            "the deadline is far ahead"
        );
    }
    let ours = repeated(runtime, move || {
        our_at = by(our_at);
        handle.reschedule_at(our_at).expect("an active scope");
        black_box(&run);
    });
    Row {
        work: format!("moving a deadline {name}, on tokio"),
        goal: NO_SLOWER,
        floor: Some(floor),
        tokio: Some(tokio),
        ours,
    }
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn main() {
    let runtime = runtime();
    let mut table = Table::new();
    table.row(over_a_future(&runtime, "ready", || ready(7)));
    table.row(over_a_future(&runtime, "yields once", yields_once));
    table.row(moving(&runtime, "later", true));
    table.row(moving(&runtime, "earlier", false));
    table.end();
}
