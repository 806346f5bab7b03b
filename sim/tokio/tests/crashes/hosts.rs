//! What a crash does to a host and to those that talk to it.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use deadheat::{Config, Limits, check, net, now, run};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, sleep, timeout};

/// How a host goes down.
const WAYS: [fn(net::Host); 2] = [net::Host::crash, net::Host::kill];

/// Accepts connections and holds on to them.
async fn holds() {
    let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
    let mut held = Vec::new();
    loop {
        held.push(listener.accept().await.unwrap());
    }
}

async fn connected() -> TcpStream {
    TcpStream::connect("db:80").await.unwrap()
}

/// What a connection comes to within a minute; none if that is nothing.
async fn read(stream: &mut TcpStream) -> Option<Result<usize, ErrorKind>> {
    let read = timeout(Duration::from_secs(60), stream.read(&mut [0; 8])).await;
    read.ok().map(|read| read.map_err(|error| error.kind()))
}

#[test]
fn a_host_that_loses_power_says_nothing_and_forgets_its_connections() {
    run(&Config::new(), || async {
        let db = net::host("db").runs(holds);
        sleep(Duration::from_secs(1)).await;
        let mut stream = connected().await;
        db.crash();
        assert_eq!(read(&mut stream).await, None, "nobody tells of it");
        stream.write_all(b"a").await.unwrap();
        assert_eq!(read(&mut stream).await, None, "and what is sent is lost");
        let connecting = timeout(Duration::from_secs(60), TcpStream::connect("db:80")).await;
        assert!(connecting.is_err(), "nobody answers");
        db.restart();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(read(&mut stream).await, None);
        stream.write_all(b"a").await.unwrap();
        let reset = Some(Err(ErrorKind::ConnectionReset));
        assert_eq!(read(&mut stream).await, reset, "it does not know of it");
        connected().await;
    })
    .unwrap();
}

#[test]
fn a_host_whose_programs_are_killed_ends_its_connections_and_refuses_others() {
    run(&Config::new(), || async {
        let db = net::host("db").runs(holds);
        sleep(Duration::from_secs(1)).await;
        let mut stream = connected().await;
        sleep(Duration::from_secs(1)).await;
        db.kill();
        assert_eq!(read(&mut stream).await, Some(Ok(0)));
        let refused = TcpStream::connect("db:80").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        db.restart();
        sleep(Duration::from_secs(1)).await;
        connected().await;
    })
    .unwrap();
}

#[test]
fn a_listener_is_gone_with_its_host() {
    for way in WAYS {
        run(&Config::new(), move || async move {
            let db = net::host("db");
            db.spawn(holds());
            sleep(Duration::from_secs(1)).await;
            connected().await;
            way(db);
            // It runs nothing when it is started.
            db.restart();
            let refused = TcpStream::connect("db:80").await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        })
        .unwrap();
    }
}

#[test]
fn its_clock_begins_anew() {
    run(&Config::new(), || async {
        let db = net::host("db").runs(holds);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(db.up_since(), Some(deadheat::Instant::START));
        db.crash();
        sleep(Duration::from_secs(5)).await;
        assert_eq!(db.up_since(), None);
        db.restart();
        assert_eq!(db.up_since(), Some(now()));
    })
    .unwrap();
}

/// Does something as it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Writes once, as something does that cannot wait.
fn write_now(to: &mut (impl AsyncWrite + Unpin), text: &[u8]) {
    let mut cx = Context::from_waker(Waker::noop());
    let _ = Pin::new(to).poll_write(&mut cx, text);
}

#[test]
fn what_is_dropped_with_its_host_reaches_nobody_by_its_connection() {
    for way in WAYS {
        run(&Config::new(), move || async move {
            let dropped = Rc::new(Cell::new(false));
            let drops = Rc::clone(&dropped);
            let db = net::host("db");
            db.spawn(async move {
                let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
                let mut stream = listener.accept().await.unwrap().0;
                stream.write_all(b"up").await.unwrap();
                let _says = OnDrop(move || {
                    drops.set(true);
                    write_now(&mut stream, b"bye");
                });
                std::future::pending::<()>().await;
            });
            sleep(Duration::from_secs(1)).await;
            let mut stream = connected().await;
            assert_eq!(read(&mut stream).await, Some(Ok(2)));
            way(db);
            assert!(dropped.get());
            assert!(!matches!(read(&mut stream).await, Some(Ok(1..))));
        })
        .unwrap();
    }
}

