//! Where the command writes to, and how it calls itself in lines to be pasted.
//!
//! 1. Each write to standard output is checked, also the last one, as the process ends.
//! 2. Once whoever read it has gone, there is nobody left to tell: the rest is not written, and the work goes on
//!    to the status that it has. Everything else that is wrong with it is an error.
//! 3. What is told on standard error comes with a status that says so, too. If it cannot be written, that is the
//!    status of bad use, whatever else happened.

use std::env;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use deadheat::Failure;
use deadheat::report::{Printable, annotation, coloured, terminal_columns, within_columns};
use deadheat_words::colour::Colours;
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::Status;

/// Standard output, buffered; and standard error for what is wrong.
pub(crate) struct Output {
    out: BufWriter<WhileRead>,
    command: String,
    /// Whether reports have colours.
    is_coloured: bool,
    /// How wide the terminal is that reports go to, if they go to one.
    columns: Option<usize>,
    /// Whether GitHub Actions reads it.
    is_github: bool,
    errors: GraphicalReportHandler,
    /// What went wrong while something else was told.
    failed: Option<io::Error>,
    /// Something could not be told on standard error.
    untold: bool,
}

impl Output {
    /// The output of this process.
    pub(crate) fn of_process() -> Self {
        let mut colours = Colours::default();
        for (name, value) in env::vars_os() {
            colours.take(&name.to_string_lossy(), &value.to_string_lossy());
        }
        let theme = if colours.are_shown(io::stderr().is_terminal()) {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        Output {
            out: BufWriter::new(WhileRead {
                out: io::stdout().lock(),
                gone: false,
            }),
            command: command(),
            is_coloured: colours.are_shown(io::stdout().is_terminal()),
            columns: columns(io::stdout().is_terminal()),
            is_github: env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            errors: GraphicalReportHandler::new_themed(theme),
            failed: None,
            untold: false,
        }
    }

    /// How to call this command from a shell, in the way in which it was called.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// Lines for a reader: names and logs in them are a program's, and do not steer a terminal.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{}", Printable(text))
    }

    /// The report of a failing run.
    pub(crate) fn report(&mut self, failure: &Failure) -> io::Result<()> {
        let report = failure.to_string();
        let report = match self.columns {
            Some(columns) => within_columns(&report, columns),
            None => report,
        };
        match self.is_coloured {
            true => self.text(coloured(&report)),
            false => self.text(report),
        }
    }

    /// Says on standard error what failed, in a line for GitHub Actions, if that reads it.
    pub(crate) fn annotate(&mut self, name: &str, file: Option<&str>, failure: &Failure) {
        if self.is_github {
            let text = format!("{}\n{}", failure.problems(), failure.replay.join("\n"));
            let line = annotation(file, (1, 0), name, &text);
            self.complain(&format!("{line}\n"));
        }
    }

    /// What is for a program to read, or is printable as it is.
    pub(crate) fn text(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        write!(self.out, "{text}")
    }

    /// Lines for a program to read, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    /// Prints the help or the version that was asked for, or what is wrong with the arguments.
    pub(crate) fn usage(&mut self, told: &clap::Error) -> io::Result<Status> {
        let status = if told.use_stderr() {
            Status::BadInput
        } else {
            Status::Held
        };
        match told.print().and_then(|()| io::stdout().flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(status),
        }
    }

    /// Says what is wrong with the input.
    pub(crate) fn diagnostic(&mut self, diagnostic: &dyn miette::Diagnostic) {
        let mut text = String::new();
        match self.errors.render_report(&mut text, diagnostic) {
            Ok(()) => self.complain(&text),
            Err(std::fmt::Error) => self.problem(&diagnostic.to_string()),
        }
    }

    /// Says what is wrong in plain words.
    pub(crate) fn problem(&mut self, text: &str) {
        self.complain(&format!("error: {}\n", Printable(text)));
    }

    /// Says on standard error what is to be known of an output that is for a program.
    pub(crate) fn note(&mut self, text: &str) {
        self.complain(&format!("note: {}\n", Printable(text)));
    }

