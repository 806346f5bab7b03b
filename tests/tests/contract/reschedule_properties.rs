//! Random moves of a deadline, at random instants, from inside and from another task: when the scope
//! must fire, computed without the library.
//!
//! 1. On time, in FIFO or any other order: exactly when the oracle says, with the results it says.
//! 2. With timers that are late by up to a bound: never early, at most that late, and a move that
//!    was accepted is what counts.
//!
//! Moves, deadlines and the end of the body lie on grids of their own, so that ties are few; on time
//! they are left out, with late timers they are not.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::decide::Fifo;
use deadheat::program::{SimClock, spawn_task};
use deadheat::search::Single;
use deadheat::{
    Bounds, Config, Instant, Program, Sampler, Verdict, clock, now, sleep_until, spawn,
};
use deadheat_timeout::{Handle, Interrupted, ShiftError, State, StateError, Timeout};
use proptest::prelude::*;

const MS: i64 = 1_000_000;
/// The grid. Deadlines are due at multiples of it.
const GRID: i64 = 10 * MS;
/// How much later than a multiple moves are made, and the body ends.
const MOVES: i64 = 3 * MS;
const ENDS: i64 = 6 * MS;
const LATE: i64 = MS;

/// A move. The numbers are in units of the grid.
#[derive(Debug, Clone, Copy)]
enum Move {
    At(i64),
    Update(i64),
    /// So that the deadline comes to lie on the grid, if the move is on time.
    After(i64),
    Now,
    Past(i64),
    None,
    Reject,
    Shift(i64),
    ShiftEarlier(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CancelledBy {
    Inside,
    Other,
}

/// Some moves in a row, without a suspension between them.
#[derive(Debug, Clone)]
struct Moment {
    /// In units of the grid.
    at: i64,
    by: CancelledBy,
    moves: Vec<Move>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Native,
    Cooperative,
}

#[derive(Debug, Clone)]
struct Plan {
    form: Form,
    deadline: Option<i64>,
    moments: Vec<Moment>,
    end: i64,
}

/// What came of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Moved,
    NoDeadline,
    /// The scope was not active any more.
    TooLate,
}

/// What happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Record {
    /// Moments: when, by whom, which of the plan, and what came of each move.
    moments: Vec<(i64, usize, Vec<Answer>)>,
    /// When the body ended, and whether in `Elapsed`.
    end: Option<(i64, bool)>,
    when: Option<i64>,
}

type Shared = Rc<RefCell<Record>>;

fn instant(nanos: i64) -> Instant {
    Instant::from_nanos(nanos)
}

fn duration(nanos: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).expect("not negative"))
}

fn answer(result: Result<(), StateError>) -> Answer {
    match result {
        Ok(()) => Answer::Moved,
        Err(error) => {
            assert!(matches!(
                error.state(),
                State::Expiring | State::Expired | State::Finished
            ));
            Answer::TooLate
        }
    }
}

fn shifted(result: Result<(), ShiftError>) -> Answer {
    match result {
        Err(ShiftError::NoDeadline) => Answer::NoDeadline,
        Err(ShiftError::State(error)) => answer(Err(error)),
        other => {
            assert_eq!(other, Ok(()));
            Answer::Moved
        }
    }
}

impl Move {
    fn make(self, handle: &Handle<SimClock>) -> Answer {
        match self {
            Move::At(at) => answer(handle.reschedule_at(instant(at * GRID))),
            Move::Update(at) => answer(handle.update(instant(at * GRID))),
            Move::After(by) => answer(handle.reschedule_after(duration(by * GRID - MOVES))),
            Move::Now => answer(handle.reschedule_at(now())),
            Move::Past(by) => {
                answer(handle.reschedule(Some(instant(now().as_nanos() - by * GRID))))
            }
            Move::None => answer(handle.reschedule(None)),
            Move::Reject => answer(handle.reject()),
            Move::Shift(by) => shifted(handle.shift(duration(by * GRID))),
            Move::ShiftEarlier(by) => shifted(handle.shift_earlier(duration(by * GRID))),
        }
    }

