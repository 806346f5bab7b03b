//! What a `#[tokio::test]` expands to in a whole graph: no part of tokio's interface.

use std::ffi::OsString;

use deadheat::testing::Returned;

/// Whether a test is to be tokio's own: by what was asked for, which is parts of names with commas between them, or `*`.
pub fn is_outside(asked: Option<OsString>, module: &str, function: &str) -> bool {
    let Some(asked) = asked else {
        return false;
    };
    let module = module.split_once("::").map_or("", |(_, module)| module);
    let name = format!("{module}::{function}");
    let name = name.trim_start_matches(':');
    let asked = asked.to_string_lossy();
    let mut parts = asked.split(',').filter(|part| !part.is_empty());
    parts.any(|part| part == "*" || name.contains(part))
}

/// Ends a test as what it returned says.
///
/// # Panics
///
/// If that is an error.
#[track_caller]
pub fn returned(returned: impl Returned) {
    if let Some(error) = returned.error() {
        panic!("the test returned an error: {error}");
    }
}
