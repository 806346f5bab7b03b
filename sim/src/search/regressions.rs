//! Failing runs that are kept in a file, and made first the next time.
//!
//! 1. A run is kept before anything else is done with it, by a file that is written beside and renamed, so
//!    that neither an interrupt nor a crash loses what was reported.
//! 2. Lines that were there stay as they are, comments and all; a line that is no token is an error that
//!    says where, and nothing is written over it.
//! 3. Reading a file and writing what follows from it is one step to everybody else who does it here: the
//!    folder is locked meanwhile. So tests share a file, also when each is a process of its own.
//! 4. A run belongs to the program whose name stands behind its token; one without a name belongs to
//!    whoever reads the file without a name.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::base::printable;
use crate::decide::token::{Token, TokenError};
use crate::search::whole::{lock, write_whole_unlocked};

const HEAD: &str = "# deadheat regressions 1\n\
# Each line reproduces a run that failed. They are made first, so keep this file under version control.\n\
# A line may be deleted once its bug cannot come back.\n";

/// A file of failing runs, a line each: a token, a name if the file is shared, and why it is kept.
///
/// # Examples
///
/// ```
/// use deadheat::{Regressions, Token};
///
/// let folder = std::env::temp_dir().join("deadheat-regressions-example");
/// # let folder = folder.with_extension(std::process::id().to_string());
/// let regressions = Regressions::at(folder.join("pool.txt"));
/// let token: Token = "dh1:2.n2=1/3".parse()?;
/// regressions.keep(&token, "the pool leaks")?;
/// assert_eq!(regressions.load()?, [token]);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing is kept until it is part of a configuration, or told to keep a run"]
pub struct Regressions {
    path: PathBuf,
    name: String,
}

impl Regressions {
    /// The file at this path. It need not be there, nor its folder: the first failure makes them.
    ///
    /// # Examples
    ///
    /// ```
    /// let none_yet = deadheat::Regressions::at("no/such/folder/pool.txt");
    /// assert_eq!(none_yet.load().unwrap(), []);
    /// ```
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Regressions {
            path: path.into(),
            name: String::new(),
        }
    }

    /// Of this file, only what is kept under this name: for a file that several programs share. Blanks
    /// and `#` in the name are written as `_`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Regressions;
    ///
    /// let folder = std::env::temp_dir().join("deadheat-regressions-named");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let shared = Regressions::at(folder.join("tests.txt"));
    /// shared.clone().named("retry").keep(&"dh1:7".parse()?, "gives up")?;
    /// assert_eq!(shared.clone().named("retry").load()?.len(), 1);
    /// assert_eq!(shared.named("lease").load()?.len(), 0);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn named(mut self, name: &str) -> Self {
        let plain = |c: char| {
            if c == '#' || c.is_whitespace() || printable::hides(c) {
                '_'
            } else {
                c
            }
        };
        self.name = name.chars().map(plain).collect();
        self
    }

    /// Where the file is.
    ///
    /// # Examples
    ///
    /// ```
    /// let regressions = deadheat::Regressions::at("pool.txt");
    /// assert_eq!(regressions.path(), std::path::Path::new("pool.txt"));
    /// ```
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The runs that are kept, in the order in which they were found; none if there is no file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a line of it is no token.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Regressions, Token};
    ///
    /// let folder = std::env::temp_dir().join("deadheat-regressions-load");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let regressions = Regressions::at(folder.join("pool.txt"));
    /// let token: Token = "dh1:7".parse()?;
    /// regressions.keep(&token, "the pool leaks")?;
    /// assert_eq!(regressions.load()?, [token]);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(&self) -> Result<Vec<Token>, RegressionError> {
        self.tokens(&self.read()?)
    }

    fn tokens(&self, text: &str) -> Result<Vec<Token>, RegressionError> {
        let mut tokens = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let (token, name) = parts(line);
            if token.is_empty() {
                continue;
            }
            let error = |error| self.error(Problem::Line(index + 1, error));
            let token = token.parse().map_err(error)?;
            if name == self.name {
                tokens.push(token);
            }
        }
        Ok(tokens)
    }

    /// Keeps a run, unless it is kept already.
    ///
    /// # Errors
    ///
    /// As for [`load`](Regressions::load), or if the file cannot be written.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Regressions, Token};
    ///
    /// let folder = std::env::temp_dir().join("deadheat-regressions-keep");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let regressions = Regressions::at(folder.join("pool.txt"));
    /// let token: Token = "dh1:7".parse()?;
    /// regressions.keep(&token, "the pool leaks")?;
    /// regressions.keep(&token, "the pool leaks")?; // it is kept already
    /// assert_eq!(regressions.load()?.len(), 1);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep(&self, token: &Token, why: &str) -> Result<(), RegressionError> {
        self.keep_new(token, why).map(drop)
    }

    /// [`keep`](Regressions::keep); false if it was kept already.
    pub(crate) fn keep_new(&self, token: &Token, why: &str) -> Result<bool, RegressionError> {
        let _lock = lock(&self.path);
        let mut text = self.read()?;
        if self.tokens(&text)?.contains(token) {
            return Ok(false);
        }
        if text.is_empty() {
            text.push_str(HEAD);
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&self.line(token, why));
        self.write(&text).map(|()| true)
    }

    /// Puts a run in the place of another, as a shrunk one in place of that which was found. Nothing is
    /// written if that one is not kept.
    ///
    /// # Errors
    ///
    /// As for [`keep`](Regressions::keep).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Regressions, Token};
    ///
    /// let folder = std::env::temp_dir().join("deadheat-regressions-replace");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let regressions = Regressions::at(folder.join("pool.txt"));
    /// let token: Token = "dh1:7".parse()?;
    /// regressions.keep(&token, "the pool leaks")?;
    /// let shrunk: Token = "dh1:7.n2=1/3".parse()?;
    /// regressions.replace(&token, &shrunk, "the pool leaks")?;
    /// assert_eq!(regressions.load()?, [shrunk]);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace(&self, token: &Token, by: &Token, why: &str) -> Result<(), RegressionError> {
        if token == by {
            return Ok(());
        }
        let _lock = lock(&self.path);
        let before = self.read()?;
        let known = self.tokens(&before)?.contains(by);
        let old = token.to_string();
        let mut text = String::new();
        for kept in before.lines() {
            if parts(kept) == (&old, &self.name) {
                if !known {
                    text.push_str(&self.line(by, why));
                }
            } else {
                text.push_str(kept);
                text.push('\n');
            }
        }
        if text == before {
            return Ok(());
        }
        self.write(&text)
    }

    fn line(&self, token: &Token, why: &str) -> String {
        let mut line = token.to_string();
        if !self.name.is_empty() {
            line.push_str("  ");
            line.push_str(&self.name);
        }
        let why = why.lines().next().unwrap_or("").chars().take(120);
        let why = printable::line(&why.collect::<String>()).into_owned();
        if !why.is_empty() {
            line.push_str("  # ");
            line.push_str(&why);
        }
        line.push('\n');
        line
    }

    /// Takes a run away that should not have been kept, as one that does not repeat. What else is kept stays,
    /// and a run that is not kept is no error.
    ///
    /// # Errors
    ///
    /// As for [`keep`](Regressions::keep).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Regressions, Token};
    ///
    /// let folder = std::env::temp_dir().join("deadheat-regressions-forget");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let regressions = Regressions::at(folder.join("pool.txt"));
    /// let token: Token = "dh1:7".parse()?;
    /// regressions.keep(&token, "the pool leaks")?;
    /// regressions.forget(&token)?;
    /// assert_eq!(regressions.load()?, []);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forget(&self, token: &Token) -> Result<(), RegressionError> {
        let _lock = lock(&self.path);
        let before = self.read()?;
        if !self.tokens(&before)?.contains(token) {
            return Ok(());
        }
        let old = token.to_string();
        let others = before.split_inclusive('\n');
        let others: String = others
            .filter(|line| parts(line) != (old.as_str(), self.name.as_str()))
            .collect();
        self.write(&others)
    }

    fn read(&self) -> Result<String, RegressionError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(self.error(Problem::Read(error))),
        };
        String::from_utf8(bytes).map_err(|error| {
            let readable = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + readable.iter().filter(|byte| **byte == b'\n').count();
            self.error(Problem::Bytes(line))
        })
    }

    fn write(&self, text: &str) -> Result<(), RegressionError> {
        write_whole_unlocked(&self.path, text).map_err(|error| self.error(Problem::Write(error)))
    }

    fn error(&self, problem: Problem) -> RegressionError {
        RegressionError {
            path: self.path.clone(),
            problem,
        }
    }
}

