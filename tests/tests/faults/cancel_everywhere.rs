//! A future is cancelled wherever it waits: each planted bug is found, at the right `.await`, and its fixed
//! twin passes.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::cancel_safe::{
    CancelEverywhere, CancelFailure, CancelMoment, CancelReport, CancelWay, cancel_everywhere,
    cancel_task_everywhere,
};
use deadheat::{sleep, spawn};
use deadheat_timeout::Interrupted;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{Semaphore, mpsc};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn named(name: &str) -> CancelEverywhere {
    CancelEverywhere::new().name(name)
}

/// The line of this file that `marked` stands on.
fn line_of(marked: &str) -> u32 {
    let lines: Vec<&str> = include_str!("cancel_everywhere.rs").lines().collect();
    let found = lines.iter().position(|line| line.ends_with(marked));
    found.expect("a marked line") as u32 + 1
}

/// The place of the failing wait is in this file, at a marked line.
#[track_caller]
fn assert_waits_at(failure: &CancelFailure, marked: &str) {
    let place = failure.places.first().expect("a place");
    let file = place.file.as_deref().expect("a file");
    assert!(
        file.ends_with("tests/faults/cancel_everywhere.rs"),
        "{failure}"
    );
    assert_eq!(place.line.expect("a line").0, line_of(marked), "{failure}");
}

// A queue that hands values to a receiver ahead of its poll: cancelled then, the receiver loses it.

#[derive(Default)]
struct Handed {
    values: VecDeque<u32>,
    waiting: Option<(Waker, Rc<Cell<Option<u32>>>)>,
}

#[derive(Clone, Default)]
struct Queue(Rc<RefCell<Handed>>);

/// What a receiver was handed, to be given back.
struct Slot {
    value: Rc<Cell<Option<u32>>>,
    queue: Queue,
    gives_back: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.queue.0.borrow_mut();
        let ours = |(_, value): &(Waker, Rc<Cell<Option<u32>>>)| Rc::ptr_eq(value, &self.value);
        if inner.waiting.as_ref().is_some_and(ours) {
            inner.waiting = None;
        }
        if let (true, Some(value)) = (self.gives_back, self.value.take()) {
            inner.values.push_front(value);
        }
    }
}

impl Queue {
    fn send(&self, value: u32) {
        let mut inner = self.0.borrow_mut();
        match inner.waiting.take() {
            Some((waker, slot)) => {
                slot.set(Some(value));
                waker.wake();
            }
            None => inner.values.push_back(value),
        }
    }

    async fn recv(&self, gives_back: bool) -> u32 {
        let slot = Slot {
            value: Rc::default(),
            queue: self.clone(),
            gives_back,
        };
        poll_fn(|cx| {
            let mut inner = self.0.borrow_mut();
            if let Some(value) = slot.value.take().or_else(|| inner.values.pop_front()) {
                return Poll::Ready(value);
            }
            inner.waiting = Some((cx.waker().clone(), slot.value.clone()));
            Poll::Pending
        })
        .await // recv
    }
}

fn a_value_is_received(gives_back: bool) -> Result<CancelReport, Box<CancelFailure>> {
    cancel_everywhere(
        &named("recv"),
        async || {
            let queue = Queue::default();
            let other = queue.clone();
            spawn(async move {
                sleep(ms(1)).await;
                other.send(7);
            });
            queue
        },
        async move |queue| queue.recv(gives_back).await,
        async |queue, received| {
            let value = match received {
                Some(value) => value,
                None => queue.recv(true).await,
            };
            assert_eq!(value, 7);
        },
    )
}

#[test]
fn a_recv_that_loses_what_it_was_handed_is_found() {
    let failure = a_value_is_received(false).unwrap_err();
    let point = failure.point.expect("a point");
    assert_eq!(
        (point.wait, point.moment, point.way),
        (1, CancelMoment::Woken, CancelWay::Dropped)
    );
    assert_waits_at(&failure, ".await // recv");
    assert!(failure.to_string().contains("the check never ends"));
    let report = a_value_is_received(true).expect("the fixed twin");
    assert_eq!((report.waits, report.cancelled), (1, 2));
}

// A frame with a length before it, read into local variables or into what outlives the read.

#[derive(Default)]
struct Partial(Vec<u8>);

