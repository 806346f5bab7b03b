//! What an argument names: a file, or an entry of the catalogue.

use std::path::Path;

use deadheat_scenarios::catalogue::{self, Entry};
use deadheat_scenarios::{ParseError, ScenarioProgram, read};

use crate::output::Output;

/// A scenario to be run.
pub(crate) struct Input {
    /// As it was named.
    pub(crate) argument: String,
    pub(crate) program: ScenarioProgram,
    /// Its entry, if it is of the catalogue.
    pub(crate) entry: Option<&'static Entry>,
}

impl Input {
    /// The scenario's name.
    pub(crate) fn name(&self) -> &str {
        &self.program.scenario().name
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
        return match catalogue::find(argument) {
            Some(entry) => of_entry(entry),
            None => Err(InputError::Unknown(unknown(argument))),
        };
    }
    let scenario = read(path).map_err(|error| InputError::Parse(Box::new(error)))?;
    let program = ScenarioProgram::new(scenario);
    Ok(Input {
        argument: argument.to_owned(),
        program,
        entry: None,
    })
}

/// The whole catalogue.
pub(crate) fn catalogue() -> Vec<Result<Input, InputError>> {
    catalogue::entries().iter().map(of_entry).collect()
}

fn of_entry(entry: &'static Entry) -> Result<Input, InputError> {
    let program = entry
        .program()
        .map_err(|error| InputError::Parse(Box::new(error)))?;
    Ok(Input {
        argument: entry.name.to_owned(),
        program,
        entry: Some(entry),
    })
}

fn unknown(argument: &str) -> String {
    let nearest = catalogue::entries()
        .iter()
        .filter(|entry| entry.name.contains(argument) || argument.contains(entry.name))
        .map(|entry| entry.name)
        .next();
    let hint = match nearest {
        Some(name) => format!("did you mean {name}?"),
        None => "`deadheat list` shows the names; a file is named by its path".to_owned(),
    };
    format!("there is no file and no scenario in the catalogue that is named {argument:?}: {hint}")
}