    /// The deadline after this move at `now`, or what is wrong with it.
    fn applied(self, deadline: Option<i64>, now: i64) -> Result<Option<i64>, Answer> {
        match self {
            Move::At(at) | Move::Update(at) => Ok(Some(at * GRID)),
            Move::After(by) => Ok(Some(now + by * GRID - MOVES)),
            Move::Now => Ok(Some(now)),
            Move::Past(by) => Ok(Some(now - by * GRID)),
            Move::None | Move::Reject => Ok(None),
            Move::Shift(by) => deadline
                .map(|at| Some(at + by * GRID))
                .ok_or(Answer::NoDeadline),
            Move::ShiftEarlier(by) => deadline
                .map(|at| Some(at - by * GRID))
                .ok_or(Answer::NoDeadline),
        }
    }
}

impl Moment {
    fn at(&self) -> i64 {
        self.at * GRID + MOVES
    }

    fn make(&self, index: usize, handle: &Handle<SimClock>, record: &Shared) {
        let answers = self.moves.iter().map(|it| it.make(handle)).collect();
        record
            .borrow_mut()
            .moments
            .push((now().as_nanos(), index, answers));
    }
}

impl Plan {
    fn end(&self) -> i64 {
        self.end * GRID + ENDS
    }

    fn moments(&self, by: CancelledBy) -> Vec<(usize, Moment)> {
        let moments = self.moments.iter().cloned().enumerate();
        moments.filter(|(_, moment)| moment.by == by).collect()
    }

    fn scope(&self) -> Timeout<SimClock> {
        Timeout::with_deadline(&clock(), self.deadline.map(|at| instant(at * GRID)))
    }
}

impl Program for Plan {
    type Handles = (Shared, Handle<SimClock>);
    type Outcome = Record;

    fn start(&self) -> Self::Handles {
        let (scope, record) = (self.scope(), Shared::default());
        let (handle, kept) = (scope.handle(), scope.handle());
        let (inside, noted, end) = (
            self.moments(CancelledBy::Inside),
            record.clone(),
            self.end(),
        );
        let ended = {
            let record = record.clone();
            move |elapsed| record.borrow_mut().end = Some((now().as_nanos(), elapsed))
        };
        match self.form {
            Form::Native => {
                let body = async move {
                    for (index, moment) in inside {
                        sleep_until(instant(moment.at())).await;
                        moment.make(index, &handle, &noted);
                    }
                    sleep_until(instant(end)).await;
                };
                drop(spawn(async move { ended(scope.run(body).await.is_err()) }));
            }
            Form::Cooperative => drop(spawn_task("owner", async move |cx| {
                let out = scope.run_in(&cx, async |cx| {
                    for (index, moment) in inside {
                        cx.wait(sleep_until(instant(moment.at()))).await?;
                        moment.make(index, cx.deadline(), &noted);
                    }
                    cx.wait(sleep_until(instant(end))).await?;
                    Ok::<_, Interrupted>(())
                });
                ended(matches!(out.await, Err(Interrupted::Elapsed(_))));
                Ok::<_, Interrupted>(())
            })),
        }
        let (others, noted, handle) = (
            self.moments(CancelledBy::Other),
            record.clone(),
            kept.clone(),
        );
        drop(spawn(async move {
            for (index, moment) in others {
                sleep_until(instant(moment.at())).await;
                moment.make(index, &handle, &noted);
            }
        }));
        (record, kept)
    }

    fn finish(&self, (record, handle): Self::Handles, verdict: Verdict) -> Record {
        assert_eq!(verdict, Verdict::Done);
        let mut record = record.borrow().clone();
        record.when = handle.when().map(Instant::as_nanos);
        record
    }
}

/// A deadline, and since when it counts: one that was in the past then is due then.
#[derive(Debug, Clone, Copy)]
struct Standing {
    deadline: Option<i64>,
    since: i64,
}

