//! Who keeps a task waiting: who has the lock, the permit or the other end of the channel.

use std::fmt;

use crate::record::await_place::AwaitPlace;

/// Who keeps a task waiting: found out by dropping the others, one by one, after the run has ended.
///
/// # Examples
///
/// ```
/// use deadheat::record::Held;
///
/// let says_who = |held: &Held| match held {
///     Held::By(holders) => holders.iter().map(ToString::to_string).collect(),
///     Held::ByNoOther => "by itself".to_owned(),
///     _ => String::new(),
/// };
/// assert_eq!(says_who(&Held::ByNoOther), "by itself");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Held {
    /// That is not known.
    #[default]
    Unknown,
    /// These have what it waits for.
    By(Vec<Holder>),
    /// All other tasks were dropped, and it was not woken.
    ByNoOther,
}

impl Held {
    /// One more holder. Who is only before it in line counts where nobody is known who has it.
    pub(crate) fn add(&mut self, holder: Holder) {
        if !matches!(self, Held::By(_)) {
            *self = Held::By(Vec::new());
        }
        let Held::By(holders) = self else {
            return;
        };
        match holders.iter_mut().find(|of| of.number == holder.number) {
            Some(known) if known.waits_too => *known = holder,
            Some(_) => {}
            None => holders.push(holder),
        }
        holders.sort_by_key(|holder| (holder.waits_too, holder.number));
    }

    /// As a report says it below the line of the task. Who is only before it in line is told where nobody else is.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Held::Unknown => Vec::new(),
            Held::ByNoOther => {
                vec!["held by no other task: it waits for what it has itself".to_owned()]
            }
            Held::By(holders) => {
                let known = holders.iter().filter(|holder| !holder.waits_too).count();
                let told = holders.iter().take(known.clamp(1, HOLDERS_TOLD));
                told.map(ToString::to_string).collect()
            }
        }
    }
}

/// So many holders are told of.
const HOLDERS_TOLD: usize = 4;

/// A task that keeps another one waiting.
///
/// # Examples
///
/// ```
/// use deadheat::record::Holder;
///
/// /// The line at which it would let go.
/// fn jump(holder: &Holder) -> Option<String> {
///     let place = holder.until.as_ref()?;
///     Some(format!("{}:{}", place.file.as_ref()?, place.line?.0))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// Its name.
    pub task: String,
    /// What it has, by the name of its type: a guard, a permit, the other end of a channel, or what these are in.
    pub has: Option<String>,
    /// The function that has it, and the line at which that would drop it.
    pub until: Option<AwaitPlace>,
    /// It is only before the other in line, and waits itself.
    pub waits_too: bool,
    /// Its number.
    pub(crate) number: u32,
}

impl Holder {
    /// Whether what it has is a lock or a permit.
    fn holds(&self) -> bool {
        let has = self.has.as_deref().unwrap_or_default();
        has.contains("Guard") || has.contains("Permit")
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.waits_too {
            return write!(f, "{} is before it in line", self.task);
        }
        let how = if self.holds() { "held" } else { "kept waiting" };
        write!(f, "{how} by {}", self.task)?;
        if let Some(has) = &self.has {
            let an = if has.to_lowercase().starts_with(['a', 'e', 'i', 'o']) {
                "an"
            } else {
                "a"
            };
            write!(f, ", which has {an} {has}")?;
        }
        let Some(until) = &self.until else {
            return Ok(());
        };
        write!(f, " in {}", until.short_function())?;
        match (&until.file, until.line) {
            (Some(file), Some((line, column))) => {
                write!(f, " (its scope ends at {file}:{line}:{column})")
            }
            _ => Ok(()),
        }
    }
}
