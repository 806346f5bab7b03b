//! The network in the hands of who does something in it: so a run and its network can be looked at together.
//!
//! It is put back also where that panics, since the run goes on to its end.

use crate::engine::inside::within_another;
use crate::state::network::Network;
use crate::state::world::{self, World};

/// The network, out of its run.
struct Hands<'a> {
    world: &'a mut World,
    network: Option<Box<Network>>,
}

impl Drop for Hands<'_> {
    fn drop(&mut self) {
        self.world.network = self.network.take();
    }
}

/// Looks at a run and its network, which is made where there is none.
#[inline]
pub(super) fn in_hands<R>(world: &mut World, f: impl FnOnce(&mut World, &mut Network) -> R) -> R {
    let network = world.network.take();
    let mut hands = Hands { world, network };
    let network = hands.network.get_or_insert_with(Box::default);
    f(hands.world, network)
}

/// Looks at a run and its network. None if there is none, or that run is not under way on this thread.
#[track_caller]
pub(super) fn both<R>(run: u32, f: impl FnOnce(&mut World, &mut Network) -> R) -> Option<R> {
    let look = |world: &mut World| world.network.is_some().then(|| in_hands(world, f));
    let looked = world::with_run(run, look);
    if looked.is_none() {
        assert_free(run);
    }
    looked.flatten()
}

/// A run was not to be looked at: it is not under way, and not in the hands of somebody who calls here.
///
/// # Panics
///
/// If it is, with what to do.
#[cold]
#[track_caller]
pub(super) fn assert_free(run: u32) {
    if is_in_hands(run) {
        within_another("net");
    }
}

/// Whether a run is under way and looked at by somebody, in whose call this is.
pub(super) fn is_in_hands(run: u32) -> bool {
    world::run_number() == run && run != 0 && world::with(|_| ()).is_none()
}
