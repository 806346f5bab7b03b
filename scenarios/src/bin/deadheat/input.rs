//! What an argument names: a file, an entry of the catalogue, or a piece of the museum.

use std::path::Path;

use deadheat_scenarios::catalogue::{self, Entry};
use deadheat_scenarios::families::{self, Family};
use deadheat_scenarios::museum::{self, Variant};
use deadheat_scenarios::{ParseError, ScenarioProgram, Subject, read};
use deadheat_words::near;

use crate::output::Output;

/// A scenario to be run.
pub(crate) struct Input {
    /// As it was named.
    pub(crate) argument: String,
    is_file: bool,
    pub(crate) program: Subject,
    /// What bug is to be found in it: a planted one, a shipped one, or none.
    pub(crate) bug: Option<&'static str>,
}

impl Input {
    /// The file, if it was named by that.
    pub(crate) fn file(&self) -> Option<&str> {
        self.is_file.then_some(&*self.argument)
    }

    /// The scenario's name.
    pub(crate) fn name(&self) -> &str {
        self.program.name()
    }
}

/// Why there is nothing to be run.
pub(crate) enum InputError {
    Parse(Box<ParseError>),
    Unknown(String),
}

impl InputError {
    pub(crate) fn tell(&self, output: &mut Output) {
        match self {
            InputError::Parse(error) => output.diagnostic(&**error),
            InputError::Unknown(text) => output.problem(text),
        }
    }
}

impl std::fmt::Display for InputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InputError::Parse(error) => error.fmt(f),
            InputError::Unknown(text) => f.write_str(text),
        }
    }
}

/// Finds and reads what an argument names. A file is preferred to a name.
pub(crate) fn open(argument: &str) -> Result<Input, InputError> {
    let path = Path::new(argument);
    let is_path = argument.contains(['/', '\\', '.']) || path.exists();
    if !is_path {
        if let Some(entry) = catalogue::find(argument) {
            return of_entry(entry);
        }
        return match families::find_variant(argument) {
            Some(variant) => Ok(of_variant(variant)),
            None => Err(InputError::Unknown(unknown(argument))),
        };
    }
    let scenario = read(path).map_err(|error| InputError::Parse(Box::new(error)))?;
    Ok(Input {
        argument: argument.to_owned(),
        is_file: true,
        program: Subject::Scenario(ScenarioProgram::new(scenario)),
        bug: None,
    })
}

/// The whole catalogue, and the whole museum.
pub(crate) fn everything() -> Vec<Result<Input, InputError>> {
    let catalogue = catalogue::entries().iter().map(of_entry);
    catalogue.chain(museum()).collect()
}

/// The whole museum.
fn museum() -> impl Iterator<Item = Result<Input, InputError>> {
    let variants = museum::exhibits()
        .iter()
        .flat_map(|exhibit| exhibit.variants);
    variants.map(|variant| Ok(of_variant(variant)))
}

/// The bugs of a family.
pub(crate) fn bugs_of(family: Family) -> Vec<Input> {
    let broken = family.variants().filter(|it| it.revision.is_broken());
    broken.map(of_variant).collect()
}

fn of_entry(entry: &'static Entry) -> Result<Input, InputError> {
    let program = entry
        .program()
        .map_err(|error| InputError::Parse(Box::new(error)))?;
    Ok(Input {
        argument: entry.name.to_owned(),
        is_file: false,
        program: Subject::Scenario(program),
        bug: entry.planted.map(|_| "planted bug"),
    })
}

fn of_variant(variant: &'static Variant) -> Input {
    Input {
        argument: variant.name.to_owned(),
        is_file: false,
        program: Subject::Museum(variant),
        bug: variant.revision.is_broken().then_some("shipped bug"),
    }
}

fn unknown(argument: &str) -> String {
    let variants = families::all().into_iter().flat_map(Family::variants);
    let names = catalogue::entries().iter().map(|entry| entry.name);
    let names: Vec<&str> = names.chain(variants.map(|variant| variant.name)).collect();
    let part = |name: &&&str| name.contains(argument) || argument.contains(**name);
    let part = names.iter().find(part).copied();
    let hint = match part.or_else(|| near::of_ours(argument, &names)) {
        Some(name) => format!("did you mean {name}?"),
        None => "`deadheat list` shows the names; a file is named by its path".to_owned(),
    };
    format!(
        "there is no file and nothing in the catalogue or the museum that is named {argument:?}: {hint}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_and_a_slip_in_one_are_told_the_name() {
        let name = catalogue::entries()[0].name;
        let hint = format!(": did you mean {name}?");
        let mut slip = name.to_owned();
        slip.replace_range(1..2, "#");
        for written in [&format!("my {name}"), &slip] {
            assert!(unknown(written).ends_with(&hint), "{written}");
        }
        let far = unknown("no such file.kdl");
        assert!(far.ends_with("a file is named by its path"), "{far}");
    }
}
