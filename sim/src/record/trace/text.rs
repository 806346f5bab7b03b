//! The text form of a trace: one line an event, `TIME TASK WHAT`, under a line with the version.
//!
//! A name is bare where that is unambiguous, else quoted. Times are seconds.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use deadheat_timeout::{ScopeEnd, State};

use crate::base::printable;
use crate::base::time::{Instant, seconds};

use super::{By, How, Trace, TraceEvent, What};

const HEADER: &str = "deadheat trace 1";
const TRUNCATED: &str = "… and more, beyond the limit";

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for event in &self.events {
            writeln!(f, "{event}")?;
        }
        if self.truncated {
            writeln!(f, "{TRUNCATED}")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let task = self
            .task
            .as_deref()
            .map_or_else(|| "-".to_owned(), |task| word(task, "-"));
        write!(f, "{:>12}  {task:<8}  {}", time(self.at), self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &str| word(name, "");
        match self {
            What::Spawn => f.write_str("spawn"),
            What::Turn => f.write_str("turn"),
            What::Wake => f.write_str("wake"),
            What::Arm {
                timer,
                deadline,
                until,
            } => {
                write!(f, "arm #{timer} deadline={}", time(*deadline))?;
                if until == deadline {
                    Ok(())
                } else {
                    write!(f, " until={}", time(*until))
                }
            }
            What::Fire(timer) => write!(f, "fire #{timer}"),
            What::Disarm(timer) => write!(f, "disarm #{timer}"),
            What::Late {
                timer: Some(timer),
                to,
            } => write!(f, "late #{timer} to={}", time(*to)),
            What::Late { timer: None, to } => write!(f, "late to={}", time(*to)),
            What::Busy(by) => write!(f, "busy {}", time(*by)),
            What::Enter { scope, deadline } => {
                write!(f, "enter {} deadline={}", name(scope), optional(*deadline))
            }
            What::Reschedule { scope, deadline } => {
                write!(
                    f,
                    "reschedule {} deadline={}",
                    name(scope),
                    optional(*deadline)
                )
            }
            What::Expire { scope } => write!(f, "expire {}", name(scope)),
            What::Exit { scope, state, end } => {
                write!(
                    f,
                    "exit {} state={state} end={}",
                    name(scope),
                    spell(&ENDS, end)
                )
            }
            What::Cancel(By::Scope(scope)) => write!(f, "cancel by=scope {}", name(scope)),
            What::Cancel(By::Task(task)) => write!(f, "cancel by=task {}", name(task)),
            What::Cancel(By::Waiter(task)) => write!(f, "cancel by=waiter {}", name(task)),
            What::Cancel(By::Outside) => f.write_str("cancel by=outside"),
            What::Deliver => f.write_str("deliver"),
            What::Join(task) => write!(f, "join {}", name(task)),
            What::Uncancel { remaining } => write!(f, "uncancel remaining={remaining}"),
            What::End(how) => write!(f, "end {}", spell(&HOWS, how)),
            What::Draw { value, options } => write!(f, "draw {value}/{options}"),
            What::Fault(text) => write!(f, "fault {}", quote(text)),
            What::Log(text) => write!(f, "log {}", quote(text)),
        }
    }
}

const ENDS: [(&str, ScopeEnd); 5] = [
    ("value", ScopeEnd::Value),
    ("cancelled", ScopeEnd::Cancelled),
    ("elapsed", ScopeEnd::Elapsed),
    ("error", ScopeEnd::Error),
    ("dropped", ScopeEnd::Dropped),
];

const HOWS: [(&str, How); 5] = [
    ("returned", How::Returned),
    ("cancelled", How::Cancelled),
    ("failed", How::Failed),
    ("aborted", How::Aborted),
    ("panicked", How::Panicked),
];