async fn read_frame(stream: &mut DuplexStream) -> Vec<u8> {
    let length = stream.read_u8().await.unwrap_or_default();
    let mut frame = vec![0; usize::from(length)];
    stream.read_exact(&mut frame).await.ok(); // the frame
    frame
}

async fn read_frame_on(stream: &mut DuplexStream, partial: &mut Partial) -> Vec<u8> {
    loop {
        if let Some((length, frame)) = partial.0.split_first()
            && frame.len() == usize::from(*length)
        {
            return std::mem::take(&mut partial.0).split_off(1);
        }
        let mut byte = [0];
        stream.read_exact(&mut byte).await.ok();
        partial.0.extend(byte);
    }
}

async fn slow_frame() -> (DuplexStream, Partial) {
    let (ours, mut theirs) = duplex(64);
    spawn(async move {
        for byte in [3, b'a', b'b', b'c'] {
            sleep(ms(1)).await;
            theirs.write_all(&[byte]).await.ok();
        }
        std::future::pending::<()>().await;
    });
    (ours, Partial::default())
}

#[test]
fn a_read_that_keeps_what_it_has_in_local_variables_is_found() {
    let failure = cancel_everywhere(
        &named("read_frame"),
        slow_frame,
        async |(stream, _)| read_frame(stream).await,
        async |(mut stream, _), read| {
            let frame = match read {
                Some(frame) => frame,
                None => read_frame(&mut stream).await,
            };
            assert_eq!(frame, b"abc");
        },
    )
    .unwrap_err();
    assert_eq!(failure.point.expect("a point").wait, 2);
    assert_waits_at(&failure, "// the frame");
    let function = &failure.places[0].function;
    assert!(function.ends_with("read_frame"), "{function}");
    assert!(failure.places.len() > 1, "{failure}");
}

#[test]
fn a_read_that_keeps_what_it_has_outside_passes() {
    let report = cancel_everywhere(
        &named("read_frame_on").schedules(10),
        slow_frame,
        async |(stream, partial)| read_frame_on(stream, partial).await,
        async |(mut stream, mut partial), read| {
            let frame = match read {
                Some(frame) => frame,
                None => read_frame_on(&mut stream, &mut partial).await,
            };
            assert_eq!(frame, b"abc");
        },
    )
    .unwrap();
    assert_eq!((report.waits, report.schedules), (4, 10));
    assert!(report.cancelled >= 80 && report.complete, "{report}");
}

// A permit that is forgotten, and given back by hand.

async fn worked(permits: &Semaphore, by_hand: bool) {
    let permit = permits.acquire().await.expect("open");
    if by_hand {
        permit.forget();
        sleep(ms(5)).await; // the work
        permits.add_permits(1);
    } else {
        sleep(ms(5)).await;
        drop(permit);
    }
}

fn the_permit_comes_back(by_hand: bool) -> Result<CancelReport, Box<CancelFailure>> {
    cancel_everywhere(
        &named("worked"),
        async || Semaphore::new(1),
        async move |permits| worked(permits, by_hand).await,
        async |permits, _| assert_eq!(permits.available_permits(), 1, "a permit leaked"),
    )
}

#[test]
fn a_leaked_permit_is_found() {
    let failure = the_permit_comes_back(true).unwrap_err();
    assert_waits_at(&failure, "// the work");
    assert!(failure.to_string().contains("a permit leaked"), "{failure}");
    the_permit_comes_back(false).expect("the fixed twin");
}

// A loop with arms: the arm that is not taken is dropped, and what it had done with it.

async fn sum(rx: &mut mpsc::Receiver<u32>, kept: &mut u32, loses: bool) -> u32 {
    let mut total = 0;
    loop {
        let target = if loses { &mut total } else { &mut *kept };
        tokio::select! {
            biased;
            value = rx.recv() => match value {
                Some(value) => *target += value,
                None => return *target,
            },
            () = sleep(ms(3)) => {}
        }
    }
}

