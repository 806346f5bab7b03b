//! Without sealing: the answer is the system's, and the report says so, with the place.

use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use deadheat::record::LeakKind;
use deadheat::testing::{Arguments, Keep, Place, Test};
use deadheat::witness::{Outside, Watchdog, Witness};
use deadheat::{Config, check, run, sleep};

use crate::MS;

/// What is said of a test that passes.
fn passing<F, Fut>(body: F) -> String
where
    F: Fn() -> Fut + Sync,
    Fut: Future<Output = ()> + 'static,
{
    let arguments = Arguments {
        regressions: Keep::Nowhere,
        runs: Some(3),
        config: Some(|config| config.sealed(false)),
        ..Arguments::default()
    };
    let test = Test::new(Place::default(), &arguments, [], || 0).unwrap();
    test.run(&|| Duration::ZERO, body).unwrap().to_string()
}

fn here(line: u32) -> String {
    format!("outside/named.rs:{line}: ")
}

#[test]
fn a_clock_that_is_read() {
    let line = line!() + 2;
    let said = passing(|| async {
        let begun = Instant::now();
        sleep(MS).await;
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::hint::black_box(SystemTime::now());
    });
    assert!(
        said.contains("note: std::time::Instant::now was read 6 times, first at "),
        "{said}"
    );
    assert!(said.contains(&here(line)), "{said}");
    assert!(
        said.contains("std::time::SystemTime::now was read 3 times"),
        "{said}"
    );
    assert!(said.contains("it shows real time; "), "{said}");
}

/// What is told past the runner's capture of a test that passes.
fn told_at_once<F, Fut>(sealed: bool, body: F) -> String
where
    F: Fn() -> Fut + Sync,
    Fut: Future<Output = ()> + 'static,
{
    static TOLD: Mutex<String> = Mutex::new(String::new());
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    TOLD.lock().unwrap().clear();
    let place = Place {
        function: "pool",
        module: "outside::named",
        ..Place::default()
    };
    let arguments = Arguments {
        regressions: Keep::Nowhere,
        runs: Some(3),
        config: Some(match sealed {
            true => |config| config.sealed(true),
            false => |config| config.sealed(false),
        }),
        ..Arguments::default()
    };
    let test = Test::new(place, &arguments, [], || 0).unwrap();
    let outside = Outside {
        elapsed: &|| Duration::ZERO,
        pause: std::thread::park_timeout,
        tell: |text| TOLD.lock().unwrap().push_str(text),
        end: |_| unreachable!("it ends by itself"),
        debugged: || false,
    };
    test.run_watched(&outside, body).unwrap();
    let told = TOLD.lock().unwrap();
    told.clone()
}

#[test]
fn a_test_that_passes_says_so_at_once_and_once_for_a_place() {
    let line = line!() + 2;
    let body = || async {
        std::hint::black_box(Instant::now());
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    };
    let told = told_at_once(false, body);
    let begins = "deadheat: named::pool: passed, but not all of it is the run's: std::time::Instant::now was read, first at ";
    assert!(told.starts_with(begins), "{told}");
    assert!(
        told.contains(&format!("outside/named.rs:{line}; ")),
        "{told}"
    );
    assert!(told.contains("a socket was made, first at "), "{told}");
    assert_eq!(told.matches('\n').count(), 1, "{told}");
    assert_eq!(told_at_once(false, body), "");
    // Sealed, the clock is the run's.
    let other = || async { drop(std::net::UdpSocket::bind("127.0.0.1:0").unwrap()) };
    let told = told_at_once(true, other);
    assert!(told.contains("run's: a socket was made"), "{told}");
    assert_eq!(told_at_once(true, || async { sleep(MS).await }), "");
}

#[test]
fn a_thread_that_is_started() {
    let line = line!() + 2;
    let said = passing(|| async {
        std::thread::spawn(|| ()).join().unwrap();
    });
    assert!(said.contains(&here(line)), "{said}");
    assert!(
        said.contains("what it does is outside of the run"),
        "{said}"
    );
}