    fn complain(&mut self, text: &str) {
        if let Err(error) = self.out.flush() {
            self.failed.get_or_insert(error);
        }
        // Standard error is the last place to complain in: that it cannot be written, the status can tell.
        let told = io::stderr().lock().write_all(text.as_bytes());
        self.untold |= told.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe);
    }

    /// Writes what is not written yet; gives the status with which the process ends.
    pub(crate) fn finish(mut self, ended: io::Result<Status>) -> Status {
        let flushed = self.out.flush();
        let failed = self.failed.take().map_or(Ok(()), Err);
        let status = match ended.and_then(|status| failed.and(flushed).map(|()| status)) {
            Ok(status) => status,
            Err(error) => {
                self.problem(&format!("cannot write the output: {error}"));
                Status::BadInput
            }
        };
        if self.untold {
            Status::BadInput
        } else {
            status
        }
    }
}

/// How wide a terminal is: as the environment says, or as the system does.
fn columns(is_terminal: bool) -> Option<usize> {
    let said = env::var("COLUMNS").ok();
    let said = said.and_then(|columns| columns.parse().ok());
    is_terminal
        .then(|| said.or_else(terminal_columns))
        .flatten()
}

/// Standard output for as long as somebody reads it.
struct WhileRead {
    out: StdoutLock<'static>,
    gone: bool,
}

impl WhileRead {
    fn unless_gone<T>(
        &mut self,
        done: T,
        write: impl FnOnce(&mut StdoutLock<'static>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.gone {
            return Ok(done);
        }
        match write(&mut self.out) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(done)
            }
            written => written,
        }
    }
}

impl Write for WhileRead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone((), StdoutLock::flush)
    }
}

/// Under cargo the binary has no name that a shell would find: the line goes through cargo again.
fn command() -> String {
    let by_cargo = env::var_os("CARGO").is_some() && env::var_os("CARGO_MANIFEST_DIR").is_some();
    let name = env::args().next().unwrap_or_else(|| "deadheat".to_owned());
    match (by_cargo, cfg!(debug_assertions)) {
        (true, false) => "cargo run --release --".to_owned(),
        (true, true) => "cargo run --".to_owned(),
        (false, _) => quoted(&name),
    }
}

/// A file or a name as a shell takes it, and then this command, which would take `-x.kdl` for options.
pub(crate) fn argument(word: &str) -> String {
    match word.starts_with('-') {
        true => quoted(&format!("./{word}")),
        false => quoted(word),
    }
}

/// A word as a shell takes it, in one line that steers no terminal.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if !word.chars().any(is_hidden) {
        format!("'{}'", word.replace('\'', "'\\''"))
    } else {
        let text: String = word.chars().map(in_octal).collect();
        format!("$'{text}'")
    }
}

fn is_hidden(c: char) -> bool {
    c == '\n' || Printable(c).to_string() != c.to_string()
}

/// A character between `$'` and `'`: bash, zsh, ksh and POSIX since 2024 read it.
fn in_octal(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        c if is_hidden(c) => {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            bytes.map(|byte| format!("\\{byte:03o}")).collect()
        }
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{argument, quoted};

    #[test]
    fn a_word_is_quoted_as_a_shell_takes_it_and_steers_no_terminal() {
        for (word, expected) in [
            ("a/b-1.kdl", "a/b-1.kdl"),
            ("", "''"),
            ("a b.kdl", "'a b.kdl'"),
            ("it's $1.kdl", r"'it'\''s $1.kdl'"),
            ("~/ä", "'~/ä'"),
            ("\u{1b}[2J", r"$'\033[2J'"),
            ("it's\n\\\u{202e}1", r"$'it\'s\012\\\342\200\2561'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn a_file_whose_name_looks_like_an_option_is_named_by_a_path() {
        assert_eq!(argument("-x.kdl"), "./-x.kdl");
        assert_eq!(argument("--late 1.kdl"), "'./--late 1.kdl'");
        assert_eq!(argument("a/-x.kdl"), "a/-x.kdl");
    }
}
