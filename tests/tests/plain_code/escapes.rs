//! What is not under control is reported as what it is, with advice.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use deadheat::record::Escape;
use deadheat::{Config, check, clock, run, sleep, spawn, yield_now};
use deadheat_timeout::Clock;

#[test]
fn a_wake_from_another_thread_is_reported() {
    let failure = run(&Config::new(), || async {
        let mut asked = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            Poll::Pending
        })
        .await;
    })
    .unwrap_err();
    assert_eq!(failure.run.escapes, [Escape::Wake]);
    assert!(
        failure.to_string().contains("woken from another thread"),
        "{failure}"
    );
}

#[test]
fn the_clock_on_another_thread_stands_still_and_is_reported() {
    let failure = run(&Config::new(), || async {
        sleep(Duration::from_secs(1)).await;
        let clock = clock();
        let now = std::thread::spawn(move || clock.now()).join().unwrap();
        assert_eq!(now.as_nanos(), 0);
    })
    .unwrap_err();
    assert_eq!(failure.run.escapes, [Escape::Clock]);
}

#[test]
fn a_waker_that_outlives_its_run_is_harmless() {
    let (sender, receiver) = mpsc::channel();
    let kept = sender.clone();
    let keep = move || {
        let sender = kept.clone();
        async move {
            std::future::poll_fn(move |cx| {
                sender.send(cx.waker().clone()).unwrap();
                Poll::Ready(())
            })
            .await;
        }
    };
    let sync = std::sync::Mutex::new(keep);
    run(&Config::new(), || (sync.lock().unwrap())()).unwrap();
    let waker = receiver.recv().unwrap();
    waker.wake_by_ref();
    run(&Config::new(), || async { yield_now().await }).unwrap();
    waker.wake();
    drop(sender);
}

#[test]
fn a_run_inside_a_run_is_refused() {
    let outer = run(&Config::new(), || async {
        let inner = run(&Config::new(), || async {});
        let failure = inner.unwrap_err();
        assert!(
            failure.to_string().contains("inside another run"),
            "{failure}"
        );
    });
    outer.unwrap();
}

#[test]
fn an_uncontrolled_input_is_found_by_running_twice() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let config = Config::new()
        .name("ambient")
        .check_determinism(true)
        .runs(4);
    let failure = check(&config, || async {
        if CALLS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            sleep(Duration::from_millis(1)).await;
        }
        spawn(async {}).await.unwrap();
    })
    .unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("not deterministic"), "{report}");
    assert!(report.contains("first difference"), "{report}");
    let controlled = || async { sleep(Duration::from_millis(1)).await };
    assert_eq!(check(&config, controlled).unwrap(), 4);
}

#[test]
fn calls_outside_of_a_run_say_so() {
    let outside = std::panic::catch_unwind(deadheat::now).unwrap_err();
    let message = outside.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("deadheat::now works only inside a run"),
        "{message}"
    );
}

#[test]
fn a_timer_that_is_left_behind_is_reported() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<Rc<std::cell::RefCell<deadheat::program::Sleep>>>> =
            const { std::cell::RefCell::new(None) };
    }
    let failure = run(&Config::new(), || async {
        let timer = Rc::new(std::cell::RefCell::new(sleep(Duration::from_secs(9))));
        KEPT.set(Some(Rc::clone(&timer)));
        std::future::poll_fn(|cx| {
            let mut timer = timer.borrow_mut();
            assert!(std::pin::Pin::new(&mut *timer).poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    })
    .unwrap_err();
    assert!(
        failure.to_string().contains("no timer is left behind"),
        "{failure}"
    );
}

#[test]
fn a_panic_while_a_task_is_dropped_is_a_failure_and_not_the_end() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("dropped");
            }
        }
    }
    let failure = run(&Config::new(), || async {
        spawn(async {
            let _bomb = Bomb;
            std::future::pending::<()>().await;
        });
        yield_now().await;
    })
    .unwrap_err();
    assert!(failure.to_string().contains("dropped"), "{failure}");
    run(&Config::new(), || async {}).unwrap();
}
