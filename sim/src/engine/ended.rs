//! How a run ended, if it ended while a task blocked in `block_on`.

use crate::record::panic::PanicReport;
use crate::state::ending::Over;
use crate::state::world;

/// Whether the run has ended while a task blocked.
pub(crate) fn has_ended() -> bool {
    world::with(|world| world.ending.ended().is_some()).unwrap_or_default()
}

/// How the run ended: as it did while a task blocked, if it did so.
pub(crate) fn how_it_ended(over: Over, panic: &mut Option<PanicReport>) -> Over {
    let ended = world::with(|world| {
        let ended = world.ending.ended()?;
        world.current = None;
        Some((ended.over, ended.panic.take()))
    });
    match ended.flatten() {
        Some((over, noted)) => {
            *panic = noted;
            over
        }
        None => over,
    }
}