#[test]
fn what_is_dropped_with_its_host_reaches_no_file() {
    for way in WAYS {
        for in_memory in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            run(&Config::new(), move || {
                let path = path.clone();
                async move {
                    let db = net::host("db");
                    if in_memory {
                        db.files_in_memory();
                    }
                    let of_db = path.clone();
                    db.spawn(async move {
                        let _ = tokio::fs::create_dir_all(of_db.parent().unwrap()).await;
                        let mut file = tokio::fs::File::create(&of_db).await.unwrap();
                        file.write_all(b"up").await.unwrap();
                        file.sync_all().await.unwrap();
                        for folder in of_db.ancestors().skip(1) {
                            let folder = tokio::fs::File::open(folder).await.unwrap();
                            folder.sync_all().await.unwrap();
                        }
                        let _says = OnDrop(move || write_now(&mut file, b"bye"));
                        std::future::pending::<()>().await;
                    });
                    sleep(Duration::from_secs(1)).await;
                    way(db);
                    db.restart();
                    let found = db.spawn(async move { tokio::fs::read(path).await });
                    assert_eq!(found.await.unwrap().unwrap(), b"up");
                }
            })
            .unwrap();
        }
    }
}

#[test]
fn what_is_spawned_by_a_task_that_is_dropped_goes_with_it() {
    run(&Config::new(), || async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let says = Rc::clone(&order);
        let db = net::host("db");
        db.spawn(async move {
            let _spawns = OnDrop(move || {
                let says = Rc::clone(&says);
                says.borrow_mut().push("dropped");
                deadheat::spawn(async move { says.borrow_mut().push("spawned") });
            });
            std::future::pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        db.crash();
        db.restart();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*order.borrow(), ["dropped"]);
    })
    .unwrap();
}

/// Spawns a task as it is dropped with its host, which does the same, and counts.
struct Again(Rc<Cell<u32>>);

impl Drop for Again {
    fn drop(&mut self) {
        if net::is_going_down() {
            self.0.set(self.0.get() + 1);
            let again = Again(Rc::clone(&self.0));
            deadheat::spawn(async move {
                let _again = again;
                std::future::pending::<()>().await;
            });
        }
    }
}

