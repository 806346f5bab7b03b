//! Reads a scenario from the file system.
//!
//! Never more than the limit and one byte are read, whatever the file's size is said to be, so that
//! a device or a pipe without end is refused like a large file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::problem::{Problem, Problems, Span};
use super::{MAX_FILE_BYTES, ParseError, parse, too_large};
use crate::ast::Scenario;

/// Reads and parses a file.
///
/// # Errors
///
/// - a file that is missing, is a directory or cannot be read;
/// - a file of more than [`MAX_FILE_BYTES`], or one that is not UTF-8;
/// - everything that [`parse()`] refuses.
pub fn read(path: &Path) -> Result<Scenario, ParseError> {
    let name = path.display().to_string();
    let bytes = match bounded(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(too_large(&name)),
        Err(error) => return Err(unreadable(&name, path, &error)),
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => parse(&name, text),
        Err(error) => Err(not_utf8(&name, &bytes, error.valid_up_to())),
    }
}

/// The content, or nothing when it is too much.
fn bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    let limit = MAX_FILE_BYTES as u64;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.len() > limit {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= MAX_FILE_BYTES).then_some(bytes))
}

fn unreadable(name: &str, path: &Path, error: &io::Error) -> ParseError {
    let directory = path.is_dir();
    let (message, help) = match error.kind() {
        _ if directory => ("this is a directory".to_owned(), "name a file in it"),
        io::ErrorKind::NotFound => ("there is no such file".to_owned(), "check the path"),
        _ => (
            format!("the file cannot be read: {error}"),
            "check its permissions",
        ),
    };
    ParseError::unreadable(name, message, help.to_owned())
}

/// Shows what comes before the first wrong byte.
fn not_utf8(name: &str, bytes: &[u8], at: usize) -> ParseError {
    let valid = String::from_utf8_lossy(&bytes[..at]);
    let text = format!("{valid}{}", char::REPLACEMENT_CHARACTER);
    let byte = bytes.get(at).copied().unwrap_or_default();
    let mut problems = Problems::default();
    problems.report(|| {
        let message = format!("the file is not UTF-8: byte {byte:#04x} at offset {at}");
        let help = "is this a text file? Save it as UTF-8";
        Problem::new(
            Span {
                start: at,
                end: text.len(),
            },
            message,
            help,
        )
    });
    ParseError::new(name, &text, problems)
}
