//! For each fault that may be asked for a program that it breaks, and what the drill says of faults that do not bite.

mod hosts;
mod network;

use std::future::Future;

use deadheat::Config;
use deadheat::drill::{Drill, drill};
use deadheat::net::Fault;
use futures::future::LocalBoxFuture;

type Boxed = LocalBoxFuture<'static, ()>;

fn boxed(program: impl Future<Output = ()> + 'static) -> Boxed {
    Box::pin(program)
}

/// What a drill says of a test.
fn drilled(program: fn() -> Boxed) -> Drill {
    drill(&Config::new().runs(60), program)
}

#[test]
fn each_fault_has_a_program_that_is_planted_for_it() {
    for fault in Fault::ALL {
        let of_network = network::PLANTED.iter().any(|planted| planted.is_for(fault));
        let of_hosts = hosts::PLANTED.iter().any(|planted| planted.fault == fault);
        assert!(
            of_network || of_hosts,
            "{fault:?} has no program that it breaks"
        );
    }
}
