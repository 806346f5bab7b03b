//! The error that reading a scenario ends in: every mistake of the file, each a diagnostic of its own.
//!
//! `Display` is one line that an editor can jump to; miette's handlers draw the place and the hint.
//! What the mistakes are is decided where they are found.

use std::error::Error;
use std::fmt::{self, Display};
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};

use super::problem::{Problem, Problems};
use super::source::Source;

/// Why a file is not a scenario.
///
/// `Display` is `file:line:column: message` for the first mistake, and says how many others there are.
/// As a [`miette::Diagnostic`] it also carries the place, a hint, and the other mistakes as `related`.
///
/// # Examples
///
/// ```
/// let error = deadheat_scenarios::parse("a.kdl", "scenario a; task main { slep \"1s\" }").unwrap_err();
/// assert_eq!(error.to_string(), "a.kdl:1:25: unknown step `slep`");
/// assert!(error.mistakes()[0].help().starts_with("did you mean `sleep`?"));
/// ```
#[derive(Debug, Clone)]
pub struct ParseError {
    /// Never empty.
    mistakes: Vec<Mistake>,
    omitted: usize,
}

/// One mistake in a scenario file.
#[derive(Debug, Clone)]
pub struct Mistake {
    source: Arc<Source>,
    place: Option<Place>,
    message: String,
    help: String,
}

/// A mistake about the file as a whole, such as one that is missing, has no place.
#[derive(Debug, Clone)]
struct Place {
    line: usize,
    column: usize,
    /// There is nothing to show of a file that was too large to read.
    mark: Option<(&'static str, SourceSpan)>,
}

impl ParseError {
    pub(super) fn new(file: &str, text: &str, problems: Problems) -> Self {
        let (kept, omitted) = problems.into_parts();
        let source = Arc::new(Source::new(file, text));
        let mistakes = kept
            .into_iter()
            .map(|one| Mistake::at(&source, one))
            .collect();
        Self { mistakes, omitted }
    }

    /// A mistake in a text of which nothing is shown.
    pub(super) fn at_start(file: &str, message: String, help: String) -> Self {
        let place = Place {
            line: 1,
            column: 1,
            mark: None,
        };
        Self::single(file, Some(place), message, help)
    }

    /// The file could not be read at all.
    pub(super) fn unreadable(file: &str, message: String, help: String) -> Self {
        Self::single(file, None, message, help)
    }

    fn single(file: &str, place: Option<Place>, message: String, help: String) -> Self {
        let source = Arc::new(Source::new(file, ""));
        Self {
            mistakes: vec![Mistake {
                source,
                place,
                message,
                help,
            }],
            omitted: 0,
        }
    }

    /// The mistakes, in order of place; there is at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// How many more mistakes were found than are kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}

impl Mistake {
    fn at(source: &Arc<Source>, problem: Problem) -> Self {
        let (line, column) = source.position(problem.span.start);
        let mark = Some((problem.label, source.label(problem.span)));
        let place = Some(Place { line, column, mark });
        let first = problem.first.map(|first| source.position(first.start).0);
        let first = first.map(|line| format!("; the first is in line {line}"));
        let help = problem.help + &first.unwrap_or_default();
        Self {
            source: Arc::clone(source),
            place,
            message: problem.message,
            help,
        }
    }

    /// The name of the file, as it was given.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The line, counted from 1; `None` when the file could not be read at all.
    pub fn line(&self) -> Option<usize> {
        self.place.as_ref().map(|place| place.line)
    }

    /// The column in characters, counted from 1; `None` when the file could not be read at all.
    pub fn column(&self) -> Option<usize> {
        self.place.as_ref().map(|place| place.column)
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file();
        match &self.place {
            Some(Place { line, column, .. }) => {
                write!(f, "{file}:{line}:{column}: {}", self.message)
            }
            None => write!(f, "{file}: {}", self.message),
        }
    }
}

impl Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.mistakes.first() {
            Display::fmt(first, f)?;
        }
        match self.mistakes.len().saturating_sub(1) + self.omitted {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more mistake)"),
            more => write!(f, " (and {more} more mistakes)"),
        }
    }
}

impl Error for Mistake {}
impl Error for ParseError {}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let mark = self.place.as_ref()?.mark.as_ref();
        mark.map(|_| &*self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (label, span) = self.place.as_ref()?.mark.as_ref()?;
        let label = LabeledSpan::new_with_span(Some((*label).to_owned()), *span);
        Some(Box::new(std::iter::once(label)))
    }
}

impl Diagnostic for ParseError {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Diagnostic::help(self.mistakes.first()?)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.mistakes.first()?.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.mistakes.first()?.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let others = self.mistakes.get(1..).filter(|others| !others.is_empty())?;
        Some(Box::new(
            others.iter().map(|mistake| mistake as &dyn Diagnostic),
        ))
    }
}
