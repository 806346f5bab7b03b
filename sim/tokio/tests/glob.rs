//! `use deadheat::*`, with every feature that adds names to its root, leaves `tokio::` the crate of that name;
//! `use deadheat::prelude::*` leaves `#[test]` the standard library's, too. That this compiles is the test.

/// Everything of the root. The attribute is among it, so `#[test]` is not told apart here: see the other one.
mod root {
    use deadheat::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[deadheat::test(runs = 5, regressions = false, beside = "deadheat_tokio::beside")]
    async fn tokio_is_the_crate() {
        let (sender, receiver) = oneshot::channel();
        let begun = tokio::time::Instant::now();
        spawn(async move {
            sleep(Duration::from_millis(2)).await;
            sender.send(7).ok();
        });
        let received = tokio::select! {
            received = receiver => received,
            () = tokio::time::sleep(Duration::from_secs(1)) => panic!("2 ms are less"),
        };
        assert_eq!(received, Ok(7));
        assert_eq!(begun.elapsed().as_nanos(), now().as_nanos() as u128);
        always!(deadheat::program::in_run());
        trace!("received");
    }
}

mod prelude {
    use deadheat::prelude::*;
    use std::time::Duration;
    use tokio::sync::mpsc;

    #[test]
    fn a_plain_test_is_one() {
        assert!(!in_run());
    }

    #[deadheat::test(runs = 5, regressions = false, beside = "deadheat_tokio::beside")]
    async fn and_the_attribute_has_its_path() {
        let (sender, mut receiver) = mpsc::channel(1);
        spawn(async move { sender.send(now()).await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(receiver.recv().await, Some(Instant::START));
        always!(current_task().is_some());
    }
}
