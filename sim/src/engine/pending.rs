//! Who waits for what, when a run ends before its tasks do.

use std::collections::BTreeMap;

use crate::base::time::Instant;
use crate::engine::sockets;
use crate::record::events::{Raw, Recorded};
use crate::record::run::Pending;
use crate::record::wait::Wait;
use crate::state::tasks::WaitsFor;
use crate::state::timers::FirstArmed;
use crate::state::world::World;

/// The tasks that have not ended, in spawn order.
pub(crate) fn pending(world: &World) -> Vec<Pending> {
    let timers = world.timers.first_armed(world.tasks.slots.len());
    let tasks = world.tasks.slots.iter().enumerate();
    let pending = tasks.filter(|(_, slot)| !slot.ended);
    let (last_turns, names) = (last_turns(world), world.names.told());
    let spawns = spawns(world);
    pending
        .map(|(task, slot)| Pending {
            task: names.of_task(task as u32),
            spawned_at: spawned_at(world, &spawns, task as u32),
            waits_for: waits_for(world, &timers, &last_turns, task as u32),
            since: Instant::from_nanos(slot.since),
            wait: wait(world, task as u32),
            last_turn: last_turns
                .get(&(task as u32))
                .map(|before| (task as u32, *before)),
        })
        .collect()
}

/// Where a task was spawned; that is empty if an interpreter has spawned it and no trace was kept.
fn spawned_at(world: &World, spawns: &BTreeMap<u32, &Recorded>, task: u32) -> String {
    let (recorder, tasks) = (&world.recorder, &world.tasks);
    let origin = match spawns.get(&task) {
        Some(spawned) => spawned
            .from
            .and_then(|from| recorder.origins.of(from, spawned.above)),
        None => recorder
            .origins
            .of(tasks.places[tasks.ends[task as usize].spawned_at], None),
    };
    origin.map_or_else(String::new, |origin| origin.to_string())
}

/// The events of tasks that were spawned.
fn spawns(world: &World) -> BTreeMap<u32, &Recorded> {
    let events = world.recorder.events.iter();
    let spawns = events.filter_map(|event| match event.raw {
        Raw::Spawn(task) => Some((task, event)),
        _ => None,
    });
    spawns.collect()
}

/// How a task waits: as was seen in its last turn, or at the line that an interpreter has said.
fn wait(world: &World, task: u32) -> Option<Wait> {
    let seen = world.looks.seen.get(&task).cloned();
    seen.or_else(|| {
        let line = world.recorder.origins.reached(Some(task))?;
        Some(Wait::at(line))
    })
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
