//! What may go wrong on the network of a run, and how long a system waits: as Linux has it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use deadheat::fault::Process;
use deadheat::search::Single;
use deadheat::{Config, Instant, Main, Watch, check, explore, net, run, spawn};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket, lookup_host};
use tokio::time::{sleep, timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn since_the_start() -> Duration {
    deadheat::now().saturating_duration_since(Instant::START)
}

/// A host that keeps what it is sent on each connection, and answers nothing.
fn sink() {
    net::host("db").spawn(async {
        let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
        while let Ok((mut stream, _)) = listener.accept().await {
            spawn(async move {
                let mut all = Vec::new();
                let _ = stream.read_to_end(&mut all).await;
            });
        }
    });
}

/// One that sends back what it is sent.
fn echo() {
    net::host("db").spawn(async {
        let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut read, mut write) = stream.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
}

async fn connected() -> TcpStream {
    sleep(ms(1)).await;
    TcpStream::connect("db:5432").await.unwrap()
}

/// Reads a message by one read, or by as many as it takes.
fn a_message(
    in_one_read: bool,
) -> impl Fn() -> futures::future::LocalBoxFuture<'static, ()> + Sync {
    move || {
        Box::pin(async move {
            echo();
            let mut stream = connected().await;
            net::link("test", "db").may_be_short();
            stream.write_all(b"hello").await.unwrap();
            let mut buffer = [0; 5];
            match in_one_read {
                true => {
                    let read = stream.read(&mut buffer).await.unwrap();
                    assert_eq!(&buffer[..read], b"hello");
                }
                false => {
                    stream.read_exact(&mut buffer).await.unwrap();
                    assert_eq!(&buffer, b"hello");
                }
            }
        })
    }
}

#[test]
fn a_read_that_is_no_message_is_found_and_one_to_the_end_passes() {
    let failure = check(&Config::new(), a_message(true)).unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("fault: the read gets"), "{report}");
    assert!(report.contains("net_faults.rs"), "with its place: {report}");
    assert_eq!(failure.run.token.tape.len(), 1, "{report}");
    check(&Config::new().runs(300), a_message(false)).unwrap();
}

#[test]
fn a_read_and_a_write_are_short_by_much_by_half_and_by_little() {
    let program = Main::new(|| async {
        echo();
        let mut stream = connected().await;
        net::link("test", "db").may_be_short();
        let written = stream.write(b"hello").await.unwrap();
        sleep(ms(1)).await;
        (written, stream.read(&mut [0; 8]).await.unwrap())
    });
    let found = explore(&program, &Config::new(), &Watch::default()).found;
    let outcomes = found.into_iter().filter_map(|found| found.outcome);
    let pairs: Vec<(usize, usize)> = outcomes.flatten().collect();
    let of = |written: usize| {
        let read = pairs.iter().filter(|pair| pair.0 == written);
        read.map(|pair| pair.1).collect::<BTreeSet<_>>()
    };
    assert_eq!(of(1), [1].into());
    assert_eq!(of(5), [1, 2, 4, 5].into());
    assert!(!of(2).is_empty() && !of(4).is_empty(), "{pairs:?}");
}

#[test]
fn a_write_that_is_not_looked_at_is_found() {
    let failure = check(&Config::new(), || async {
        net::host("db").spawn(async {
            let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut all = String::new();
            stream.read_to_string(&mut all).await.unwrap();
            assert_eq!(all, "hello");
        });
        let mut stream = connected().await;
        net::link("test", "db").may_be_short();
        #[expect(clippy::unused_io_amount, reason = "that is the mistake")]
        stream.write(b"hello").await.unwrap();
        drop(stream);
        sleep(ms(1)).await;
    })
    .unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("fault: the write takes"), "{report}");
}

