//! A host that runs the `main` of a program, which waits in a plain function.
//!
//! What waits there cannot be dropped, so a host that does cannot crash. But a `main` with `#[tokio::main]` on it has all that
//! it does in an asynchronous body. So it is called, hands its body over before it begins to wait, and is unwound; the host
//! runs the body, which can be dropped at any `.await`.

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;

use crate::net::host::Host;

type Body = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static IS_ASKED: Cell<bool> = const { Cell::new(false) };
    static BODY: RefCell<Option<Body>> = const { RefCell::new(None) };
}

/// What a `main` is unwound with that has handed its body over.
struct HandedOver;

/// For who stands in the place of a runtime: a `main` that is to wait for its body hands it over here first. It returns if
/// nobody has asked for that, as outside of a run.
///
/// # Examples
///
/// See [`Host::runs_main`].
pub fn hand_over<F: Future + 'static>(body: impl FnOnce() -> F) {
    if IS_ASKED.take() {
        let body = body();
        let body: Body = Box::pin(async move { drop(body.await) });
        BODY.replace(Some(body));
        // Not `panic!`: the panic hook would note a panic of the program's, and there was none.
        resume_unwind(Box::new(HandedOver));
    }
}

/// The body of a `main`.
fn body_of<R>(main: &impl Fn() -> R) -> Body {
    IS_ASKED.set(true);
    let called = catch_unwind(AssertUnwindSafe(main));
    IS_ASKED.set(false);
    let body = BODY.take();
    match (called, body) {
        (Err(payload), Some(body)) if payload.is::<HandedOver>() => body,
        (Err(payload), _) => resume_unwind(payload),
        (Ok(_), _) => panic!(
            "deadheat::net::Host::runs_main takes a `main` with `#[tokio::main]` on it that takes no arguments, and of the \
             tokio that belongs to the run; {} is none: give what it does to Host::runs, as an `async fn`",
            type_name_of(main)
        ),
    }
}

fn type_name_of<T>(_: &T) -> &'static str {
    type_name::<T>()
}

impl Host {
    /// What runs on the host, as [`runs`](Host::runs) has it, by the `main` of a program as it stands: one with
    /// `#[tokio::main]` on it, of the tokio that deadheat-tokio stands for. So it may [crash](Host::may_crash) at any `.await`.
    /// What `main` returns is dropped, and so is what it says of its runtime.
    ///
    /// # Panics
    ///
    /// As [`runs`](Host::runs). As it is started, if `main` is none of that kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{block_on, net, sleep};
    /// use std::time::Duration;
    ///
    /// // What `#[tokio::main]` makes of an `async fn main` is this:
    /// fn main_of_a_program() {
    ///     let body = || sleep(Duration::from_secs(1));
    ///     net::hand_over(body);
    ///     block_on(body());
    /// }
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let db = net::host("db").may_crash().runs_main(main_of_a_program);
    ///     sleep(Duration::from_secs(9)).await;
    ///     db.crash();
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn runs_main<R: 'static>(self, main: impl Fn() -> R + 'static) -> Host {
        self.runs(move || body_of(&main))
    }
}