/// The token of a line, and the name it is kept under.
fn parts(line: &str) -> (&str, &str) {
    let entry = line.split('#').next().unwrap_or("").trim();
    match entry.split_once(char::is_whitespace) {
        Some((token, name)) => (token, name.trim_start()),
        None => (entry, ""),
    }
}

/// Why regressions could not be read or kept.
///
/// # Examples
///
/// ```
/// use deadheat::Regressions;
/// use deadheat::decide::TokenError;
/// use std::{error::Error, fs, io};
///
/// let folder = std::env::temp_dir().join("deadheat-regressions-error");
/// # let folder = folder.with_extension(std::process::id().to_string());
/// fs::create_dir_all(&folder)?;
/// let kept = Regressions::at(folder.join("pool.txt"));
/// let why = |error: deadheat::search::RegressionError| {
///     error.source().map(|why| (why.is::<io::Error>(), why.is::<TokenError>()))
/// };
///
/// fs::write(kept.path(), "no token\n")?;
/// assert_eq!(why(kept.load().unwrap_err()), Some((false, true)));
/// fs::write(kept.path(), b"\xff\n")?;
/// assert_eq!(why(kept.load().unwrap_err()), None); // it is no text
/// let no_file = Regressions::at(&folder);
/// assert_eq!(why(no_file.load().unwrap_err()), Some((true, false)));
/// let in_the_way = Regressions::at(folder.join("lease.txt"));
/// fs::create_dir_all(folder.join(".lease.txt.of-deadheat"))?; // by that name it is written
/// assert_eq!(why(in_the_way.keep(&"dh1:7".parse()?, "").unwrap_err()), Some((true, false)));
/// # fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn Error>>(())
/// ```
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
    /// It is no text from this line on.
    Bytes(usize),
}

impl RegressionError {
    /// Whether the file was read, and a line of it is wrong. What follows from that is told by whoever reads it.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self.problem, Problem::Line(..) | Problem::Bytes(_))
    }
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
            Problem::Bytes(line) => {
                write!(f, "the regressions in {path}, line {line}: it is no text")
            }
        }
    }
}

impl std::error::Error for RegressionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Read(error) | Problem::Write(error) => Some(error),
            Problem::Line(_, error) => Some(error),
            Problem::Bytes(_) => None,
        }
    }
}