impl Standing {
    fn due(self) -> Option<i64> {
        self.deadline.map(|deadline| deadline.max(self.since))
    }

    /// When the scope fires, if it does before `at`; none at a tie.
    fn end_by(self, at: i64) -> Option<Option<(i64, bool)>> {
        match self.due() {
            Some(due) if due == at => None,
            due => Some(due.filter(|due| *due < at).map(|due| (due, true))),
        }
    }

    /// Does the moves of a moment; what comes of each.
    fn apply(&mut self, moment: &Moment, now: i64) -> Vec<Answer> {
        let moves = moment.moves.iter();
        let answers = moves.map(|it| match it.applied(self.deadline, now) {
            Ok(deadline) => {
                *self = Standing {
                    deadline,
                    since: now,
                };
                Answer::Moved
            }
            Err(answer) => answer,
        });
        answers.collect()
    }

    /// What comes of the moves of a moment after the end: that there is a deadline to shift is looked at
    /// before the state.
    fn refused(self, moment: &Moment) -> Vec<Answer> {
        let moves = moment.moves.iter();
        let refused = moves.map(|it| match it.applied(self.deadline, 0) {
            Ok(_) => Answer::TooLate,
            Err(answer) => answer,
        });
        refused.collect()
    }
}

/// What must happen if everything is on time; none at a tie, which the order decides.
fn expected(plan: &Plan) -> Option<Record> {
    let mut record = Record::default();
    let mut standing = Standing {
        deadline: plan.deadline.map(|at| at * GRID),
        since: 0,
    };
    for (index, moment) in plan.moments.iter().enumerate() {
        let at = moment.at();
        if record.end.is_none() {
            record.end = standing.end_by(at.min(plan.end()))?;
            if record.end.is_none() && at > plan.end() {
                record.end = Some((plan.end(), false));
            }
        }
        let answers = match (record.end, moment.by) {
            (None, _) => standing.apply(moment, at),
            (Some(_), CancelledBy::Inside) => continue,
            (Some(_), CancelledBy::Other) => standing.refused(moment),
        };
        record.moments.push((at, index, answers));
    }
    if record.end.is_none() {
        record.end = standing.end_by(plan.end())?.or(Some((plan.end(), false)));
    }
    record.when = standing.deadline;
    Some(record)
}

/// What must hold of what happened if timers may be late.
fn holds_with_lateness(plan: &Plan, record: &Record) {
    let (end, elapsed) = record.end.expect("the body has ended");
    let mut standing = Standing {
        deadline: plan.deadline.map(|at| at * GRID),
        since: 0,
    };
    for (at, index, answers) in &record.moments {
        let moment = &plan.moments[*index];
        assert!((moment.at()..=moment.at() + LATE).contains(at));
        if *at >= end && *answers == standing.refused(moment) {
            continue;
        }
        // It was active still, so nothing was overdue.
        assert!(*at <= end);
        assert!(standing.due().is_none_or(|due| *at <= due + LATE));
        assert_eq!(*answers, standing.apply(moment, *at));
    }
    assert_eq!(record.when, standing.deadline);
    match (elapsed, standing.due()) {
        (true, Some(due)) => {
            assert!(end >= due, "early: at {end}, due at {due}");
            assert!(end <= due + LATE, "too late: at {end}, due at {due}");
        }
        (true, None) => panic!("fired without a deadline"),
        (false, due) => {
            assert!((plan.end()..=plan.end() + LATE).contains(&end));
            assert!(
                due.is_none_or(|due| end <= due + LATE),
                "lost: due at {due:?}"
            );
        }
    }
}

fn moves() -> impl Strategy<Value = Move> {
    let near = || -2..14i64;
    prop_oneof![
        4 => near().prop_map(Move::At),
        1 => near().prop_map(Move::Update),
        3 => (1..6i64).prop_map(Move::After),
        1 => Just(Move::Now),
        1 => (0..9i64).prop_map(Move::Past),
        1 => Just(Move::None),
        1 => Just(Move::Reject),
        3 => (0..5i64).prop_map(Move::Shift),
        3 => (0..5i64).prop_map(Move::ShiftEarlier),
    ]
}

