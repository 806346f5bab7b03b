//! A scheduler of one's own: what it is told of each option, and what its answers mean.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat::{
    Bounds, Choice, Config, Decision, Kind, Main, Run, Scheduler, Verdict, clock, run_with, sleep,
    spawn, yield_now,
};
use deadheat_timeout::{Interrupted, timeout};

const MS: Duration = Duration::from_millis(1);

/// What is known of an option: what it is, whether it meets a deadline, and whether it only wakes.
type Told = (Choice, bool, bool);

/// A decision: whether any option is a timer, and the options.
type Asked = (bool, Vec<Told>);

/// Writes down what it is told, and always answers the same.
struct Asks {
    answer: u64,
    told: Arc<Mutex<Vec<Asked>>>,
}

impl Scheduler for Asks {
    fn name(&self) -> &'static str {
        "asks"
    }

    fn begin(&mut self, _: u64) -> bool {
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        assert_eq!(decision.kind, Kind::Next);
        let told = |index| {
            let (meets, wakes) = (decision.meets(index), decision.only_wakes(index));
            (decision.option(index), meets, wakes)
        };
        let options = (0..decision.options).map(told).collect();
        self.told
            .lock()
            .unwrap()
            .push((decision.has_timers(), options));
        self.answer
    }
}

fn asked<F, Fut>(answer: u64, program: F) -> (Run, Vec<Asked>)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let told = Arc::default();
    let scheduler = Asks {
        answer,
        told: Arc::clone(&told),
    };
    let program = Main::new(program);
    let (run, _) = run_with(&program, &Config::new(), Bounds::EXACT, Box::new(scheduler));
    let told = std::mem::take(&mut *told.lock().unwrap());
    (run, told)
}

#[test]
fn an_answer_past_the_last_option_is_the_last_one() {
    let (run, told) = asked(u64::MAX, || async {
        spawn(async {});
        timeout(&clock(), 5 * MS, sleep(MS..=9 * MS)).await.ok();
    });
    assert_eq!(run.verdict, Verdict::Done);
    let departures = run.token.tape.departures();
    assert!(
        departures
            .iter()
            .all(|departure| departure.choice == departure.options - 1)
    );
    assert_eq!(departures.len(), told.len());
}

#[test]
fn the_deadline_among_the_moments_is_told() {
    let (_, told) = asked(0, || async {
        timeout(&clock(), 5 * MS, sleep(MS..=9 * MS)).await.ok();
    });
    let late = |nanos: i64, meets: bool| (Choice::Late(nanos), meets, false);
    let [(true, options)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(options[0].0, Choice::Fire(1));
    assert_eq!(
        options[1..],
        [
            late(4_999_999, false),
            late(5_000_000, true),
            late(5_000_001, false),
            late(9_000_000, false),
        ]
    );
}

#[test]
fn which_timers_only_wake_a_task_is_told() {
    let (_, told) = asked(0, || async {
        // A turn beside a turn.
        spawn(async { yield_now().await });
        yield_now().await;
        // Two timers that come due at once: one wakes a task, the other one lets a scope expire.
        let expires = deadheat::spawn_task("expires", async |cx| {
            cx.timeout(MS, async |cx| {
                cx.wait(std::future::pending::<()>()).await?;
                Ok::<_, Interrupted>(())
            })
            .await
        });
        sleep(MS).await;
        expires.ended().await.unwrap_err();
    });
    let turns = told.iter().find(|(timers, _)| !timers).unwrap();
    assert!(
        turns
            .1
            .iter()
            .all(|(choice, _, wakes)| { matches!(choice, Choice::Turn(_)) && !wakes })
    );
    let (_, timers) = told.iter().find(|(timers, _)| *timers).unwrap();
    let told: Vec<_> = timers
        .iter()
        .map(|(choice, _, wakes)| (*choice, *wakes))
        .collect();
    assert!(told.contains(&(Choice::Fire(1), true)), "{told:?}");
    assert!(told.contains(&(Choice::Fire(2), false)), "{told:?}");
}
