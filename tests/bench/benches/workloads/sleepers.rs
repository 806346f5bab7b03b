//! Many tasks that sleep again and again: nothing but timers.

use deadheat_bench::{SLEEPERS, SLEEPS};

use super::rt;
use super::scattered::scattered;

/// The longest sleep.
const LONGEST: u64 = 10_000;

fn pause(task: u64, number: u64) -> u64 {
    1 + scattered(task * SLEEPS + number) % LONGEST
}

/// All of them; each has to sleep as long as it was told to.
pub async fn sleepers() -> u64 {
    let sleeper = |task: u64| async move {
        let begin = rt::now();
        for number in 0..SLEEPS {
            rt::sleep(pause(task, number)).await;
        }
        rt::since(begin)
    };
    let tasks: Vec<_> = (0..SLEEPERS).map(|task| rt::spawn(sleeper(task))).collect();
    let mut slept = 0;
    for (task, sleeper) in (0..).zip(tasks) {
        let whole: u64 = (0..SLEEPS).map(|number| pause(task, number)).sum();
        let took = sleeper.await.expect("it wakes up");
        assert_eq!(took, whole, "task {task}");
        slept += took;
    }
    slept
}
