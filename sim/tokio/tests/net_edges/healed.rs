//! A link that is healed, or released, is open in both directions at once.

use deadheat::{Config, net, run, spawn};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::ms;

/// How often it is begun to wait for a quarter of an hour, where both ends write while their link is closed.
fn waits_in_vain(close: fn(&str, &str), open: fn(&str, &str)) -> usize {
    let run = run(&Config::new().trace(true), move || async move {
        net::host("db").spawn(async {
            let listener = TcpListener::bind("0.0.0.0:5432").await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            sleep(ms(20)).await;
            stream.write_all(b"hello").await.unwrap();
            stream.read_exact(&mut [0; 5]).await.unwrap();
        });
        net::link("test", "db").latency(ms(1));
        sleep(ms(1)).await;
        let mut stream = TcpStream::connect("db:5432").await.unwrap();
        sleep(ms(5)).await;
        close("test", "db");
        spawn(async move {
            sleep(ms(30)).await;
            open("test", "db");
        });
        sleep(ms(20)).await;
        stream.write_all(b"hello").await.unwrap();
        stream.read_exact(&mut [0; 5]).await.unwrap();
    });
    let text = run.unwrap().trace().to_string();
    let arms = text.lines().filter(|line| line.contains(" arm #"));
    let is_long = |line: &&str| line.contains("deadline=924") || line.contains("deadline=15");
    arms.filter(is_long).count()
}

#[test]
fn of_two_that_wrote_while_it_was_cut_each_has_waited_once() {
    assert_eq!(waits_in_vain(net::cut, net::heal), 2);
}

#[test]
fn of_two_that_wrote_while_it_was_held_each_has_waited_once_for_each_direction() {
    assert_eq!(waits_in_vain(net::hold, net::release), 4);
}