fn nothing_of_the_sum_is_lost(loses: bool) -> Result<CancelReport, Box<CancelFailure>> {
    cancel_everywhere(
        &named("sum"),
        async || {
            let (tx, rx) = mpsc::channel(1);
            spawn(async move {
                for value in 1..=3 {
                    sleep(ms(4)).await;
                    tx.send(value).await.ok();
                }
            });
            (rx, 0)
        },
        async move |(rx, kept)| sum(rx, kept, loses).await,
        async |(mut rx, mut kept), total| {
            let total = match total {
                Some(total) => total,
                None => sum(&mut rx, &mut kept, false).await,
            };
            assert_eq!(total, 6);
        },
    )
}

#[test]
fn a_select_loop_that_keeps_its_sum_in_itself_is_found() {
    let failure = nothing_of_the_sum_is_lost(true).unwrap_err();
    assert!(failure.point.expect("a point").wait > 1, "{failure}");
    let functions: Vec<&str> = failure
        .places
        .iter()
        .map(|place| &*place.function)
        .collect();
    assert!(functions[0].ends_with("sum"), "{functions:?}");
    nothing_of_the_sum_is_lost(false).expect("the fixed twin");
}

// The cooperative form: what the clean-up waits for is not interrupted by a request, and is by a drop.

fn a_task_undoes_its_write(undoes: bool) -> Result<CancelReport, Box<CancelFailure>> {
    cancel_task_everywhere(
        &named("write"),
        async || Rc::new(Cell::new(0)),
        async move |cx, open: &mut Rc<Cell<i32>>| {
            struct Open(Rc<Cell<i32>>);
            impl Drop for Open {
                fn drop(&mut self) {
                    self.0.set(0);
                }
            }
            open.set(1);
            let guard = Open(open.clone());
            if let Err(cancelled) = cx.wait(sleep(ms(5))).await {
                if !undoes {
                    std::mem::forget(guard);
                }
                return Err(Interrupted::from(cancelled));
            }
            Ok(())
        },
        async |open, _| assert_eq!(open.get(), 0, "a write is left open"),
    )
}

#[test]
fn a_clean_up_that_a_request_leaves_out_is_found() {
    let failure = a_task_undoes_its_write(false).unwrap_err();
    let point = failure.point.expect("a point");
    assert_eq!(point.way, CancelWay::Requested);
    assert!(
        failure
            .to_string()
            .contains("asked to cancel while it waited"),
        "{failure}"
    );
    let report = a_task_undoes_its_write(true).expect("the fixed twin");
    assert_eq!((report.waits, report.cancelled), (1, 4));
}

#[test]
fn a_task_that_swallows_its_cancel_and_waits_for_ever_is_found() {
    let failure = cancel_task_everywhere(
        &named("swallows"),
        async || (),
        async |cx, ()| {
            while cx.wait(sleep(ms(5))).await.is_err() {
                std::future::pending::<()>().await;
            }
            Ok::<_, Interrupted>(())
        },
        async |(), _| {},
    )
    .unwrap_err();
    let text = failure.to_string();
    assert!(
        text.contains("was asked to cancel and never ends"),
        "{text}"
    );
}

// A failure is reproduced by its own line.

#[test]
fn the_last_line_of_a_report_makes_the_same_failure_again() {
    let failure = a_value_is_received(false).unwrap_err();
    let line = &failure.failure.replay[0];
    let token = line.split('"').nth(1).expect("a quoted line");
    assert!(token.starts_with("dropped-woken-1:dh1:"), "{token}");
    let again = |line: &str| {
        cancel_everywhere(
            &named("recv").replay(line),
            async || {
                let queue = Queue::default();
                let other = queue.clone();
                spawn(async move {
                    sleep(ms(1)).await;
                    other.send(7);
                });
                queue
            },
            async move |queue| queue.recv(false).await,
            async |queue, received| {
                if received.is_none() {
                    queue.recv(true).await;
                }
            },
        )
    };
    let repeated = again(token).unwrap_err();
    assert_eq!(repeated.point, failure.point);
    assert_eq!(
        repeated.failure.run.fingerprint,
        failure.failure.run.fingerprint
    );
    for wrong in [
        "",
        "dropped-woken-0:dh1:0",
        "dropped-1:dh1:0",
        "dropped-woken-1",
        "not-cancelled:x",
    ] {
        let refused = again(wrong).unwrap_err();
        assert!(refused.failure.run.unmade.is_some(), "{wrong}: {refused}");
    }
    again("not-cancelled:dh1:0").expect("no cancel, no loss");
}
