//! For which sockets a task waits that has not ended, in words.
//!
//! 1. A socket keeps who waits until it is ready, also if the task waits for something else by now. So what a task has asked
//!    for in its last turn counts alone. In a run that keeps no events it is the last moment at which it had one.
//!    A branch of a `select!` that was polled and dropped in one turn is told with what came after it.
//! 2. Wakers that are no task's are those of a future which is polled by another one (a `FuturesUnordered`). They are asked
//!    once, so theirs counts if nothing else does.

use deadheat_net::{Net, SocketId};

use crate::engine::waker::task_of;
use crate::state::network::Asked;
use crate::state::world::World;

/// So many are named.
const NAMED: usize = 4;

/// What a task waits for of its sockets, after "waits", if it does. How many events came before its last turn, is known
/// where events are kept.
pub(super) fn waited_for(world: &World, task: u32, last_turn: Option<usize>) -> Option<String> {
    let network = world.network.as_ref()?;
    let since = world.tasks.slots[task as usize].since;
    let is_new = |asked: &Asked| match last_turn {
        Some(turn) => asked.events > turn,
        None => asked.at == since,
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    let of_task = network.waits.asked();
    for (asked, socket, writes, waker) in of_task.filter(|(asked, ..)| asked.by == Some(task)) {
        match task_of(waker, world.run) {
            Some(_) if is_new(&asked) => own.push((socket, writes)),
            Some(_) => {}
            None => others.push((socket, writes)),
        }
    }
    let found = if own.is_empty() { others } else { own };
    told(&network.kernel, found)
}

fn told(net: &Net, mut found: Vec<(SocketId, bool)>) -> Option<String> {
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let words = found.into_iter();
    let mut words: Vec<String> = words
        .filter_map(|(socket, writes)| net.waits_told(socket, writes))
        .collect();
    if more > 0 {
        words.push(format!("to use {more} more sockets"));
    }
    (!words.is_empty()).then(|| words.join(", or "))
}
