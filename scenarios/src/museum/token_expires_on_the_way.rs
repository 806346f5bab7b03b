//! A token is valid when it is sent, and not when it arrives (opendut #255; the same in simple-oauth2 #131).
//!
//! A client keeps a token for its requests and asks, before each of them, whether the token has expired. One that
//! expires within the next moments has not, and is sent. The request takes a while, and the server finds the token
//! expired. No timer is armed for any of this: both sides compare the token's end with the clock.
//!
//! The fix takes a token for expired a little before its end, for longer than a request is on its way.

use std::time::Duration;

use deadheat::{Instant, always, log, now, sleep};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "token-expires-on-the-way",
    summary: "a token is looked at, sent, and expires before it arrives",
    source: "opendut #255, simple-oauth2 #131",
    checked_by: "no request of a client that renews its token is refused",
    finder: Finder::Point,
    variants: variants! {
        "token-expires-on-the-way" Shipped: requests(Duration::ZERO);
        "token-expires-on-the-way-fixed" Fixed: requests(EARLIER);
    },
};

/// The life of a token.
const LIFE: Duration = ms(60_000);
/// By how much earlier the fix renews it.
const EARLIER: Duration = ms(1_000);

/// Requests of a client, which takes a token for expired by so much before its end.
async fn requests(earlier: Duration) {
    let mut token = Token::issue().await;
    for _ in 0..20 {
        sleep(ms(5_000)..=ms(9_000)).await;
        if now() + earlier >= token.end {
            log("the client renews its token");
            token = Token::issue().await;
        }
        sleep(ms(20)..=ms(300)).await; // the request is on its way
        let is_valid = now() < token.end;
        always(is_valid, || {
            "a request was refused: its token had expired on the way".to_owned()
        });
    }
}

struct Token {
    end: Instant,
}

impl Token {
    /// The server issues one, and the answer takes a while.
    async fn issue() -> Self {
        let end = now() + LIFE;
        sleep(ms(20)..=ms(300)).await;
        Token { end }
    }
}
