//! TCP in a run: connections, their ends, and what goes wrong on the way.

use std::io::ErrorKind;
use std::time::Duration;

use deadheat::{Config, check, net, run};
use deadheat_tokio as tokio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Answers each line with itself.
async fn echo(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if write
                    .write_all(format!("{line}\n").as_bytes())
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
    }
}

async fn served() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(echo(listener));
    address
}

async fn asked(stream: TcpStream, line: &str) -> std::io::Result<String> {
    let mut stream = BufReader::new(stream);
    stream
        .get_mut()
        .write_all(format!("{line}\n").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.read_line(&mut answer).await?;
    Ok(answer)
}

#[test]
fn a_line_comes_back_in_every_order() {
    let checked = check(&Config::new().runs(300), || async {
        let address = served().await;
        let clients = ["a", "b", "c"].map(|line| {
            tokio::spawn(async move { asked(TcpStream::connect(address).await?, line).await })
        });
        for (client, line) in clients.into_iter().zip(["a\n", "b\n", "c\n"]) {
            assert_eq!(client.await.unwrap().unwrap(), line);
        }
        assert_eq!(deadheat::now(), deadheat::Instant::START, "no time passes");
    });
    checked.unwrap();
}

#[test]
fn nobody_listens_is_refused_and_an_address_is_taken_once() {
    let run = run(&Config::new(), || async {
        let refused = TcpStream::connect("127.0.0.1:9").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let first = TcpListener::bind("127.0.0.1:80").await.unwrap();
        let second = TcpListener::bind("127.0.0.1:80").await.unwrap_err();
        assert_eq!(second.kind(), ErrorKind::AddrInUse);
        drop(first);
        TcpListener::bind("127.0.0.1:80").await.unwrap();
    });
    run.unwrap();
}

#[test]
fn a_writer_without_room_waits_until_it_is_read() {
    let run = run(&Config::new(), || async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut writer = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut reader, _) = listener.accept().await.unwrap();
        let sent = tokio::spawn(async move {
            writer.write_all(&vec![7; 1 << 20]).await.unwrap();
            deadheat::now()
        });
        tokio::time::sleep(ms(5)).await;
        assert!(!sent.is_finished(), "there is no room for a mebibyte");
        let mut all = Vec::new();
        reader.read_to_end(&mut all).await.unwrap();
        assert_eq!(
            (all.len(), sent.await.unwrap()),
            (1 << 20, deadheat::Instant::START + ms(5))
        );
    });
    run.unwrap();
}

/// A client that gives its connect no deadline.
async fn without_a_deadline() {
    net::host("db").spawn(async {
        echo(TcpListener::bind("0.0.0.0:5432").await.unwrap()).await;
    });
    net::link("test", "db").may_hang();
    tokio::time::sleep(ms(1)).await;
    let connect = TcpStream::connect("db:5432");
    assert!(
        timeout(Duration::from_secs(60), connect).await.is_ok(),
        "it hangs"
    );
}

/// One that tries again.
async fn with_a_deadline() {
    net::host("db").spawn(async {
        echo(TcpListener::bind("0.0.0.0:5432").await.unwrap()).await;
    });
    net::link("test", "db").may_hang();
    tokio::time::sleep(ms(1)).await;
    for _ in 0..5 {
        if let Ok(Ok(stream)) = timeout(Duration::from_secs(1), TcpStream::connect("db:5432")).await
        {
            assert_eq!(asked(stream, "now").await.unwrap(), "now\n");
            return;
        }
    }
}

#[test]
fn a_connect_that_hangs_is_found_and_one_that_is_tried_again_passes() {
    let failure = check(&Config::new(), without_a_deadline).unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("the connect hangs"), "{report}");
    check(&Config::new(), with_a_deadline).unwrap();
}

#[test]
fn a_connect_that_nobody_answers_is_given_up_after_two_minutes() {
    let run = run(&Config::new(), || async {
        let error = TcpStream::connect("10.9.9.9:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(
            deadheat::now(),
            deadheat::Instant::START + Duration::from_secs(127)
        );
    });
    run.unwrap();
}

#[test]
fn a_link_takes_its_time_in_each_direction() {
    let run = run(&Config::new(), || async {
        net::host("db").spawn(async {
            echo(TcpListener::bind("0.0.0.0:5432").await.unwrap()).await;
        });
        net::link("test", "db").latency(ms(10));
        tokio::time::sleep(ms(1)).await;
        let stream = TcpStream::connect("db:5432").await.unwrap();
        assert_eq!(
            deadheat::now(),
            deadheat::Instant::START + ms(21),
            "there and back"
        );
        assert_eq!(asked(stream, "now").await.unwrap(), "now\n");
        assert_eq!(deadheat::now(), deadheat::Instant::START + ms(41));
    });
    run.unwrap();
}

#[test]
fn a_cut_link_holds_what_is_sent_until_it_is_healed() {
    let run = run(&Config::new(), || async {
        net::host("db").spawn(async {
            echo(TcpListener::bind("0.0.0.0:5432").await.unwrap()).await;
        });
        tokio::time::sleep(ms(1)).await;
        let stream = TcpStream::connect("db:5432").await.unwrap();
        net::cut("test", "db");
        let asked = tokio::spawn(asked(stream, "now"));
        tokio::time::sleep(ms(500)).await;
        assert!(!asked.is_finished());
        net::heal("test", "db");
        assert_eq!(asked.await.unwrap().unwrap(), "now\n");
    });
    run.unwrap();
}

#[test]
fn a_reset_in_the_middle_is_found() {
    let program = |ends_well: bool| {
        move || async move {
            let address = served().await;
            net::link("test", "test").may_reset();
            let Ok(stream) = TcpStream::connect(address).await else {
                return;
            };
            let answer = asked(stream, "now").await;
            assert!(ends_well || answer.is_ok(), "{answer:?}");
        }
    };
    let failure = check(&Config::new(), program(false)).unwrap_err();
    assert!(
        failure.to_string().contains("the connection is reset here"),
        "{failure}"
    );
    check(&Config::new(), program(true)).unwrap();
}

#[test]
fn a_socket_of_a_run_is_none_of_the_system() {
    let run = run(&Config::new(), || async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = listener.into_std().unwrap_err();
        assert!(
            error
                .to_string()
                .contains("bind and connect it by tokio::net"),
            "{error}"
        );
    });
    run.unwrap();
}