#[test]
fn a_sleep_a_wait_and_a_socket() {
    let kinds = run(&Config::new().sealed(false), || async {
        std::thread::sleep(MS);
        let (_sender, receiver) = channel::<()>();
        receiver.recv_timeout(MS).unwrap_err();
        drop(std::net::UdpSocket::bind("127.0.0.1:0"));
    });
    let kinds: Vec<_> = kinds.unwrap().leaks.iter().map(|leak| leak.kind).collect();
    let some = [LeakKind::Sleep, LeakKind::Wait, LeakKind::Socket];
    assert!(some.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn a_process_a_pair_of_sockets_and_the_file_of_chance() {
    for sealed in [false, true] {
        let made = run(&Config::new().sealed(sealed), || async {
            std::process::Command::new("true").status().unwrap();
            std::os::unix::net::UnixStream::pair().unwrap();
            std::fs::File::open("/dev/urandom").unwrap();
        });
        let leaks = made.unwrap().leaks;
        for kind in [LeakKind::Process, LeakKind::Socket, LeakKind::RandomFile] {
            let leak = leaks.iter().find(|leak| leak.kind == kind);
            let said = leak.expect("it is named").to_string();
            assert!(said.contains("outside/named.rs:"), "{said}");
        }
    }
}

#[test]
fn the_keys_of_a_hash_map() {
    // On a thread that has drawn none yet.
    let made = std::thread::spawn(|| {
        run(&Config::new().sealed(false), || async {
            std::hint::black_box(HashMap::<u8, u8>::new());
        })
    });
    let run = made.join().unwrap().unwrap();
    assert_eq!(run.leaks.len(), 1);
    assert_eq!(run.leaks[0].kind, LeakKind::Random);
}

#[test]
fn a_run_that_is_stuck_names_the_thread_that_it_waits_for() {
    let line = line!() + 3;
    let failure = check(&Config::new().sealed(false).runs(5), || async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        drop(std::thread::spawn(move || {
            std::thread::sleep(50 * MS);
            let _ = sender.send(1);
        }));
        receiver.await.unwrap();
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("outside: a thread was started (std::thread::spawn) once at "),
        "{report}"
    );
    assert!(report.contains(&here(line)), "{report}");
}

#[test]
fn a_run_that_stands_still_names_the_thread_before_it_is_over() {
    static TOLD: Mutex<String> = Mutex::new(String::new());
    let begun = Instant::now();
    let outside = Outside {
        elapsed: &|| begun.elapsed(),
        pause: std::thread::park_timeout,
        tell: |text| TOLD.lock().unwrap().push_str(text),
        end: |_| unreachable!("it goes on"),
        debugged: || false,
    };
    let witness = Arc::new(Witness::new(outside.tell));
    let line = line!() + 4;
    let runs = || {
        let body = || async {
            let (sender, receiver) = channel();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(2_000 * MS);
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            thread.join().unwrap();
        };
        witness.watch("hangs", |_| None, || run(&Config::new(), body))
    };
    let made = Watchdog::new(200 * MS).during(&outside, &witness, runs);
    made.unwrap();
    let told = TOLD.lock().unwrap();
    assert!(
        told.contains("\n  outside  a thread was started (std::thread::spawn), first at "),
        "{told}"
    );
    assert!(told.contains(&here(line).replace(": ", "\n")), "{told}");
}

#[test]
fn what_takes_nothing_from_outside_has_nothing_said_of_it() {
    let said = passing(|| async {
        let task = deadheat::spawn(sleep(MS..=2 * MS));
        task.await.unwrap();
    });
    assert!(!said.contains("note"), "{said}");
}

#[test]
fn the_runtime_beside_a_run_is_none_of_the_program() {
    #[derive(Debug)]
    struct Reads;

    impl deadheat::beside::Beside for Reads {
        fn begin(&self) {
            std::hint::black_box(Instant::now());
        }

        fn turn(&self, _: deadheat::Instant) {
            std::hint::black_box(Instant::now());
        }

        fn pass(&self, _: deadheat::Instant) {
            std::hint::black_box(Instant::now());
        }
    }
    let config = Config::new().beside(|| std::rc::Rc::new(Reads));
    let run = run(&config, || sleep(MS)).unwrap();
    assert_eq!(run.leaks, []);
}
