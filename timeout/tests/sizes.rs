//! What a pending timeout on tokio's clock takes, beside tokio's own in the same build: the place where it was made, and no
//! more, in one task or as a task of its own.

use std::alloc::System;
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use deadheat_timeout::{TokioClock, timeout};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const FAR: Duration = Duration::from_secs(3600);
const TASKS: usize = 64;
/// What a place takes.
const PLACE: usize = size_of::<&std::panic::Location<'static>>();

/// The sizes of the two futures around the same body: ours, tokio's.
fn sizes<F: Future>(body: impl Fn() -> F) -> (usize, usize) {
    let ours = timeout(&TokioClock, FAR, body());
    let tokio = tokio::time::timeout(FAR, body());
    (size_of_val(&ours), size_of_val(&tokio))
}

/// What is allocated for many tasks that each are one such future, polled once.
async fn allocated<F: Future + Send + 'static>(make: impl Fn() -> F) -> usize
where
    F::Output: std::fmt::Debug + Send,
{
    let region = Region::new(ALLOCATOR);
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(make())).collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let taken = region.change();
    for task in tasks {
        task.abort();
        // What it took is given back by now, and not in the next region.
        task.await.unwrap_err();
    }
    taken.bytes_allocated - taken.bytes_deallocated
}

/// One test, since allocations of tests side by side would be counted together.
#[tokio::test(start_paused = true)]
async fn a_pending_timeout_takes_a_place_more_than_tokios() {
    let around = [
        sizes(pending::<()>),
        sizes(|| ready(1_u8)),
        sizes(|| async {
            let held = [1_u64; 9];
            pending::<()>().await;
            held
        }),
    ];
    for (ours, tokio) in around {
        assert!(ours <= tokio + PLACE, "{ours} bytes, and tokio's {tokio}");
    }

    let mut polled = pin!(timeout(&TokioClock, FAR, pending::<()>()));
    let region = Region::new(ALLOCATOR);
    let poll = polled
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
    assert_eq!(region.change().allocations, 0);

    // What the runtime allocates for many tasks it has, from here on.
    allocated(|| tokio::time::timeout(FAR, pending::<()>())).await;
    let tokio = allocated(|| tokio::time::timeout(FAR, pending::<()>())).await;
    let ours = allocated(|| timeout(&TokioClock, FAR, pending::<()>())).await;
    assert!(
        ours <= tokio + TASKS * PLACE,
        "{ours} bytes, and tokio's {tokio}"
    );
    assert!(ours > TASKS * size_of_val(&*polled), "{ours} bytes");
}
