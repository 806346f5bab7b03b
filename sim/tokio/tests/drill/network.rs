//! Faults of the network: for each a program that only this fault breaks, and what the drill says of those that do not bite.

use std::time::Duration;

use deadheat::drill::drill;
use deadheat::net::{self, Fault, Link};
use deadheat::{Config, assert_faults_bite, check, spawn};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket, lookup_host};
use tokio::time::{sleep, timeout};

use super::{Boxed, boxed, drilled};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A program that is broken by the faults of `breaks`, for which `asks` asks.
pub(super) struct Planted {
    program: fn(Fault) -> Boxed,
    breaks: &'static [Fault],
}

impl Planted {
    pub(super) fn is_for(&self, fault: Fault) -> bool {
        self.breaks.contains(&fault)
    }
}

/// Asks for a fault of the network between the test and the host `db`.
fn ask(fault: Fault) {
    let link = || net::link("test", "db");
    let _: Link = match fault {
        Fault::Latency => link().latency(ms(1)..=ms(40)),
        Fault::Refuse => link().may_refuse(),
        Fault::Hang => link().may_hang(),
        Fault::Reset => link().may_reset(),
        Fault::Cut => link().may_cut(),
        Fault::CutOneWay => link().may_cut_one_way(),
        Fault::Stall => link().may_stall(ms(40)),
        Fault::Short => link().may_be_short(),
        Fault::Lose => link().may_lose(),
        Fault::Duplicate => link().may_duplicate(),
        Fault::Overtake => link().may_overtake(),
        Fault::Hold => {
            net::hold("test", "db");
            link()
        }
        Fault::NameLatency => {
            net::name("db").latency(ms(0)..=ms(40));
            link()
        }
        Fault::NameFail => {
            net::name("db").may_fail();
            link()
        }
        Fault::NameHang => {
            net::name("db").may_hang();
            link()
        }
        _ => panic!("{fault:?} has no program that it breaks: give it one here and in PLANTED"),
    };
}

/// A server that answers a number with itself, and stays when a connection breaks.
fn echo() {
    net::host("db").spawn(async {
        let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            spawn(async move {
                let mut number = [0; 4];
                while stream.read_exact(&mut number).await.is_ok() {
                    let _ = stream.write_all(&number).await;
                }
            });
        }
    });
}

async fn connected() -> std::io::Result<TcpStream> {
    TcpStream::connect((net::host("db").address(), 5432)).await
}

async fn asked(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"1234").await?;
    stream.read_exact(&mut [0; 4]).await.map(drop)
}

/// Takes an error for granted, and no more than a millisecond for a whole exchange.
fn in_time(fault: Fault) -> Boxed {
    boxed(async move {
        echo();
        sleep(ms(1)).await;
        let Ok(mut stream) = connected().await else {
            return;
        };
        ask(fault);
        let answer = timeout(ms(1), asked(&mut stream)).await;
        assert!(answer.is_ok(), "late");
    })
}

/// Takes its time, and no error for an answer.
fn without_an_error(fault: Fault) -> Boxed {
    boxed(async move {
        echo();
        sleep(ms(1)).await;
        let mut stream = connected().await.unwrap();
        ask(fault);
        if let Ok(answer) = timeout(Duration::from_secs(60), asked(&mut stream)).await {
            answer.unwrap();
        }
    })
}

/// Connects once, and gives it as long as it takes, or is refused.
fn never_refused(fault: Fault) -> Boxed {
    boxed(async move {
        echo();
        sleep(ms(1)).await;
        ask(fault);
        if let Err(error) = connected().await {
            assert_ne!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        }
    })
}

/// Is connected within a minute, or refused.
fn connected_soon(fault: Fault) -> Boxed {
    boxed(async move {
        echo();
        sleep(ms(1)).await;
        ask(fault);
        let connect = timeout(Duration::from_secs(60), connected());
        assert!(connect.await.is_ok(), "it hangs");
    })
}

/// Takes one read for a number.
fn whole_reads(fault: Fault) -> Boxed {
    boxed(async move {
        echo();
        sleep(ms(1)).await;
        let Ok(mut stream) = connected().await else {
            return;
        };
        ask(fault);
        let mut number = [0; 4];
        if stream.write_all(b"1234").await.is_ok()
            && let Ok(Ok(read)) = timeout(ms(200), stream.read(&mut number)).await
            && read > 0
        {
            assert_eq!(&number[..read], b"1234");
        }
    })
}

/// Sends so many datagrams, and gives those that come in the time that any of them takes.
async fn datagrams(fault: Fault, sent: &'static [u8]) -> Vec<u8> {
    let to = UdpSocket::bind("0.0.0.0:53").await.unwrap();
    let address = (net::Host::here().address(), 53);
    net::link("test", "db").latency(ms(1)..=ms(9));
    ask(fault);
    net::host("db").spawn(async move {
        let from = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        for byte in sent {
            from.send_to(&[*byte], address).await.unwrap();
        }
    });
    let (mut came, mut buffer) = (Vec::new(), [0; 8]);
    while let Ok(Ok((1, _))) = timeout(ms(50), to.recv_from(&mut buffer)).await {
        came.push(buffer[0]);
    }
    came
}

