//! A program of sockets and files is told the same outside of a run, on the loopback and the file system of this machine,
//! and inside of one: results, and the kinds and numbers of errors.
//!
//! A program waits until a socket is ready before it asks without waiting: outside of a run, tokio hears of what came
//! only when it asks the system.
#![cfg(target_os = "linux")]

use std::future::Future;
use std::pin::Pin;

#[path = "../files/same.rs"]
mod same;

type Program = fn(same::Place) -> Pin<Box<dyn Future<Output = ()>>>;

/// In one form for all, so that what makes them is built once.
#[track_caller]
fn alike(program: Program) {
    same::same(program);
}

/// Each of these programs is a test.
macro_rules! programs {
    ($($program:ident),* $(,)?) => {
        mod both {
            $(
                #[test]
                fn $program() {
                    crate::alike(|place| Box::pin(super::$program(place)));
                }
            )*
        }
    };
}

mod budgets;
mod cancelled;
mod ends;
mod files;
mod halves;
mod names;
mod sockets;
mod streams;
mod udp;
mod unix_datagrams;
mod unix_streams;