fn plans() -> impl Strategy<Value = Plan> {
    let by = prop_oneof![Just(CancelledBy::Inside), Just(CancelledBy::Other)];
    let moment = (by, prop::collection::vec(moves(), 1..4));
    let moments = prop::collection::btree_map(0..12i64, moment, 0..7);
    let form = prop_oneof![Just(Form::Native), Just(Form::Cooperative)];
    let deadline = proptest::option::weighted(0.8, -1..12i64);
    (form, deadline, moments, 0..14i64).prop_map(|(form, deadline, moments, end)| {
        // After its end the body makes no moves.
        let by = |at, by| if at > end { CancelledBy::Other } else { by };
        let moments = moments.into_iter().map(|(at, (made_by, moves))| Moment {
            at,
            by: by(at, made_by),
            moves,
        });
        Plan {
            form,
            deadline,
            moments: moments.collect(),
            end,
        }
    })
}

fn record(plan: &Plan, seed: u64, sampler: Option<Sampler>, late: i64) -> Record {
    let config = Config::new().seed(seed);
    let bounds = Bounds::late(duration(late));
    let scheduler = match sampler {
        Some(sampler) => sampler.scheduler(),
        None => Box::new(Fifo),
    };
    let (run, outcome) = Single::of(plan, &config).scheduled(bounds, scheduler);
    assert_eq!(
        run.verdict,
        Verdict::Done,
        "{:?} {:?}",
        run.violations,
        run.panic
    );
    outcome.expect("an outcome")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn on_time_a_scope_fires_exactly_when_its_last_deadline_says(plan in plans()) {
        let expected = expected(&plan);
        prop_assume!(expected.is_some());
        prop_assert_eq!(Some(record(&plan, 0, None, 0)), expected);
    }

    #[test]
    fn on_time_no_order_makes_a_difference(plan in plans(), seed in any::<u64>()) {
        let expected = expected(&plan);
        prop_assume!(expected.is_some());
        for sampler in Sampler::ALL {
            prop_assert_eq!(&Some(record(&plan, seed, Some(sampler), 0)), &expected);
        }
    }

    #[test]
    fn with_late_timers_a_scope_is_never_early_and_at_most_that_late(
        plan in plans(),
        seed in any::<u64>(),
    ) {
        for sampler in Sampler::ALL {
            holds_with_lateness(&plan, &record(&plan, seed, Some(sampler), LATE));
        }
    }
}

#[test]
fn the_oracle_knows_a_plan_that_was_worked_out_by_hand() {
    let plan = Plan {
        form: Form::Cooperative,
        deadline: Some(2),
        moments: vec![
            Moment {
                at: 1,
                by: CancelledBy::Other,
                moves: vec![Move::Past(3), Move::Shift(7)],
            },
            Moment {
                at: 4,
                by: CancelledBy::Inside,
                moves: vec![Move::Reject, Move::Shift(1), Move::After(2)],
            },
            Moment {
                at: 7,
                by: CancelledBy::Other,
                moves: vec![Move::None],
            },
        ],
        end: 9,
    };
    // 13 ms: to 13 - 30 + 70 = 53 ms. 43 ms: none, no shift, to 43 + 17 = 60 ms, where it fires.
    let by_hand = Record {
        moments: vec![
            (13 * MS, 0, vec![Answer::Moved, Answer::Moved]),
            (
                43 * MS,
                1,
                vec![Answer::Moved, Answer::NoDeadline, Answer::Moved],
            ),
            (73 * MS, 2, vec![Answer::TooLate]),
        ],
        end: Some((60 * MS, true)),
        when: Some(60 * MS),
    };
    assert_eq!(expected(&plan).as_ref(), Some(&by_hand));
    assert_eq!(record(&plan, 0, None, 0), by_hand);
}