fn none_is_lost(fault: Fault) -> Boxed {
    boxed(async move {
        let came = datagrams(fault, b"1").await;
        assert!(!came.is_empty(), "lost");
    })
}

fn none_comes_twice(fault: Fault) -> Boxed {
    boxed(async move {
        let came = datagrams(fault, b"1").await;
        assert!(came.len() < 2, "twice");
    })
}

fn none_is_overtaken(fault: Fault) -> Boxed {
    boxed(async move {
        let came = datagrams(fault, b"12").await;
        assert!(came.is_sorted(), "overtaken: {came:?}");
    })
}

fn a_name_is_known(fault: Fault) -> Boxed {
    boxed(async move {
        net::host("db");
        ask(fault);
        if let Ok(found) = timeout(Duration::from_secs(9), lookup_host("db:80")).await {
            assert!(found.is_ok(), "not found");
        }
    })
}

fn a_name_is_found_at_once(fault: Fault) -> Boxed {
    boxed(async move {
        net::host("db");
        ask(fault);
        let found = timeout(ms(1), lookup_host("db:80")).await;
        assert!(found.is_ok(), "late");
    })
}

fn a_name_is_found_in_a_second(fault: Fault) -> Boxed {
    boxed(async move {
        net::host("db");
        ask(fault);
        let found = timeout(Duration::from_secs(1), lookup_host("db:80")).await;
        assert!(found.is_ok(), "it hangs");
    })
}

/// Each fault is in one of the lists. A program is held against all faults, and fails by those that it names alone.
pub(super) const PLANTED: [Planted; 11] = {
    use Fault::*;
    const fn planted(program: fn(Fault) -> Boxed, breaks: &'static [Fault]) -> Planted {
        Planted { program, breaks }
    }
    [
        planted(in_time, &[Latency, Cut, CutOneWay, Stall, Hold]),
        planted(without_an_error, &[Reset]),
        planted(never_refused, &[Refuse]),
        planted(connected_soon, &[Hang, Hold]),
        planted(whole_reads, &[Short, Reset, Cut, CutOneWay]),
        planted(none_is_lost, &[Lose, Hold]),
        planted(none_comes_twice, &[Duplicate]),
        planted(none_is_overtaken, &[Overtake]),
        planted(a_name_is_known, &[NameFail]),
        planted(a_name_is_found_at_once, &[NameLatency, NameHang]),
        planted(a_name_is_found_in_a_second, &[NameHang]),
    ]
};

#[test]
fn each_fault_breaks_the_programs_that_are_planted_for_it_and_no_others() {
    let is_ours = |fault: &Fault| PLANTED.iter().any(|planted| planted.is_for(*fault));
    for fault in Fault::ALL.into_iter().filter(is_ours) {
        for (place, planted) in PLANTED.iter().enumerate() {
            let program = planted.program;
            let checked = check(&Config::new().runs(400), move || program(fault));
            let is_meant = planted.is_for(fault);
            assert_eq!(
                checked.is_err(),
                is_meant,
                "{fault:?} and program {place}: {checked:?}"
            );
        }
    }
}

#[test]
fn each_fault_bites_where_it_breaks_a_program() {
    for planted in &PLANTED {
        for fault in planted.breaks {
            let program = planted.program;
            let drill = drill(&Config::new().runs(100), move || program(*fault));
            let bite = drill.bites.iter().find(|bite| bite.fault == *fault);
            assert!(bite.is_some_and(|bite| bite.bites), "{fault:?}: {drill}");
        }
    }
}

#[test]
fn a_link_to_a_name_that_is_misspelt_is_told() {
    let told = drilled(|| {
        boxed(async {
            echo();
            net::link("test", "bd").may_reset();
            sleep(ms(1)).await;
            asked(&mut connected().await.unwrap()).await.unwrap();
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_link_between_hosts_where_all_is_on_one_is_told() {
    let told = drilled(|| {
        boxed(async {
            net::link("client", "server").may_hang();
            let listener = TcpListener::bind("127.0.0.1:80").await.unwrap();
            TcpStream::connect("127.0.0.1:80").await.unwrap();
            drop(listener);
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_fault_that_is_asked_for_when_all_is_over_is_told() {
    let told = drilled(|| {
        boxed(async {
            echo();
            sleep(ms(1)).await;
            let mut stream = connected().await.unwrap();
            net::link("test", "db").may_refuse();
            asked(&mut stream).await.unwrap();
            net::cut("test", "db");
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_fault_that_nobody_feels_is_told() {
    let told = drilled(|| {
        boxed(async {
            net::link("test", "db").may_lose();
            let socket = UdpSocket::bind("0.0.0.0:0").await.unwrap();
            let nobody = (net::host("db").address(), 53);
            socket.send_to(b"hello?", nobody).await.unwrap();
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn what_bites_passes() {
    assert_faults_bite(&Config::new().runs(100), || without_an_error(Fault::Reset));
}

#[test]
#[should_panic(expected = "no fault was asked for in 10 runs")]
fn a_test_that_asks_for_nothing_has_nothing_to_drill() {
    assert_faults_bite(&Config::new().runs(10), || async { echo() });
}
