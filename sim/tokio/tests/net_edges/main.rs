//! The network of a run at its edges: as it is healed, as calls are made in each other, as tasks wait for ever.

mod healed;
mod nested;
mod short;
mod waits;

use std::time::Duration;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
