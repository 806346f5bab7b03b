//! Where the tasks of a run wait that had not ended: found in one more replay, in which the last turn of each is looked at.

use crate::engine::program::Program;
use crate::record::run::{Keeps, Run};
use crate::search::config::Config;
use crate::search::maker::Maker;

/// So many tasks are looked at: a report lists no more.
const TASKS_MAX: usize = 50;

/// Puts into a run, given with its trace, where its pending tasks wait.
pub(crate) fn find<P: Program>(program: &P, config: &Config, run: &mut Run) {
    let last_turns = run.pending.iter().filter_map(|pending| pending.last_turn);
    let wanted: Vec<(u32, usize)> = last_turns.take(TASKS_MAX).collect();
    if wanted.is_empty() || !program.has_lines() {
        return;
    }
    let maker = Maker::new(program, config).keeping(Keeps::Trace);
    let (looked, _) = maker.looking_at(&wanted).replay(&run.token);
    let is_the_same = looked.fingerprint == run.fingerprint;
    if is_the_same && looked.pending.len() == run.pending.len() {
        run.pending = looked.pending;
    }
}
