//! What makes a run of a test again, as a line for a shell.

use super::Test;
use crate::witness::Again;

impl Test {
    /// What makes a run again, for a shell.
    pub(super) fn again(&self) -> impl Fn(&Again) -> Option<String> + Send + Sync + use<> {
        let (place, runner) = (self.place.clone(), self.runner);
        let of_a_run = self.of_a_run.clone();
        move |again| match again {
            Again::Token(token) => Some(place.replay_line(token, runner)),
            Again::Number(number) => {
                let (others, number) = (of_a_run.as_ref()?, number.saturating_add(1));
                let variables = format!("{others}DEADHEAT_ONLY={number}");
                Some(place.line(&variables, runner))
            }
        }
    }
}
