//! Where the command writes to, and how it calls itself in lines to be pasted.

use std::env;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};

/// Standard output, buffered; and standard error for what is wrong.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    command: String,
    errors: GraphicalReportHandler,
}

impl Output {
    /// The output of this process.
    pub(crate) fn of_process() -> Self {
        let theme = if io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        Output {
            out: BufWriter::new(io::stdout().lock()),
            command: command(),
            errors: GraphicalReportHandler::new_themed(theme),
        }
    }

    /// How to call this command from a shell, in the way in which it was called.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    pub(crate) fn text(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        write!(self.out, "{text}")
    }

    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
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
        self.complain(&format!("error: {text}\n"));
    }

    fn complain(&mut self, text: &str) {
        // Standard error is the last place to complain in: if it is closed, there is none.
        let _ = self.out.flush();
        let _ = io::stderr().lock().write_all(text.as_bytes());
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

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
