//! What a program takes from outside of its run: is it the run's where that is asked for (sealed), and named where not?
//!
//! This binary does not name the package that seals: it is linked all the same.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

mod beside;
mod named;
mod sealed;

use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
