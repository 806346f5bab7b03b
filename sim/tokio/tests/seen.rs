//! What programs do at sockets and files is seen in reports: in the words of the program, at its lines.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat::record::{EventKind, Origin};
use deadheat::{Config, Failure, check, net, run};
use deadheat_tokio as tokio;
use tokio::fs;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};

/// A report, without what it says of paths that are not the program's.
fn reported(failure: &Failure) -> String {
    let report = failure.to_string();
    assert_no_own_lines(&report);
    report
}

/// No place in a report is a line of deadheat's own sources.
fn assert_no_own_lines(report: &str) {
    let own = |word: &str| {
        let word = word.trim_matches(['(', ')']);
        word.contains(".rs:")
            && ["sim/", "timeout/"].iter().any(|of| word.contains(of))
            && word.contains("/src/")
    };
    let found: Vec<_> = report.split_whitespace().filter(|word| own(word)).collect();
    assert!(found.is_empty(), "{found:?} in\n{report}");
}

/// Takes a lock over TCP: `LOCK` is answered by `OK` or `BUSY`, `FREE` by nothing.
async fn serve_locks(is_held: Arc<Mutex<bool>>) {
    let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let is_held = Arc::clone(&is_held);
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).await.unwrap() > 0 {
                let was_held = *is_held.lock().unwrap();
                // The bug: another one may have it by now.
                tokio::task::yield_now().await;
                let answer = if was_held { "BUSY\n" } else { "OK\n" };
                *is_held.lock().unwrap() = true;
                stream.write_all(answer.as_bytes()).await.unwrap();
                line.clear();
            }
        });
    }
}

async fn lock() -> bool {
    let stream = TcpStream::connect("locks:80").await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"LOCK a\n").await.unwrap();
    let mut answer = String::new();
    stream.read_line(&mut answer).await.unwrap();
    answer == "OK\n"
}

#[test]
fn a_lock_that_two_have_is_reported_with_what_they_wrote_and_read() {
    let failure = check(&Config::new(), || async {
        net::host("locks").spawn(serve_locks(Arc::default()));
        sleep(Duration::from_millis(1)).await;
        let other = tokio::spawn(lock());
        let own = lock().await;
        assert!(!(own && other.await.unwrap()), "two have the lock");
    });
    insta::assert_snapshot!(reported(&failure.unwrap_err()));
}

/// Counts payments, and confirms each.
async fn bank(paid: Arc<Mutex<u32>>) {
    let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut order = [0; 64];
        let count = stream.read(&mut order).await.unwrap();
        *paid.lock().unwrap() += u32::from(order[..count].starts_with(b"pay"));
        let _ = stream.write_all(b"done\n").await;
    }
}

async fn pay() -> std::io::Result<()> {
    let mut stream = TcpStream::connect("bank:80").await?;
    stream.write_all(b"pay 5\n").await?;
    let mut answer = [0; 64];
    stream.read(&mut answer).await.map(drop)
}

#[test]
fn a_payment_that_is_made_twice_is_reported_with_the_packets_that_were_late() {
    let failure = check(&Config::new(), || async {
        let paid = Arc::<Mutex<u32>>::default();
        net::host("bank").spawn(bank(Arc::clone(&paid)));
        net::link("test", "bank").latency(Duration::from_millis(1)..=Duration::from_millis(40));
        sleep(Duration::from_millis(1)).await;
        let in_time = timeout(Duration::from_millis(100), pay()).await;
        if in_time.is_err() {
            pay().await.unwrap();
        }
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*paid.lock().unwrap(), 1, "it was paid once");
    });
    insta::assert_snapshot!(reported(&failure.unwrap_err()));
}

#[test]
fn a_host_that_is_not_there_is_named() {
    let place = format!("tests/seen.rs:{}", line!() + 2);
    let failure = check(&Config::new(), || async {
        assert!(TcpStream::connect("bnk:80").await.is_ok());
    });
    let report = reported(&failure.unwrap_err());
    let line = report
        .lines()
        .find(|line| line.contains("connects to bnk:80"));
    let line = line.unwrap_or_else(|| panic!("{report}"));
    assert!(
        line.contains("main connects to bnk:80: name not found"),
        "{line}"
    );
    assert!(line.ends_with(&place), "{line}");
}

