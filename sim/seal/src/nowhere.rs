//! Where nothing is overridden.

use crate::hooks::{ask, ask_anyway};

/// There is nothing to link, and nobody asks.
#[inline]
pub(crate) fn link() {
    let _: fn() = || {
        ask(|_| ());
        ask_anyway(|_, _| ());
    };
}
