//! moka and tokio-cron-scheduler, which read the clocks of std: those of the run as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use moka::future::Cache;
use tokio::time::sleep;
use tokio_cron_scheduler::{Job, JobScheduler};

const S: Duration = Duration::from_secs(1);

#[tokio::test]
async fn moka_an_entry_is_there_as_long_as_it_may_live_and_no_longer() {
    let cache: Cache<u32, u32> = Cache::builder().time_to_live(10 * S).build();
    cache.insert(1, 7).await;
    sleep(9 * S).await;
    assert_eq!(cache.get(&1).await, Some(7));
    sleep(2 * S).await;
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn moka_an_entry_that_nobody_asks_for_is_let_go() {
    let cache: Cache<u32, u32> = Cache::builder().time_to_idle(10 * S).build();
    cache.insert(1, 7).await;
    for _ in 0..3 {
        sleep(6 * S).await;
        assert_eq!(cache.get(&1).await, Some(7));
    }
    sleep(11 * S).await;
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn cron_a_job_runs_once_each_time_it_is_due() {
    let ran = Arc::new(AtomicU32::new(0));
    let mut scheduler = JobScheduler::new().await.unwrap();
    let job = Job::new_async("0 * * * * *", {
        let ran = Arc::clone(&ran);
        move |_, _| {
            let ran = Arc::clone(&ran);
            Box::pin(async move {
                ran.fetch_add(1, SeqCst);
            })
        }
    });
    scheduler.add(job.unwrap()).await.unwrap();
    scheduler.start().await.unwrap();
    let begun = SystemTime::now();
    sleep(600 * S + 30 * S).await;
    assert!(begun.elapsed().unwrap() >= 630 * S);
    let ran = ran.load(SeqCst);
    scheduler.shutdown().await.unwrap();
    assert!(
        (10..=11).contains(&ran),
        "{ran} times in ten minutes and a half"
    );
}