#[test]
fn tasks_that_spawn_tasks_as_they_are_dropped_without_end_meet_the_limit() {
    let limits = Limits {
        tasks: 1_000,
        ..Limits::default()
    };
    let failure = run(&Config::new().limits(limits), || async {
        let db = net::host("db");
        let count = Rc::new(Cell::new(0));
        let again = Again(Rc::clone(&count));
        db.spawn(async move {
            let _again = again;
            std::future::pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        db.crash();
        assert!(count.get() < 1_100, "{}", count.get());
        sleep(Duration::from_secs(1)).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("the limit on the tasks of a run"),
        "{report}"
    );
}

#[test]
fn what_is_on_its_way_arrives_after_its_sender_has_crashed() {
    run(&Config::new(), || async {
        let db = net::host("db");
        net::link("test", "db").latency(Duration::from_secs(1));
        db.spawn(async {
            let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
            let mut stream = listener.accept().await.unwrap().0;
            stream.write_all(b"up").await.unwrap();
            std::future::pending::<()>().await;
        });
        sleep(Duration::from_millis(1)).await;
        let mut stream = connected().await;
        // The server knows of the connection after another second, and answers at once.
        sleep(Duration::from_millis(1_100)).await;
        db.crash();
        assert_eq!(read(&mut stream).await, Some(Ok(2)));
    })
    .unwrap();
}

/// A host that counts how often it is started, and waits between.
fn counting(host: net::Host) -> Rc<Cell<u32>> {
    let starts = Rc::new(Cell::new(0));
    let counted = Rc::clone(&starts);
    host.runs(move || {
        counted.set(counted.get() + 1);
        async {
            for _ in 0..10 {
                sleep(Duration::from_secs(1)).await;
            }
        }
    });
    starts
}

#[test]
fn it_crashes_once_unless_more_is_said() {
    for (times, most) in [(1, 2), (2, 3), (3, 4)] {
        let program = move |limit: u32| {
            move || async move {
                let starts = counting(net::host("db").crashes_at_most(times));
                sleep(Duration::from_secs(600)).await;
                assert!(starts.get() <= limit, "started {} times", starts.get());
            }
        };
        check(&Config::new(), program(most)).unwrap();
        check(&Config::new(), program(most - 1)).unwrap_err();
    }
}

#[test]
fn it_crashes_early_and_late_in_a_long_life() {
    let crashes_between = |turns: std::ops::Range<u32>| {
        let program = move || {
            let turns = turns.clone();
            async move {
                let (starts, turn) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
                let (counted, turning) = (Rc::clone(&starts), Rc::clone(&turn));
                let main = move || {
                    counted.set(counted.get() + 1);
                    let turn = (counted.get() == 1).then(|| Rc::clone(&turning));
                    async move {
                        for number in 0..1_000 {
                            turn.iter().for_each(|turn| turn.set(number));
                            deadheat::yield_now().await;
                        }
                    }
                };
                net::host("db").may_crash().runs(main);
                sleep(Duration::from_secs(60)).await;
                assert!(
                    starts.get() == 1 || !turns.contains(&turn.get()),
                    "just then"
                );
            }
        };
        check(&Config::new(), program).unwrap_err();
    };
    crashes_between(0..2);
    crashes_between(100..200);
    crashes_between(900..1_000);
}

#[test]
fn it_crashes_also_as_something_reaches_it_that_it_never_sees() {
    let program = || async {
        let seen = Rc::new(Cell::new(0));
        let sees = Rc::clone(&seen);
        net::host("db").may_crash().runs(move || {
            let seen = Rc::clone(&sees);
            async move {
                let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
                loop {
                    let mut stream = listener.accept().await.unwrap().0;
                    seen.set(seen.get() + 1);
                    stream.write_all(b"up").await.unwrap();
                }
            }
        });
        // By then it is up again if it has crashed before.
        sleep(Duration::from_secs(5)).await;
        let mut stream = connected().await;
        let answered = matches!(read(&mut stream).await, Some(Ok(2)));
        assert!(answered || seen.get() > 0, "it never saw that");
    };
    check(&Config::new(), program).unwrap_err();
}

#[test]
fn a_run_in_which_a_host_crashes_is_the_same_each_time() {
    let program = || async {
        let db = net::host("db");
        let latency = Duration::ZERO..=Duration::from_millis(5);
        db.files_in_memory()
            .latency(latency)
            .may_fail()
            .may_write_less();
        db.crashes_at_most(2).runs(|| async {
            for name in ["/a", "/b", "/c"] {
                let _ = tokio::fs::write(name, name).await;
                let _ = tokio::fs::rename(name, "/d").await;
            }
        });
        sleep(Duration::from_secs(60)).await;
    };
    check(&Config::new().check_determinism(true), program).unwrap();
}

#[test]
fn a_crash_is_replayed_and_shrunk_and_stands_in_the_pictures() {
    let program = || async {
        let starts = counting(net::host("db").may_crash());
        sleep(Duration::from_secs(60)).await;
        assert_eq!(starts.get(), 1, "started twice");
    };
    let failure = check(&Config::new(), program).unwrap_err();
    assert_eq!(failure.run.token.tape.len(), 1);
    let token = failure.run.token.to_string();
    let again = deadheat::replay(&Config::new(), &token, program).unwrap_err();
    assert!(again.to_string().contains("started twice"));
    let whole = deadheat::picture::json(&failure);
    let page = deadheat::picture::html(&failure);
    for told in [failure.to_string(), whole, page] {
        let ways = ["host db is killed here", "host db loses power here"];
        assert!(ways.iter().any(|way| told.contains(way)), "{told}");
        assert!(told.contains("host db is started again"), "{told}");
    }
}

#[test]
fn none_crashes_that_is_not_to() {
    let checked = check(&Config::new(), || async {
        let starts = counting(net::host("db"));
        counting(net::host("other").may_crash());
        sleep(Duration::from_secs(60)).await;
        assert_eq!(starts.get(), 1);
    });
    checked.unwrap();
}

#[test]
fn the_host_of_the_test_does_not_crash() {
    let failure = run(&Config::new(), || async {
        net::Host::here().may_crash();
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("Host::may_crash is for other hosts than \"test\""),
        "{report}"
    );
}
