//! When a run's timers were armed, went and moved, and between which of its decisions: what a search that solves for
//! time reads of a run.

use deadheat_timeout::Place;

use crate::record::events::{Raw, Recorder};

/// Events of a run that are looked at. (A trace's own limit is for who reads it.)
pub(crate) const EVENTS_MAX: usize = 1 << 20;

/// What happened to the time of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// A timer was armed.
    Armed {
        timer: u64,
        deadline: i64,
        /// The last moment at which it can fire.
        until: i64,
        from: Option<Place>,
    },
    /// A timer fired.
    Fired { timer: u64 },
    /// A task took its turn.
    Turned { task: u32 },
    /// A timer is armed no more, and has not fired.
    Gone { timer: u64 },
    /// A timer fired, or a task took its turn, later than it could have.
    Late,
    /// The running task let time pass.
    Busy { by: i64 },
    /// The program drew a number.
    Drew,
    /// The scheduler was asked for a decision.
    Asked,
}

/// All that happened to the time of a run, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    /// At which instant, and what.
    pub(crate) moments: Vec<(i64, Moment)>,
    /// There was more, beyond the limit on a trace's length.
    pub(crate) truncated: bool,
    pub(crate) looked_at_clock: bool,
    /// Where the program looked at the clock first, if that is known.
    pub(crate) clock_read: Option<Place>,
}

impl Timeline {
    /// Of the events that were recorded, `asked` says how many there were at each decision, and when it was.
    pub(crate) fn of(recorder: &Recorder, asked: &[(usize, i64)]) -> Timeline {
        let mut moments = Vec::with_capacity(recorder.events.len() / 2);
        let mut asked = asked.iter().copied().peekable();
        let mut moved = recorder.moved.iter().copied().peekable();
        for (index, event) in recorder.events.iter().enumerate() {
            while let Some((_, at)) = asked.next_if(|(before, _)| *before <= index) {
                moments.push((at, Moment::Asked));
            }
            let at = event.at;
            if let Raw::Arm { number, .. } = event.raw
                && let Some((_, was)) = moved.next_if(|(now, _)| *now == number)
            {
                moments.push((at, Moment::Gone { timer: was }));
            }
            moments.extend(of_event(event.raw, event.from).map(|moment| (at, moment)));
        }
        moments.extend(asked.map(|(_, at)| (at, Moment::Asked)));
        Timeline {
            moments,
            truncated: recorder.truncated,
            looked_at_clock: recorder.looked_at_clock,
            clock_read: recorder.clock_read,
        }
    }
}

fn of_event(raw: Raw, from: Option<Place>) -> Option<Moment> {
    Some(match raw {
        Raw::Arm {
            number,
            deadline,
            until,
        } => Moment::Armed {
            timer: number,
            deadline,
            until,
            from,
        },
        Raw::Fire(timer) => Moment::Fired { timer },
        Raw::Turn(task) => Moment::Turned { task },
        Raw::Disarm(timer) => Moment::Gone { timer },
        Raw::LateTurn { .. } | Raw::LateFire { .. } => Moment::Late,
        Raw::Busy(by) => Moment::Busy { by },
        Raw::Draw { .. } => Moment::Drew,
        _ => return None,
    })
}
