//! The frames of a stack.
//!
//! They are read from the text of a [`Backtrace`](std::backtrace::Backtrace), since nothing else of it is stable; what
//! cannot be read is left out. Without debug information there are functions and no lines; with line tables only,
//! functions have no paths, and whose they are follows from where their sources lie.

use crate::base::whose;
use crate::record::await_place::AwaitPlace;
use crate::record::workspace;

/// Where the sources of this crate lie.
pub(super) const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");

/// The frames of a printed backtrace, the innermost first.
pub(super) fn of(text: &str) -> Vec<AwaitPlace> {
    let mut frames: Vec<AwaitPlace> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                (frame.file, frame.line) = position(place);
            }
        } else if let Some(function) = function(line) {
            frames.push(AwaitPlace {
                function,
                file: None,
                line: None,
            });
        }
    }
    frames
}

/// Modules of tokio that nobody sees.
const INNER: [&str; 3] = ["bounded", "unbounded", "batch_semaphore"];

/// The path of a function without what it is generic over: `<tokio::sync::Notified as Future>::poll` is of `Notified`.
pub(super) fn bare(function: &str) -> String {
    let (mut path, mut depth) = (String::new(), 0_u32);
    let of_a_type = function.strip_prefix('<').map(|rest| {
        let end = rest.find(" as ").or_else(|| rest.find('>'));
        end.map_or(rest, |end| &rest[..end])
    });
    for char in of_a_type.unwrap_or(function).chars() {
        match char {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => path.push(char),
            _ => {}
        }
    }
    let parts = path
        .split("::")
        .filter(|part| !part.is_empty() && !part.starts_with('{'));
    let parts: Vec<&str> = parts.collect();
    let is_type = |part: &&str| part.starts_with(|char: char| char.is_uppercase());
    let of_type = parts
        .iter()
        .find(|part| is_type(part))
        .map(|name| name.to_lowercase());
    // The module in which a package keeps a type is no part of its name: `sync::mutex::Mutex`.
    let is_its_own = |part: &str| {
        let of_type = of_type.as_deref().unwrap_or_default();
        INNER.contains(&part) || part.len() > 3 && of_type.starts_with(part)
    };
    let named: Vec<&str> = parts
        .iter()
        .filter(|part| is_type(part) || !is_its_own(part))
        .copied()
        .collect();
    let path = named.join("::");
    // The names that tokio has where the drop-in stands in its place.
    let tokios = ["tokio_beneath_deadheat::", "deadheat_tokio::sim::"];
    let of_tokio = tokios.iter().find_map(|of| path.strip_prefix(of));
    of_tokio.map_or_else(|| path.clone(), |rest| format!("tokio::{rest}"))
}

/// The function of a line `NUMBER: FUNCTION`; an inlined one has no number.
fn function(line: &str) -> Option<String> {
    let (number, function) = line.split_once(": ")?;
    let numbered = number.chars().all(|c| c.is_ascii_digit());
    numbered.then(|| function.trim().to_owned())
}

/// `FILE:LINE:COLUMN`, of which the column may be missing.
fn position(place: &str) -> (Option<String>, Option<(u32, u32)>) {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    match (file, line.map(str::parse), column.map(str::parse)) {
        (Some(file), Some(Ok(line)), Some(Ok(column))) => {
            let file = file.strip_prefix("./").unwrap_or(file);
            (Some(file.to_owned()), Some((line, column)))
        }
        _ => (None, None),
    }
}

/// Crates that are no user's, for builds without debug information.
const CRATES: [&str; 11] = [
    "std::",
    "core::",
    "alloc::",
    "tokio::",
    "tokio_util::",
    "futures_",
    "deadheat::",
    "deadheat_timeout::",
    "deadheat_timeout_core::",
    "deadheat_tokio::",
    "deadheat_ties::",
];

pub(super) fn lies_in(frame: &AwaitPlace, folders: &[&str]) -> bool {
    let lies = |file: &String| folders.iter().any(|folder| file.contains(folder));
    frame.file.as_ref().is_some_and(lies)
}

pub(super) fn is_users(frame: &AwaitPlace) -> bool {
    let function = frame.function.trim_start_matches(['<', '&']);
    !CRATES.iter().any(|of| function.starts_with(of))
        && !frame
            .file
            .as_deref()
            .is_some_and(|file| whose::is_of_others(file) || file.contains(OWN))
}

/// As it is told. The body of an `async fn` is a closure to the compiler.
pub(super) fn told(frame: &mut AwaitPlace) {
    let function = frame.function.replace("::{{closure}}", "");
    let function = function.replace("::{closure#0}", "");
    // What `#[tokio::test]` of a whole graph puts the body of a test into.
    let function = function.replace("::__deadheat_body", "");
    // With line tables only: what it is generic over says nothing, and takes lines.
    let bare = function
        .starts_with('{')
        .then(|| function.split('<').next());
    frame.file = frame.file.as_deref().map(workspace::named);
    frame.function = bare.flatten().unwrap_or(&function).to_owned();
}