fn spell<T: PartialEq>(spellings: &[(&'static str, T)], value: &T) -> &'static str {
    spellings
        .iter()
        .find(|(_, of)| of == value)
        .map_or("?", |(text, _)| text)
}

fn unspell<T: Copy>(spellings: &[(&str, T)], text: &str) -> Option<T> {
    spellings
        .iter()
        .find(|(of, _)| *of == text)
        .map(|(_, value)| *value)
}

fn time(at: Instant) -> String {
    format!("{}s", seconds(at.as_nanos()))
}

fn optional(at: Option<Instant>) -> String {
    at.map_or_else(|| "none".to_owned(), time)
}

/// A name, quoted unless it is plain and not `reserved`.
fn word(name: &str, reserved: &str) -> String {
    let plain = |c: char| {
        (c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')) && !printable::hides(c)
    };
    if name != reserved && !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        quote(name)
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c => printable::push(&mut quoted, c),
        }
    }
    quoted.push('"');
    quoted
}

/// Why a trace could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceError {
    line: usize,
    found: Option<String>,
}

impl TraceError {
    /// The line with the trouble, from 1.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = deadheat::Trace::parse("deadheat trace 1\nwhatever\n").unwrap_err();
    /// assert_eq!(error.line(), 2);
    /// ```
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            None => write!(f, "line 1 of a trace is \"{HEADER}\""),
            Some(found) => {
                write!(
                    f,
                    "line {} is no event of a trace: {found:?}; expected TIME TASK WHAT",
                    self.line
                )
            }
        }
    }
}

impl std::error::Error for TraceError {}

impl Trace {
    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line, for anything that [`Display`](fmt::Display) does not write.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Trace;
    ///
    /// let trace = Trace::parse("deadheat trace 1\n      0.000s  work      turn\n").unwrap();
    /// assert_eq!(trace.events[0].task.as_deref(), Some("work"));
    /// ```
    pub fn parse(text: &str) -> Result<Trace, TraceError> {
        // Every line ends in a line feed, the last one too; a carriage return is no part of an end.
        let Some(text) = text.strip_suffix('\n') else {
            let line = text.split('\n').count();
            let found = (line > 1).then(|| "a last line without its end".to_owned());
            return Err(TraceError { line, found });
        };
        let mut lines = text.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(TraceError {
                line: 1,
                found: None,
            });
        }
        let mut trace = Trace::default();
        for (index, line) in lines.enumerate() {
            if line == TRUNCATED && !trace.truncated {
                trace.truncated = true;
                continue;
            }
            let event = if trace.truncated { None } else { event(line) };
            let event = event.filter(|event| event.to_string() == line);
            let found = || Some(line.chars().take(80).collect());
            trace.events.push(event.ok_or_else(|| TraceError {
                line: index + 2,
                found: found(),
            })?);
        }
        Ok(trace)
    }
}

fn event(line: &str) -> Option<TraceEvent> {
    let mut words = Words {
        chars: line.chars().peekable(),
    };
    let at = Instant::parse(&words.next()?.bare()?)?;
    let task = match words.next()? {
        Word {
            text,
            quoted: false,
        } if text == "-" => None,
        word => Some(word.text),
    };
    let what = what(&mut words)?;
    words
        .next()
        .is_none()
        .then_some(TraceEvent { at, task, what })
}

fn what(words: &mut Words<'_>) -> Option<What> {
    let verb = words.next()?.bare()?;
    Some(match verb.as_str() {
        "spawn" => What::Spawn,
        "turn" => What::Turn,
        "wake" => What::Wake,
        "arm" => arm(words)?,
        "fire" => What::Fire(words.timer()?),
        "disarm" => What::Disarm(words.timer()?),
        "late" => late(words)?,
        "busy" => What::Busy(Instant::parse(&words.next()?.bare()?)?),
        "enter" => What::Enter {
            scope: words.name()?,
            deadline: words.deadline()?,
        },
        "reschedule" => What::Reschedule {
            scope: words.name()?,
            deadline: words.deadline()?,
        },
        "expire" => What::Expire {
            scope: words.name()?,
        },
        "exit" => exit(words)?,
        "cancel" => What::Cancel(by(words)?),
        "deliver" => What::Deliver,
        "join" => What::Join(words.name()?),
        "uncancel" => What::Uncancel {
            remaining: words.field("remaining=")?.parse().ok()?,
        },
        "end" => What::End(unspell(&HOWS, &words.next()?.bare()?)?),
        "draw" => draw(words)?,
        "fault" => What::Fault(words.next().filter(|word| word.quoted)?.text),
        "log" => What::Log(words.next().filter(|word| word.quoted)?.text),
        _ => return None,
    })
}

