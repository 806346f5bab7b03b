//! The macros of a program under test: what the functions of the same names do, with a text that is
//! formatted only if it is needed, and by default is the condition as it stands in the source.

/// States something that must hold whenever the run comes by; see the function
/// [`always`](fn@crate::program::always).
///
/// # Panics
///
/// Outside of a run, if it does not hold.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, always, run};
///
/// let failure = run(&Config::new(), || async {
///     let (free, most) = (3, 2);
///     always!(free <= most);
///     always!(free <= most, "{free} permits of {most} are free");
/// });
/// let report = failure.unwrap_err().to_string();
/// assert!(report.contains("violated: does not hold: free <= most"));
/// assert!(report.contains("violated: 3 permits of 2 are free"));
/// ```
#[macro_export]
macro_rules! always {
    ($holds:expr $(,)?) => {
        $crate::program::always($holds, || {
            ::std::borrow::ToOwned::to_owned(::core::concat!(
                "does not hold: ",
                ::core::stringify!($holds)
            ))
        })
    };
    ($holds:expr, $($text:tt)+) => {
        $crate::program::always($holds, || ::std::format!($($text)+))
    };
}

/// States something that must never hold; see the function [`never`](fn@crate::program::never).
///
/// # Panics
///
/// Outside of a run, if it holds.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, never, run};
///
/// let failure = run(&Config::new(), || async {
///     let leaders = 2;
///     never!(leaders > 1);
/// });
/// assert!(failure.unwrap_err().to_string().contains("violated: holds, and never may: leaders > 1"));
/// ```
#[macro_export]
macro_rules! never {
    ($holds:expr $(,)?) => {
        $crate::program::never($holds, || {
            ::std::borrow::ToOwned::to_owned(::core::concat!(
                "holds, and never may: ",
                ::core::stringify!($holds)
            ))
        })
    };
    ($holds:expr, $($text:tt)+) => {
        $crate::program::never($holds, || ::std::format!($($text)+))
    };
}

/// States something that must hold in some run that comes by; see the function
/// [`sometimes`](fn@crate::program::sometimes).
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore_future, random, sometimes};
///
/// let exploration = explore_future(&Config::new().runs(100), &Watch::default(), || async {
///     let roll = random(6);
///     sometimes!(roll == 5, "a six");
///     sometimes!(roll == 6);
/// });
/// assert_eq!(exploration.never_reached(), ["roll == 6"]);
/// ```
#[macro_export]
macro_rules! sometimes {
    ($holds:expr $(,)?) => {
        $crate::program::sometimes($holds, ::core::stringify!($holds))
    };
    ($holds:expr, $statement:expr $(,)?) => {
        $crate::program::sometimes($holds, $statement)
    };
}

/// Records an event of the program's own in the trace, as the function [`log`](fn@crate::log) does.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run, trace};
///
/// let run = run(&Config::new().trace(true), || async {
///     let attempt = 3;
///     trace!("attempt {attempt} of {}", 5);
/// });
/// assert!(run.unwrap().trace.unwrap().to_string().contains("attempt 3 of 5"));
/// ```
#[macro_export]
macro_rules! trace {
    ($($text:tt)+) => {
        $crate::log(&::std::format!($($text)+))
    };
}
