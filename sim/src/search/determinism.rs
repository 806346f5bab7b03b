//! Where two executions of the same run diverge, which shows that something is not under control.

use crate::engine::execute::Made;
use crate::engine::program::Program;
use crate::record::leaks::Places;
use crate::record::run::{Keeps, Run};
use crate::record::trace::{Trace, TraceEvent};
use crate::search::config::Config;
use crate::search::maker::Maker;

/// How often a run is made again in search of a difference that can be shown.
const TRIES: usize = 4;

/// Makes a run twice. If the second does not do what the first did, the first has failed, and says so.
pub(crate) fn twice<O>(keeps: Keeps, make: impl Fn(Keeps) -> Made<O>) -> Made<O> {
    let mut made = make(keeps);
    compare(&mut made.run, |keeps| make(keeps).run);
    made
}

/// Makes the run of a scheduler that goes on to another one again, by its token.
pub(crate) fn again<P: Program>(program: &P, config: &Config, run: &mut Run) {
    let token = run.token.clone();
    compare(run, |keeps| {
        Maker::new(program, config).keeping(keeps).replay(&token).0
    });
}

/// What is suspected where a sealed run did not do the same again: that all else is the run's leaves little.
#[cold]
pub(crate) fn suspect_what_outlives<P: Program>(program: &P, config: &Config, run: &mut Run) {
    let is_all_its_own = config.sealed && run.leaks.is_empty();
    let Some(how) = run.nondeterminism.as_mut().filter(|_| config.sealed) else {
        return;
    };
    if is_all_its_own {
        how.push_str(
            "\nit took nothing from outside, and clocks and chance are its own (sealed): what differs is most likely a \
             static, or a thread-local, that lives on from one run to the next",
        );
    }
    let again = || drop(Maker::new(program, config).replay(&run.token));
    if let Some(place) = Places::drawn_in(again) {
        let first = place.map_or_else(String::new, |place| format!(", first {place}"));
        how.push_str(&format!(
            "\nit drew chance{first}, as a hash map does for its keys: that is the seed's (sealed), but the order of a map \
             differs all the same where the map lives on from one run to the next, or hashes addresses"
        ));
    }
}

/// Of a run by a scheduler of the user's own that did not do the same again: whether it does by its token, that is,
/// without the scheduler.
#[cold]
pub(crate) fn suspect_scheduler<P: Program>(program: &P, config: &Config, run: &mut Run) {
    if let Some(how) = &mut run.nondeterminism {
        let again = Maker::new(program, config).replay(&run.token).0;
        if again.fingerprint == run.fingerprint {
            let scheduler = run.scheduler;
            *how = format!(
                "its scheduler, {scheduler:?}, chose otherwise; by its token, without the scheduler, it repeats, so that \
                 the program is not at fault\n{how}"
            );
        }
    }
}

fn compare(run: &mut Run, again: impl Fn(Keeps) -> Run) {
    if run.unmade.is_some() {
        return;
    }
    let second = again(Keeps::Nothing);
    let difference = match second.fingerprint == run.fingerprint {
        false => Some(first_difference(|| {
            again(Keeps::Trace).trace.unwrap_or_default()
        })),
        // The same events, and yet another end of it: something that is no event differs.
        true if second.verdict != run.verdict => Some(format!(
            "once   {}\n    again  {}",
            run.reason(),
            second.reason()
        )),
        true => None,
    };
    if let Some(difference) = difference {
        run.nondeterminism = Some(format!(
            "made again at once, it did not do the same\nfirst difference: {difference}"
        ));
        run.settle();
    }
}

/// The first event in which two makings of a run differ, in words.
fn first_difference(make: impl Fn() -> Trace) -> String {
    let found = among((0..=TRIES).map(|_| make()));
    found.unwrap_or_else(|| "it did not show again when the run was made with a trace".to_owned())
}

/// The first event in which one of these makings of a run differs from the first of them.
pub(crate) fn among(makings: impl IntoIterator<Item = Trace>) -> Option<String> {
    let mut makings = makings.into_iter();
    let first = makings.next()?;
    makings.find_map(|other| difference(&first, &other))
}

fn difference(one: &Trace, other: &Trace) -> Option<String> {
    let index = (0..one.events.len().max(other.events.len()))
        .find(|index| one.events.get(*index) != other.events.get(*index))?;
    let show = |event: Option<&TraceEvent>| {
        event.map_or_else(
            || "the end".to_owned(),
            |event| event.to_string().trim().to_owned(),
        )
    };
    let (one, other) = (show(one.events.get(index)), show(other.events.get(index)));
    Some(format!(
        "event {}\n    once   {one}\n    again  {other}",
        index + 1
    ))
}