/// What is told of sockets and files in a run with a trace, with its lines.
fn told<F: Future<Output = ()> + 'static>(
    program: impl Fn() -> F + Send + Sync + 'static,
) -> Vec<(String, Option<Origin>)> {
    let run = run(&Config::new().trace(true), program).unwrap();
    let events = run.trace().events.iter();
    let of_words = events.filter_map(|event| match &event.what {
        EventKind::Socket(words) | EventKind::File(words) | EventKind::Packet(words) => {
            Some((words.clone(), event.origin.clone()))
        }
        _ => None,
    });
    of_words.collect()
}

#[test]
fn files_are_told_with_the_lines_that_use_them() {
    let line = line!() + 3;
    let told = told(|| async {
        net::Host::here().files_in_memory();
        fs::write("/a", "text").await.unwrap();
        fs::File::open("/a")
            .await
            .unwrap()
            .sync_all()
            .await
            .unwrap();
        fs::rename("/a", "/b").await.unwrap();
        fs::remove_file("/b").await.unwrap();
    });
    let with_lines = told
        .into_iter()
        .map(|(words, origin)| (words, origin.unwrap().at.line));
    let told: Vec<_> = with_lines.collect();
    let expected = [
        ("opens /a", line),
        ("writes 4 bytes to /a, at 0", line),
        ("opens /a", line + 2),
        ("syncs /a", line + 5),
        ("renames /a to /b", line + 7),
        ("removes /b", line + 8),
    ];
    assert_eq!(told, expected.map(|(words, line)| (words.to_owned(), line)));
}

#[test]
fn datagrams_are_told_and_that_they_are_lost() {
    let told = told(|| async {
        let server = UdpSocket::bind("127.0.0.1:53").await.unwrap();
        let client = UdpSocket::bind("127.0.0.1:1000").await.unwrap();
        client.send_to(b"who", "127.0.0.1:53").await.unwrap();
        let (count, _) = server.recv_from(&mut [0; 8]).await.unwrap();
        net::cut("test", "test");
        client.send_to(&[0; 3], "127.0.0.1:53").await.unwrap();
        assert_eq!(count, 3);
    });
    let told: Vec<_> = told.into_iter().map(|(words, _)| words).collect();
    let expected = [
        "receives on test:53 from now on",
        "receives on test:1000 from now on",
        "sends the datagram \"who\" to test:53",
        "receives the datagram \"who\" from test:1000",
        "sends the datagram 3 bytes to test:53",
        "the datagram 3 bytes from test:1000 to test:53 is lost: the link is cut",
    ];
    assert_eq!(told[..6], expected);
}

#[test]
fn what_is_told_is_no_part_of_the_fingerprint() {
    let program = || async {
        net::host("bank").spawn(bank(Arc::default()));
        net::link("test", "bank").latency(Duration::from_millis(4));
        sleep(Duration::from_millis(1)).await;
        pay().await.unwrap();
    };
    let with = run(&Config::new().trace(true), program).unwrap();
    let without = run(&Config::new(), program).unwrap();
    assert_eq!(with.fingerprint, without.fingerprint);
}

#[test]
fn the_line_of_a_crash_is_the_programs() {
    let failure = check(&Config::new(), || async {
        let db = net::host("db");
        db.files_in_memory();
        db.runs(|| async {
            let mut file = fs::File::create("/log").await.unwrap();
            file.write_all(b"entry").await.unwrap();
            file.sync_all().await.unwrap();
            std::future::pending::<()>().await;
        });
        db.may_crash();
        sleep(Duration::from_secs(1)).await;
        assert!(
            db.up_since() == Some(deadheat::Instant::START),
            "it has crashed"
        );
    });
    let report = reported(&failure.unwrap_err());
    let mut lines = report.lines();
    let crash = lines.find(|line| line.contains("▸") && line.contains("fault: host db"));
    assert!(crash.unwrap().contains("tests/seen.rs:"), "{report}");
}
