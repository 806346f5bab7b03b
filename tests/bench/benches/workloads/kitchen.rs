//! A small run: a shop that sends orders, a kitchen that waits for each under two nested timeouts, and a closing time
//! that cancels the shop.
//!
//! Orders are sent at multiples of 20 ms, the kitchen's deadlines are off them by less than that, and the shop closes
//! at 15 ms past one. So no two of them meet, and the outcome is the same in every order of the tasks.

use super::rt;

/// How long the shop waits before each order.
const PAUSES: [u64; 8] = [20, 60, 40, 20, 80, 20, 60, 40];
/// How long the kitchen waits for an order by its inner timeout, and by its outer one.
const PATIENCE: [(u64, u64); 4] = [(41, 101), (61, 21), (21, 81), (121, 61)];
const CLOSING: u64 = 255;

/// What the run comes to where everything is on time.
pub const EXPECTED: u64 = 4_798_646_530_163_079_076;

/// What became of one wait, and when, folded into a number.
fn folded(so_far: u64, what: u64, at: u64) -> u64 {
    (so_far.rotate_left(7) ^ what).wrapping_mul(0x0100_0000_01b3) ^ at
}

/// The whole run; what it came to.
pub async fn run() -> u64 {
    let begin = rt::now();
    let (orders, mut inbox) = rt::channel::<u64>(4);
    let shop = rt::spawn(async move {
        for (order, pause) in PAUSES.into_iter().enumerate() {
            rt::sleep(pause).await;
            if orders.send(order as u64).await.is_err() {
                return order;
            }
        }
        PAUSES.len()
    });
    let kitchen = rt::spawn(async move {
        let mut seen = 0;
        for (inner, outer) in PATIENCE.into_iter().cycle() {
            let what = match rt::timeout(outer, rt::timeout(inner, inbox.recv())).await {
                Ok(Ok(Some(order))) => 10 + order,
                Ok(Ok(None)) => break,
                Ok(Err(_)) => 1,
                Err(_) => 2,
            };
            seen = folded(seen, what, rt::since(begin));
        }
        seen
    });
    let open = shop.abort_handle();
    let closing = rt::spawn(async move {
        rt::sleep(CLOSING).await;
        open.abort();
    });
    closing.await.expect("it closes");
    let seen = kitchen.await.expect("the kitchen ends");
    let sent = shop.await.map_or(100, |sent| sent as u64);
    folded(seen, sent, rt::since(begin))
}
