//! Who waits for what, when a run ends before its tasks do.

use std::collections::BTreeMap;

use crate::base::time::Instant;
use crate::engine::sockets;
use crate::record::events::Raw;
use crate::record::run::Pending;
use crate::state::tasks::WaitsFor;
use crate::state::timers::FirstArmed;
use crate::state::world::World;

/// The tasks that have not ended, in spawn order.
pub(crate) fn pending(world: &World) -> Vec<Pending> {
    let timers = world.timers.first_armed(world.tasks.slots.len());
    let tasks = world.tasks.slots.iter().enumerate();
    let pending = tasks.filter(|(_, slot)| !slot.ended);
    let (last_turns, names) = (last_turns(world), world.names.told());
    pending
        .map(|(task, slot)| Pending {
            task: names.of_task(task as u32),
            spawned_at: world.tasks.places[world.tasks.ends[task].spawned_at].to_string(),
            waits_for: waits_for(world, &timers, &last_turns, task as u32),
            since: Instant::from_nanos(slot.since),
            wait: world.looks.seen.get(&(task as u32)).cloned(),
            last_turn: last_turns
                .get(&(task as u32))
                .map(|before| (task as u32, *before)),
        })
        .collect()
}

/// How many events were recorded before the last turn of each task.
fn last_turns(world: &World) -> BTreeMap<u32, usize> {
    let events = world.recorder.events.iter().enumerate();
    let turns = events.filter_map(|(before, event)| match event.raw {
        Raw::Turn(task) => Some((task, before)),
        _ => None,
    });
    turns.collect()
}

/// What a task said it waits for; else its sockets, and the first of its timers.
fn waits_for(
    world: &World,
    timers: &FirstArmed,
    last_turns: &BTreeMap<u32, usize>,
    task: u32,
) -> Option<String> {
    let slot = &world.tasks.slots[task as usize];
    if let Some(above) = world.held_back_by(task) {
        let above = world.task_name(above);
        return Some(format!(
            "its turn, but {above} blocks on top of it (of plain functions that wait for each other in block_on, make \
             one asynchronous)"
        ));
    }
    if slot.queued {
        return Some("its turn".to_owned());
    }
    match slot.waits_for {
        WaitsFor::UNKNOWN => {
            let timer = timers.of(task).map(|(number, deadline)| {
                let deadline = Instant::from_nanos(deadline);
                format!("timer #{number}, due at {deadline}")
            });
            let last_turn = last_turns.get(&task).copied();
            match (sockets::waited_for(world, task, last_turn), timer) {
                (Some(sockets), Some(timer)) => Some(format!("{sockets}, or for {timer}")),
                (sockets, timer) => sockets.or(timer),
            }
        }
        WaitsFor::NAMED => world.tasks.waits_named.get(&task).map(ToString::to_string),
        WaitsFor::NEVER => {
            Some("a sleep that never ends: its end is past the last moment of the clock".to_owned())
        }
        on => {
            let on = world.task_name(on.as_task()?);
            Some(format!("the end of {on}"))
        }
    }
}
