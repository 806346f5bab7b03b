//! Exhibits of the solver: programs whose failure needs two instants to meet, or to come in one order, where both
//! follow from latencies.
//!
//! 1. Nothing that is pending when a latency is decided says where to aim, so a search that aims at pending deadlines
//!    does not find them. What solves for time does.
//! 2. They are of the form of the museum's exhibits, and nobody has shipped them.
//! 3. A fixed twin has the same timers. Its two tasks share what they do by a means that needs no order of them.

use crate::museum::{Exhibit, Finder, ms};

/// Every one of them, by name.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Mix, check_program};
/// use deadheat_scenarios::derived;
///
/// let config = Config::new().mix(Mix::default().solving(2));
/// for exhibit in derived::exhibits() {
///     for variant in exhibit.variants {
///         let checked = check_program(variant, &config);
///         assert_eq!(checked.is_err(), variant.revision.is_broken(), "{}", variant.name);
///     }
/// }
/// ```
pub fn exhibits() -> &'static [Exhibit] {
    EXHIBITS
}

exhibits! {
    derived_chain
    derived_tie
    derived_window
}

/// What one end is told from another by.
#[derive(Clone, Copy)]
enum ToldBy {
    Instant,
    Number,
}

impl ToldBy {
    fn mark(self, number: i64) -> i64 {
        match self {
            ToldBy::Instant => deadheat::now().as_nanos(),
            ToldBy::Number => number,
        }
    }
}
