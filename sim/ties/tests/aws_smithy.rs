//! The AWS SDKs' sleeper and clock, under the futures of their own crate.

use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;
use deadheat::{Config, Watch, explore_future, now, run, sleep, sometimes};
use deadheat_ties::aws_smithy::{Sleeper, WallTime};

#[test]
fn a_reply_around_the_timeout_is_taken_or_given_up_at_its_moment() {
    let config = Config::new().runs(200).check_determinism(true);
    let both = explore_future(&config, &Watch::default(), || async {
        let sleeper = SharedAsyncSleep::new(Sleeper);
        let reply = sleep(Duration::from_millis(90)..=Duration::from_millis(110));
        let patience = sleeper.sleep(Duration::from_millis(100));
        let taken = Timeout::new(reply, patience).await.is_ok();
        assert!(
            taken || now().as_nanos() >= 100_000_000,
            "given up too early"
        );
        sometimes(taken, "taken");
        sometimes(!taken, "given up");
    });
    assert!(both.failure().is_none(), "{:?}", both.failure());
    assert_eq!(both.never_reached(), Vec::<&str>::new());
}

#[test]
fn the_wall_clock_shows_the_date_it_was_given_and_goes_with_the_run() {
    let run = run(&Config::new(), || async {
        let start = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let clock = SharedTimeSource::new(WallTime::from(start));
        assert_eq!(clock.now(), start);
        sleep(Duration::from_nanos(86_400_000_000_001)).await;
        assert_eq!(
            clock.now(),
            start + Duration::from_nanos(86_400_000_000_001)
        );
    });
    run.unwrap();
}
