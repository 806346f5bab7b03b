//! Calls into the network that are made in the middle of another one, or that panic.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use deadheat::net::{self, Socket};
use deadheat::{Config, run};

/// Two ends of one connection, and the bytes that one reads.
fn pair() -> (Socket, Socket) {
    Socket::open_pair(|net, host| net.unix_pair(host)).unwrap()
}

#[test]
fn a_call_in_the_closure_of_another_is_told() {
    let calls: [fn(&Socket); 3] = [
        |other| drop(other.call(|net, id| net.write(id, b"a"))),
        |_| assert_eq!(net::Host::here().name(), "test"),
        |_| net::cut("test", "test"),
    ];
    for call in calls {
        let failure = run(&Config::new(), move || async move {
            let (one, other) = pair();
            let _ = one.call(|_, _| -> io::Result<()> {
                call(&other);
                Ok(())
            });
        });
        let report = failure.unwrap_err().to_string();
        let told = "was called in the middle of another call into the run";
        assert!(report.contains(told), "{report}");
        assert!(report.contains("nested.rs"), "{report}");
    }
}

#[test]
fn a_socket_that_is_dropped_in_the_closure_of_a_call_is_closed_as_that_ends() {
    run(&Config::new(), || async {
        let ((one, other), (third, _fourth)) = (pair(), pair());
        third
            .call(|_, _| {
                drop(other);
                Ok(())
            })
            .unwrap();
        assert_eq!(one.read(&mut [0; 8]).unwrap(), 0, "it has ended");
    })
    .unwrap();
}

#[test]
fn a_call_that_panics_leaves_the_network_as_it_is() {
    run(&Config::new(), || async {
        let db = net::host("db");
        let (one, other) = pair();
        let files = net::Host::here().files_in_memory();
        let panics = || files.call(|_| -> io::Result<()> { panic!("in the middle") });
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        let panics = || one.call(|_, _| -> io::Result<()> { panic!("in the middle") });
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        one.write(b"hello").unwrap();
        assert_eq!(other.read(&mut [0; 8]).unwrap(), 5);
        assert_eq!(net::host("db"), db);
    })
    .unwrap();
}