#[test]
fn a_name_may_not_be_found_or_late() {
    let program = |limit: Duration| {
        move || async move {
            sink();
            net::name("db.internal")
                .stands_for("db")
                .latency(ms(1)..=secs(3))
                .may_fail();
            sleep(ms(1)).await;
            let found = timeout(limit, lookup_host("db.internal:5432")).await;
            let found = found.expect("in time").expect("a name");
            assert_eq!(found.map(|address| address.port()).next(), Some(5432));
        }
    };
    let late = check(&Config::new(), program(secs(2)))
        .unwrap_err()
        .to_string();
    assert!(
        late.contains("in time") || late.contains("is not found"),
        "{late}"
    );
    let failure = check(&Config::new(), program(secs(4))).unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("fault: the name is not found"), "{report}");
    assert!(report.contains("Name or service not known"), "{report}");
    assert!(report.contains("net_faults.rs"), "with its place: {report}");
}

#[test]
fn a_name_that_hangs_is_given_up_after_ten_seconds() {
    let failure = check(&Config::new(), || async {
        net::host("db");
        net::name("db").may_hang();
        let connect = TcpStream::connect("db:5432").await;
        let error = connect.unwrap_err();
        assert_ne!(since_the_start(), secs(10), "{error}");
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("Temporary failure in name resolution"),
        "{report}"
    );
}

#[test]
fn a_name_moves_to_another_host() {
    let run = run(&Config::new(), || async {
        let (first, second) = (net::host("db-1"), net::host("db-2"));
        let found = async || net::resolve("db").await.unwrap()[0];
        net::name("db").stands_for("db-1");
        assert_eq!(found().await, first.address());
        net::name("db").stands_for("db-2");
        assert_eq!(found().await, second.address());
    });
    run.unwrap();
}

#[test]
fn a_connect_on_a_link_that_is_cut_is_given_up_after_two_minutes() {
    let gives_up = |cut: fn()| {
        let run = run(&Config::new(), move || async move {
            sink();
            sleep(ms(1)).await;
            cut();
            // By its name, each of its two addresses would be tried.
            let address = (net::host("db").address(), 5432);
            let error = TcpStream::connect(address).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(since_the_start(), secs(127) + ms(1));
        });
        run.unwrap();
    };
    gives_up(|| net::cut("test", "db"));
    gives_up(|| net::cut_one_way("test", "db"));
    gives_up(|| net::cut_one_way("db", "test"));
    gives_up(|| net::hold("test", "db"));
}

#[test]
fn a_connect_on_a_link_that_is_healed_in_time_is_not_given_up() {
    let run = run(&Config::new(), || async {
        echo();
        sleep(ms(1)).await;
        net::cut("test", "db");
        spawn(async {
            sleep(secs(20)).await;
            net::heal("test", "db");
        });
        let mut stream = TcpStream::connect("db:5432").await.unwrap();
        assert_eq!(since_the_start(), secs(20) + ms(1));
        sleep(secs(200)).await;
        stream.write_all(b"hello").await.unwrap();
        stream.read_exact(&mut [0; 5]).await.unwrap();
    });
    run.unwrap();
}

#[test]
fn what_is_sent_over_a_link_that_is_cut_times_out_after_a_quarter_of_an_hour() {
    let times_out = |cut: fn()| {
        let run = run(&Config::new(), move || async move {
            sink();
            let mut stream = connected().await;
            cut();
            stream.write_all(b"hello").await.unwrap();
            let error = stream.read(&mut [0; 8]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(since_the_start(), Duration::from_millis(924_601));
        });
        run.unwrap();
    };
    times_out(|| net::cut("test", "db"));
    times_out(|| net::cut_one_way("test", "db"));
    // It arrives, and nobody hears that.
    times_out(|| net::cut_one_way("db", "test"));
    times_out(|| net::hold("test", "db"));
}

#[test]
fn who_sends_nothing_waits_as_long_as_a_link_is_cut() {
    let run = run(&Config::new(), || async {
        sink();
        let mut stream = connected().await;
        net::cut("test", "db");
        let read = timeout(secs(7_200), stream.read(&mut [0; 8])).await;
        assert!(read.is_err());
        net::heal("test", "db");
        stream.write_all(b"hello").await.unwrap();
    });
    run.unwrap();
}

#[test]
fn a_link_that_is_cut_in_one_direction_lets_through_the_other() {
    let run = run(&Config::new(), || async {
        let to = UdpSocket::bind("0.0.0.0:53").await.unwrap();
        net::host("db").spawn(async {
            let from = UdpSocket::bind("0.0.0.0:0").await.unwrap();
            from.send_to(b"heard", "test:53").await.unwrap();
        });
        net::cut_one_way("test", "db");
        let mut buffer = [0; 8];
        let (_, from) = to.recv_from(&mut buffer).await.unwrap();
        to.send_to(b"lost", from).await.unwrap();
    });
    run.unwrap();
}

#[test]
fn what_is_held_is_kept_with_what_is_on_its_way_until_it_is_released() {
    let run = run(&Config::new(), || async {
        net::link("test", "db").latency(ms(10));
        let to = UdpSocket::bind("0.0.0.0:53").await.unwrap();
        net::host("db").spawn(async {
            let from = UdpSocket::bind("0.0.0.0:0").await.unwrap();
            from.send_to(b"first", "test:53").await.unwrap();
            sleep(ms(6)).await;
            from.send_to(b"second", "test:53").await.unwrap();
        });
        sleep(ms(5)).await;
        net::hold("test", "db");
        let mut buffer = [0; 8];
        assert!(timeout(ms(95), to.recv_from(&mut buffer)).await.is_err());
        net::release("test", "db");
        for expected in [&b"first"[..], b"second"] {
            let (count, _) = to.recv_from(&mut buffer).await.unwrap();
            assert_eq!((&buffer[..count], since_the_start()), (expected, ms(100)));
        }
    });
    run.unwrap();
}

#[test]
fn a_connect_to_a_full_backlog_is_tried_again_until_it_is_given_up() {
    let run = run(&Config::new(), || async {
        let listener =
            net::Socket::open(|net, host| net.tcp_listen(host, "0.0.0.0:80".parse().unwrap(), 1));
        let _listener = listener.unwrap();
        let mut connected = Vec::new();
        let error = loop {
            match TcpStream::connect("127.0.0.1:80").await {
                Ok(stream) => connected.push(stream),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(since_the_start(), secs(127));
    });
    run.unwrap();
}

#[test]
fn a_reset_in_the_middle_of_a_message_leaves_its_first_half() {
    let failure = check(&Config::new(), || async {
        net::host("db").spawn(async {
            let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 8];
            if let Ok(read) = stream.read(&mut buffer).await {
                assert_eq!(&buffer[..read], b"12345678", "a number in halves");
            }
        });
        let mut stream = connected().await;
        net::link("test", "db").may_reset();
        let _ = stream.write_all(b"12345678").await;
        sleep(ms(1)).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("is reset halfway through this"), "{report}");
}

#[test]
fn a_stall_ends_and_loses_nothing() {
    let program = |limit: Duration| {
        move || async move {
            echo();
            let mut stream = connected().await;
            net::link("test", "db").may_stall(secs(5));
            stream.write_all(b"hello").await.unwrap();
            let read = timeout(limit, stream.read_exact(&mut [0; 5])).await;
            read.expect("in time").unwrap();
        }
    };
    let failure = check(&Config::new(), program(secs(4))).unwrap_err();
    assert!(
        failure.to_string().contains("the connection stalls here"),
        "{failure}"
    );
    check(&Config::new().runs(300), program(secs(11))).unwrap();
}

#[test]
fn a_process_that_stalls_is_on_the_host_that_spawns_it() {
    let failure = check(&Config::new(), || async {
        net::host("db").spawn(async {
            let process = Process::new().may_stall(secs(5));
            let serves = process.spawn(async {
                assert_eq!(net::Host::here().name(), "db");
                let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.write_all(b"hello").await;
            });
            serves.await.unwrap();
        });
        sleep(secs(6)).await;
        let mut stream = TcpStream::connect("db:5432").await.unwrap();
        let read = timeout(secs(1), stream.read_exact(&mut [0; 5])).await;
        assert!(read.is_ok(), "it stalls");
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("it stalls"), "{report}");
}

#[test]
fn what_is_on_its_way_does_not_come_through_a_link_that_is_cut() {
    let run = run(&Config::new(), || async {
        echo();
        let mut stream = connected().await;
        net::link("test", "db").latency(ms(10));
        let to = UdpSocket::bind("0.0.0.0:53").await.unwrap();
        let address = (net::Host::here().address(), 53);
        net::host("db").spawn(async move {
            let from = UdpSocket::bind("0.0.0.0:0").await.unwrap();
            from.send_to(b"lost", address).await.unwrap();
            sleep(ms(200)).await;
            from.send_to(b"after", address).await.unwrap();
        });
        stream.write_all(b"hello").await.unwrap();
        sleep(ms(5)).await;
        net::cut("test", "db");
        let mut buffer = [0; 5];
        assert!(
            timeout(ms(94), stream.read_exact(&mut buffer))
                .await
                .is_err()
        );
        net::release("test", "db"); // it was not held
        assert!(
            timeout(ms(20), stream.read_exact(&mut buffer))
                .await
                .is_err()
        );
        net::heal("test", "db");
        stream.read_exact(&mut buffer).await.unwrap();
        assert_eq!(since_the_start(), ms(1 + 5 + 94 + 20 + 10));
        assert_eq!(to.recv(&mut buffer).await.unwrap(), 5);
        assert_eq!(&buffer, b"after");
    });
    run.unwrap();
}

/// What happens to the host `db`, as power fails and comes back.
fn power(socket: &net::Socket, is_on: bool) {
    let switched = socket.call(|net, _| {
        let host = net.host("db");
        match is_on {
            true => net.start(host),
            false => net.crash(host, net::kernel::Crash::Silent),
        }
        Ok(())
    });
    switched.unwrap();
}

fn any_socket() -> net::Socket {
    let any = "127.0.0.1:0".parse().unwrap();
    net::Socket::open(|net, host| net.udp_bind(host, any)).unwrap()
}

#[test]
fn a_connect_to_a_host_that_comes_back_is_answered_when_it_is_tried_again() {
    let run = run(&Config::new(), || async {
        let (switch, address) = (any_socket(), (net::host("db").address(), 80));
        power(&switch, false);
        let connect = spawn(TcpStream::connect(address));
        sleep(secs(10)).await;
        power(&switch, true);
        let error = connect.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(since_the_start(), secs(1 + 2 + 4 + 8));
    });
    run.unwrap();
}

#[test]
fn what_is_sent_to_a_host_that_is_down_times_out_or_is_reset_when_it_is_back() {
    let ends = |back_after: Duration| {
        let program = Main::new(move || async move {
            sink();
            let mut stream = connected().await;
            let switch = any_socket();
            power(&switch, false);
            stream.write_all(b"hello").await.unwrap();
            spawn(async move {
                sleep(back_after).await;
                power(&switch, true);
                std::future::pending::<()>().await;
            });
            let error = stream.read(&mut [0; 8]).await.unwrap_err();
            (error.kind(), since_the_start() - ms(1))
        });
        let (_, outcome) = Single::of(&program, &Config::new()).fifo();
        outcome.flatten().unwrap()
    };
    assert_eq!(ends(secs(60)), (ErrorKind::ConnectionReset, ms(102_200)));
    assert_eq!(ends(secs(2_000)), (ErrorKind::TimedOut, ms(924_600)));
}
