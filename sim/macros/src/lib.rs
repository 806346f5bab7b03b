//! The attributes: `#[deadheat::test]`, from an `async fn` to a `#[test]` that explores it, and `#[deadheat::outside]`.
//!
//! What a test does stands in `deadheat::testing`. Here is only what must be known when the test is
//! compiled: that the function can be one, and that the arguments can be read.

mod arguments;
mod expand;
mod function;
mod outside;

use proc_macro::TokenStream;

/// Makes an `async fn` a test that is run many times, each time in another order and with another
/// lateness.
///
/// The function takes no arguments and returns nothing, an `ExitCode`, or a `Result` of these whose error is `Debug`; an `Err` fails the
/// run. Other attributes (`should_panic`, `cfg`, documentation) stay as they are.
///
/// A body that calls [`std::process::exit`] with 0 ends the process as if all was well, as in any `#[test]`: the test
/// cannot fail then, and those after it are not run.
///
/// # Arguments
///
/// All optional: `seed`, `runs`, `time`, `jobs`, `scheduler`, `exhaustive`, `late`, `task_late`, `check_determinism`, `check_starved`, `until_quiet`,
/// `multi_thread`, `start_paused`, `watchdog`, `steps`, `steps_per_instant`, `virtual_time`, `regressions`, `config`, `crate`. What they mean, the variables of the
/// environment beside them, and where failing runs are kept stands in the module `testing` of the crate deadheat.
///
/// # Examples
///
/// ```
/// use deadheat::sleep;
/// use std::time::Duration;
///
/// #[deadheat::test]
/// async fn plain() {
///     sleep(Duration::from_secs(1)).await;
/// }
///
/// #[deadheat::test(runs = 200, late = "1ms", scheduler = "pct:3", regressions = false)]
/// async fn tuned() -> Result<(), std::num::ParseIntError> {
///     "7".parse::<u8>().map(drop)
/// }
///
/// // A scheduler or an invariant of one's own, or limits that are no argument: by a function, applied last.
/// fn with_few_tasks(config: deadheat::Config) -> deadheat::Config {
///     let limits = deadheat::Limits { tasks: 100, ..config.limits };
///     config.limits(limits)
/// }
///
/// #[deadheat::test(config = "with_few_tasks", regressions = false)]
/// async fn frugal() {
///     deadheat::spawn(sleep(Duration::from_secs(1))).await.unwrap();
/// }
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Leaves a `#[tokio::test]` outside of the simulation, where `cargo deadheat` would make it simulated: for a test that
/// needs real sockets or threads.
///
/// Without `cargo deadheat` it changes nothing.
///
/// # Examples
///
/// ```
/// #[deadheat::outside]
/// #[tokio::test]
/// async fn binds_a_socket() {
///     tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
/// }
/// ```
#[proc_macro_attribute]
pub fn outside(arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::mark(arguments.into(), item.into()).into()
}
