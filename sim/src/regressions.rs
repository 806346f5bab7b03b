//! Failing runs that are kept in a file, and made first the next time.
//!
//! 1. A run is kept before anything else is done with it, by a file that is written beside and renamed, so
//!    that neither an interrupt nor a crash loses what was reported.
//! 2. Lines that were there stay as they are, comments and all; a line that is no token is an error that
//!    says where, and nothing is written over it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::token::{Token, TokenError};

const HEAD: &str = "# deadheat regressions 1\n\
# Each line reproduces a run that failed. They are made first, so keep this file under version control.\n\
# A line may be deleted once its bug cannot come back.\n";

/// A file of failing runs, one token a line.
///
/// # Examples
///
/// ```
/// use deadheat::{Regressions, Token};
///
/// let folder = std::env::temp_dir().join("deadheat-regressions-example");
/// let regressions = Regressions::at(folder.join("pool.txt"));
/// let token: Token = "dh1:2.n2=1/3".parse()?;
/// regressions.keep(&token, "the pool leaks")?;
/// assert_eq!(regressions.load()?, [token]);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regressions {
    path: PathBuf,
}

impl Regressions {
    /// The file at this path. It need not be there, nor its folder: the first failure makes them.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Regressions { path: path.into() }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The runs that are kept, in the order in which they were found; none if there is no file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a line of it is no token.
    pub fn load(&self) -> Result<Vec<Token>, RegressionError> {
        let text = self.read()?;
        let lines = text.lines().enumerate();
        let tokens = lines.filter_map(|(index, line)| {
            let token = line.split('#').next().unwrap_or("").trim();
            let error = |error| self.error(Problem::Line(index + 1, error));
            (!token.is_empty()).then(|| token.parse().map_err(error))
        });
        tokens.collect()
    }

    /// Keeps a run, unless it is kept already.
    ///
    /// # Errors
    ///
    /// As for [`load`](Regressions::load), or if the file cannot be written.
    pub fn keep(&self, token: &Token, why: &str) -> Result<(), RegressionError> {
        if self.load()?.contains(token) {
            return Ok(());
        }
        let mut text = self.read()?;
        if text.is_empty() {
            text.push_str(HEAD);
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&line(token, why));
        self.write(&text)
    }

    /// Puts a run in the place of another, as a shrunk one in place of that which was found.
    ///
    /// # Errors
    ///
    /// As for [`keep`](Regressions::keep).
    pub fn replace(&self, token: &Token, by: &Token, why: &str) -> Result<(), RegressionError> {
        if token == by {
            return Ok(());
        }
        let known = self.load()?.contains(by);
        let old = token.to_string();
        let mut text = String::new();
        for kept in self.read()?.lines() {
            if kept.split('#').next().unwrap_or("").trim() == old {
                if !known {
                    text.push_str(&line(by, why));
                }
            } else {
                text.push_str(kept);
                text.push('\n');
            }
        }
        self.write(&text)
    }

    fn read(&self) -> Result<String, RegressionError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(self.error(Problem::Read(error))),
        }
    }

    fn write(&self, text: &str) -> Result<(), RegressionError> {
        write_whole(&self.path, text).map_err(|error| self.error(Problem::Write(error)))
    }

    fn error(&self, problem: Problem) -> RegressionError {
        RegressionError {
            path: self.path.clone(),
            problem,
        }
    }
}

fn line(token: &Token, why: &str) -> String {
    let why: String = why.lines().next().unwrap_or("").chars().take(120).collect();
    match why.is_empty() {
        true => format!("{token}\n"),
        false => format!("{token}  # {why}\n"),
    }
}

/// Writes a file so that it is either as it was or as it is to be, whenever the process ends.
///
/// # Errors
///
/// If the file, or its folder, cannot be written.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all)?;
    for attempt in 0_u32.. {
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".new{attempt}"));
        let beside = PathBuf::from(beside);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
        {
            // Somebody else writes, or somebody's process ended while it did.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < 64 => continue,
            Err(error) => return Err(error),
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return fs::rename(&beside, path);
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Why regressions could not be read or kept.
#[derive(Debug)]
pub struct RegressionError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Read(io::Error),
    Write(io::Error),
    Line(usize, TokenError),
}

impl fmt::Display for RegressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Read(error) => write!(f, "the regressions in {path} cannot be read: {error}"),
            Problem::Write(error) => {
                write!(f, "the regressions in {path} cannot be written: {error}")
            }
            Problem::Line(line, error) => {
                write!(f, "the regressions in {path}, line {line}: {error}")
            }
        }
    }
}

impl std::error::Error for RegressionError {}