fn arm(words: &mut Words<'_>) -> Option<What> {
    let timer = words.timer()?;
    let deadline = Instant::parse(&words.field("deadline=")?)?;
    let until = match words.field("until=") {
        Some(until) => Instant::parse(&until)?,
        None => deadline,
    };
    Some(What::Arm {
        timer,
        deadline,
        until,
    })
}

fn late(words: &mut Words<'_>) -> Option<What> {
    let first = words.next()?.bare()?;
    let timer = first.strip_prefix('#');
    let to = match timer {
        Some(_) => words.next()?.bare()?,
        None => first.clone(),
    };
    Some(What::Late {
        timer: timer.map(str::parse).transpose().ok()?,
        to: Instant::parse(to.strip_prefix("to=")?)?,
    })
}

fn exit(words: &mut Words<'_>) -> Option<What> {
    let scope = words.name()?;
    let state = words.field("state=")?;
    let state = State::ALL.into_iter().find(|of| of.to_string() == state)?;
    let end = unspell(&ENDS, &words.field("end=")?)?;
    Some(What::Exit { scope, state, end })
}

fn by(words: &mut Words<'_>) -> Option<By> {
    Some(match words.field("by=")?.as_str() {
        "scope" => By::Scope(words.name()?),
        "task" => By::Task(words.name()?),
        "waiter" => By::Waiter(words.name()?),
        "outside" => By::Outside,
        _ => return None,
    })
}

fn draw(words: &mut Words<'_>) -> Option<What> {
    let draw = words.next()?.bare()?;
    let (value, options) = draw.split_once('/')?;
    Some(What::Draw {
        value: value.parse().ok()?,
        options: options.parse().ok()?,
    })
}

struct Word {
    text: String,
    quoted: bool,
}

impl Word {
    fn bare(self) -> Option<String> {
        (!self.quoted).then_some(self.text)
    }
}

/// The words of a line: bare, or quoted.
struct Words<'a> {
    chars: Peekable<Chars<'a>>,
}

impl Words<'_> {
    fn next(&mut self) -> Option<Word> {
        while self.chars.next_if_eq(&' ').is_some() {}
        if self.chars.next_if_eq(&'"').is_some() {
            return Some(Word {
                text: self.quoted()?,
                quoted: true,
            });
        }
        let mut text = String::new();
        while let Some(c) = self.chars.next_if(|c| *c != ' ') {
            text.push(c);
        }
        (!text.is_empty()).then_some(Word {
            text,
            quoted: false,
        })
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.chars.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        match self.chars.next()? {
            'n' => Some('\n'),
            'u' => {
                self.chars.next_if_eq(&'{')?;
                let mut hex = String::new();
                while let Some(c) = self.chars.next_if(char::is_ascii_hexdigit) {
                    hex.push(c);
                }
                self.chars.next_if_eq(&'}')?;
                char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
            }
            c @ ('"' | '\\') => Some(c),
            _ => None,
        }
    }

    fn name(&mut self) -> Option<String> {
        self.next().map(|word| word.text)
    }

    fn timer(&mut self) -> Option<u64> {
        self.next()?.bare()?.strip_prefix('#')?.parse().ok()
    }

    fn field(&mut self, name: &str) -> Option<String> {
        self.next()?.bare()?.strip_prefix(name).map(str::to_owned)
    }

    fn deadline(&mut self) -> Option<Option<Instant>> {
        match self.field("deadline=")?.as_str() {
            "none" => Some(None),
            at => Instant::parse(at).map(Some),
        }
    }
}
