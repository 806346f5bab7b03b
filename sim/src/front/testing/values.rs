//! What a setting may be, wherever it comes from.

use deadheat_words::scheduler;

use crate::search::sampler::Sampler;

/// Who takes the decisions of a test's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    Portfolio,
    Solved,
    Only(Sampler),
}

/// Reads the name of a scheduler; an error says what is accepted.
pub(super) fn schedule(text: &str) -> Result<Schedule, String> {
    let asked = scheduler::parse(text, scheduler::OF_A_TEST).map_err(|error| error.to_string())?;
    let named = match asked.name == scheduler::SOLVED.name {
        true => Schedule::Solved,
        false => Schedule::Portfolio,
    };
    Ok(Sampler::asked(asked).map_or(named, Schedule::Only))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sampler_is_a_mix() {
        for known in scheduler::OF_A_TEST {
            let read = schedule(known.name);
            match known.name {
                "portfolio" => assert_eq!(read, Ok(Schedule::Portfolio)),
                "solved" => assert_eq!(read, Ok(Schedule::Solved)),
                name => assert_eq!(read, Ok(Schedule::Only(name.parse().unwrap()))),
            }
        }
    }
}
