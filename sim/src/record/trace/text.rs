//! The text form of a trace: one line an event, `TIME TASK WHAT`, under a line with the version.
//!
//! A name is bare where that is unambiguous, else quoted. Times are seconds.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use deadheat_timeout::{ScopeEnd, State};

use crate::base::printable;
use crate::base::time::{Instant, seconds};

use super::{CancelledBy, EventKind, TaskOutcome, Trace, TraceEvent};

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

impl fmt::Display for CancelledBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CancelledBy::Scope(scope) => write!(f, "scope {}", word(scope, "")),
            CancelledBy::Task(task) => write!(f, "task {}", word(task, "")),
            CancelledBy::Waiter(task) => write!(f, "waiter {}", word(task, "")),
            CancelledBy::Outside => f.write_str("outside"),
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &str| word(name, "");
        match self {
            EventKind::Spawn => f.write_str("spawn"),
            EventKind::Turn => f.write_str("turn"),
            EventKind::Wake => f.write_str("wake"),
            EventKind::Arm {
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
            EventKind::Fire(timer) => write!(f, "fire #{timer}"),
            EventKind::Disarm(timer) => write!(f, "disarm #{timer}"),
            EventKind::Late {
                timer: Some(timer),
                to,
            } => write!(f, "late #{timer} to={}", time(*to)),
            EventKind::Late { timer: None, to } => write!(f, "late to={}", time(*to)),
            EventKind::Busy(by) => write!(f, "busy {}", time(*by)),
            EventKind::Enter { scope, deadline } => {
                write!(f, "enter {} deadline={}", name(scope), optional(*deadline))
            }
            EventKind::Reschedule { scope, deadline } => {
                write!(
                    f,
                    "reschedule {} deadline={}",
                    name(scope),
                    optional(*deadline)
                )
            }
            EventKind::Expire { scope } => write!(f, "expire {}", name(scope)),
            EventKind::Exit { scope, state, end } => {
                write!(
                    f,
                    "exit {} state={state} end={}",
                    name(scope),
                    spell(&ENDS, end)
                )
            }
            EventKind::Cancel(by) => write!(f, "cancel by={by}"),
            EventKind::Deliver => f.write_str("deliver"),
            EventKind::Join(task) => write!(f, "join {}", name(task)),
            EventKind::Uncancel { remaining } => write!(f, "uncancel remaining={remaining}"),
            EventKind::End(how) => write!(f, "end {}", spell(&HOWS, how)),
            EventKind::Draw { value, options } => write!(f, "draw {value}/{options}"),
            EventKind::Fault(text) => write!(f, "fault {}", quote(text)),
            EventKind::Log(text) => write!(f, "log {}", quote(text)),
            EventKind::Socket(text) => write!(f, "socket {}", quote(text)),
            EventKind::Packet(text) => write!(f, "packet {}", quote(text)),
            EventKind::File(text) => write!(f, "file {}", quote(text)),
            EventKind::Errand { what, now, then } => errand([what, now, then], f),
        }
    }
}

fn errand(texts: [&String; 3], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let [what, now, then] = texts.map(|text| quote(text));
    write!(f, "errand {what} {now} {then}")
}

const ENDS: [(&str, ScopeEnd); 5] = [
    ("value", ScopeEnd::Value),
    ("cancelled", ScopeEnd::Cancelled),
    ("elapsed", ScopeEnd::Elapsed),
    ("error", ScopeEnd::Error),
    ("dropped", ScopeEnd::Dropped),
];

const HOWS: [(&str, TaskOutcome); 5] = [
    ("returned", TaskOutcome::Returned),
    ("cancelled", TaskOutcome::Cancelled),
    ("failed", TaskOutcome::Failed),
    ("aborted", TaskOutcome::Aborted),
    ("panicked", TaskOutcome::Panicked),
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
    words.next().is_none().then_some(TraceEvent {
        at,
        task,
        what,
        origin: None,
        panic: None,
    })
}

fn what(words: &mut Words<'_>) -> Option<EventKind> {
    let verb = words.next()?.bare()?;
    Some(match verb.as_str() {
        "spawn" => EventKind::Spawn,
        "turn" => EventKind::Turn,
        "wake" => EventKind::Wake,
        "arm" => arm(words)?,
        "fire" => EventKind::Fire(words.timer()?),
        "disarm" => EventKind::Disarm(words.timer()?),
        "late" => late(words)?,
        "busy" => EventKind::Busy(Instant::parse(&words.next()?.bare()?)?),
        "enter" => EventKind::Enter {
            scope: words.name()?,
            deadline: words.deadline()?,
        },
        "reschedule" => EventKind::Reschedule {
            scope: words.name()?,
            deadline: words.deadline()?,
        },
        "expire" => EventKind::Expire {
            scope: words.name()?,
        },
        "exit" => exit(words)?,
        "cancel" => EventKind::Cancel(by(words)?),
        "deliver" => EventKind::Deliver,
        "join" => EventKind::Join(words.name()?),
        "uncancel" => EventKind::Uncancel {
            remaining: words.field("remaining=")?.parse().ok()?,
        },
        "end" => EventKind::End(unspell(&HOWS, &words.next()?.bare()?)?),
        "draw" => draw(words)?,
        "fault" => EventKind::Fault(words.text()?),
        "log" => EventKind::Log(words.text()?),
        "socket" => EventKind::Socket(words.text()?),
        "packet" => EventKind::Packet(words.text()?),
        "file" => EventKind::File(words.text()?),
        "errand" => EventKind::Errand {
            what: words.text()?,
            now: words.text()?,
            then: words.text()?,
        },
        _ => return None,
    })
}

fn arm(words: &mut Words<'_>) -> Option<EventKind> {
    let timer = words.timer()?;
    let deadline = Instant::parse(&words.field("deadline=")?)?;
    let until = match words.field("until=") {
        Some(until) => Instant::parse(&until)?,
        None => deadline,
    };
    Some(EventKind::Arm {
        timer,
        deadline,
        until,
    })
}

fn late(words: &mut Words<'_>) -> Option<EventKind> {
    let first = words.next()?.bare()?;
    let timer = first.strip_prefix('#');
    let to = match timer {
        Some(_) => words.next()?.bare()?,
        None => first.clone(),
    };
    Some(EventKind::Late {
        timer: timer.map(str::parse).transpose().ok()?,
        to: Instant::parse(to.strip_prefix("to=")?)?,
    })
}

fn exit(words: &mut Words<'_>) -> Option<EventKind> {
    let scope = words.name()?;
    let state = words.field("state=")?;
    let state = State::ALL.into_iter().find(|of| of.to_string() == state)?;
    let end = unspell(&ENDS, &words.field("end=")?)?;
    Some(EventKind::Exit { scope, state, end })
}

fn by(words: &mut Words<'_>) -> Option<CancelledBy> {
    Some(match words.field("by=")?.as_str() {
        "scope" => CancelledBy::Scope(words.name()?),
        "task" => CancelledBy::Task(words.name()?),
        "waiter" => CancelledBy::Waiter(words.name()?),
        "outside" => CancelledBy::Outside,
        _ => return None,
    })
}

fn draw(words: &mut Words<'_>) -> Option<EventKind> {
    let draw = words.next()?.bare()?;
    let (value, options) = draw.split_once('/')?;
    Some(EventKind::Draw {
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

    fn text(&mut self) -> Option<String> {
        Some(self.next().filter(|word| word.quoted)?.text)
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
