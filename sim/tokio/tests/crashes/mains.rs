//! Programs whose `main` waits in a plain function, on hosts that crash.

use deadheat::{Config, check, net, run};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, sleep, timeout};

/// What is said of a program in which a host crashes or may crash, and a task blocks there.
fn refused(program: fn(net::Host)) -> String {
    let failure = run(&Config::new(), move || async move {
        program(net::host("db"));
        sleep(Duration::from_secs(1)).await;
        net::host("db").crash();
    });
    failure.unwrap_err().to_string()
}

fn blocks() {
    deadheat::block_on(sleep(Duration::from_secs(9)));
}

/// As a program has it.
#[tokio::main(flavor = "current_thread", crate = "tokio")]
async fn listens() -> std::io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move { stream.write_all(b"hello").await });
    }
}

#[test]
fn a_task_that_blocks_cannot_be_dropped_and_that_is_said_as_it_is_asked_for() {
    let programs: [fn(net::Host); 4] = [
        |db| {
            db.spawn(async { blocks() });
        },
        |db| {
            db.may_crash().runs(|| async { blocks() });
        },
        |db| {
            db.runs(|| async { blocks() });
            deadheat::spawn(async move { db.crash() });
        },
        |db| {
            db.runs(|| async { blocks() });
            deadheat::spawn(async move {
                sleep(Duration::from_millis(1)).await;
                db.may_crash();
            });
        },
    ];
    for (place, program) in programs.into_iter().enumerate() {
        let report = refused(program);
        let told = "host db may crash, and ";
        assert!(report.contains(told), "program {place}: {report}");
        assert!(report.contains("host.runs_main(main)"));
        assert!(report.contains("mains.rs"), "with its place: {report}");
    }
}

#[test]
fn a_main_as_it_stands_runs_on_a_host_crashes_and_begins_anew() {
    let program = || async {
        net::host("db").crashes_at_most(3).runs_main(listens);
        for _ in 0..5 {
            sleep(Duration::from_secs(3)).await;
            let mut text = String::new();
            let connect = timeout(Duration::from_secs(1), TcpStream::connect("db:80"));
            // It may go down just then.
            if let Ok(Ok(mut stream)) = connect.await
                && let Ok(Ok(_)) =
                    timeout(Duration::from_secs(1), stream.read_to_string(&mut text)).await
            {
                deadheat::sometimes(text == "hello", "it answers");
            }
        }
    };
    check(&Config::new().runs(300), program).unwrap();
    run(&Config::new(), || async {
        let db = net::host("db").may_crash().runs_main(listens);
        let text = || async {
            sleep(Duration::from_secs(1)).await;
            let mut text = String::new();
            TcpStream::connect("db:80")
                .await
                .unwrap()
                .read_to_string(&mut text)
                .await
                .unwrap();
            text
        };
        assert_eq!(text().await, "hello");
        db.restart();
        assert_eq!(text().await, "hello");
        assert_ne!(db.up_since(), Some(deadheat::Instant::START));
    })
    .unwrap();
}

#[test]
fn what_is_no_such_main_is_refused() {
    let failure = run(&Config::new(), || async {
        net::host("db").runs_main(|| ());
        sleep(Duration::from_secs(1)).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("Host::runs_main takes a `main` with `#[tokio::main]`"),
        "{report}"
    );
}
