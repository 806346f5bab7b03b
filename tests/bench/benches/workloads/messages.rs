//! Messages to and fro between two tasks: a turn for each.

use super::rt;

/// So many messages, half of them each way.
pub async fn messages(number: u64) {
    let rounds = number / 2;
    let (ping, mut pings) = rt::channel::<u64>(1);
    let (pong, mut pongs) = rt::channel::<u64>(1);
    let first = rt::spawn(async move {
        let mut sum = 0;
        for round in 0..rounds {
            ping.send(round).await.expect("somebody listens");
            sum += pongs.recv().await.expect("an answer");
        }
        sum
    });
    let second = rt::spawn(async move {
        let mut answered = 0;
        while let Some(round) = pings.recv().await {
            pong.send(2 * round).await.expect("somebody listens");
            answered += 1;
        }
        answered
    });
    let sum = first.await.expect("the first one ends");
    assert_eq!(sum, rounds * (rounds - 1), "every message was answered");
    let answered = second.await.expect("the second one ends");
    assert_eq!(answered, rounds, "once");
}
