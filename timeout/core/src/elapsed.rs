//! The error of a deadline: which one it was, and how late that was noticed.
//!
//! 1. It is one pointer. What it tells is put together when the deadline has been reached, and costs nothing before.
//! 2. Two are equal if they come from the same form of a timeout. What they tell is for whoever reads them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Cancelled;
use crate::place::Place;

/// The deadline was reached before the body ended.
///
/// It says which one: the name of the scope if it has one, where the timeout was made, after what time it was due, and how
/// late that was noticed. A delay is not known of [`timeout`](crate::timeout), which has no room for it, nor of
/// [`timeout_at`](crate::timeout_at); of every other form it is.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use deadheat_timeout::{Timeout, TokioClock};
/// use std::{io, time::Duration};
///
/// let request = Timeout::after(&TokioClock, Duration::from_secs(2)).named("the request");
/// let elapsed = request.run(std::future::pending::<()>()).await.unwrap_err();
/// let place = elapsed.place(); // src/client.rs:40:9, say
/// let told = format!("timed out after 2 s (timeout \"the request\" made at {place})");
/// assert!(elapsed.to_string().starts_with(&told), "{elapsed}"); // and ", noticed 1 ms late"
///
/// // It is behind the error that it becomes, too.
/// let error = io::Error::from(elapsed);
/// assert_eq!(error.kind(), io::ErrorKind::TimedOut);
/// assert!(error.to_string().starts_with(&told));
/// # });
/// ```
#[derive(Clone)]
pub struct Elapsed {
    told: Arc<Told>,
}

#[derive(Clone)]
struct Told {
    name: Option<Cow<'static, str>>,
    place: Place,
    delay: Option<Duration>,
    lateness: Option<Duration>,
    /// A scope made it of the `Cancelled` that its body ended in.
    is_translated: bool,
}

/// What is behind every `Elapsed` that a scope made: it is history, and not on its way out.
static TRANSLATED: Cancelled = Cancelled::translated();

impl Default for Elapsed {
    #[track_caller]
    fn default() -> Self {
        Elapsed::new()
    }
}

impl Elapsed {
    /// An `Elapsed` of one's own making, as `raise TimeoutError` makes one. It tells of the place of this call.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::Elapsed;
    /// use std::time::Duration;
    ///
    /// let elapsed = Elapsed::new().after(Duration::from_millis(250)).late(Duration::from_micros(7)).named("reply");
    /// let place = elapsed.place();
    /// assert!(place.file().ends_with(".rs"));
    /// let told = format!("timed out after 250 ms (timeout \"reply\" made at {place}), noticed 7 µs late");
    /// assert_eq!(elapsed.to_string(), told);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Self::made_at(Location::caller())
    }

    /// An `Elapsed` of a timeout that was made at `place`, for code that makes timeouts on behalf of others.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::Elapsed;
    /// use std::panic::Location;
    ///
    /// #[track_caller]
    /// fn elapsed() -> Elapsed {
    ///     Elapsed::made_at(Location::caller())
    /// }
    /// let (elapsed, line) = (elapsed(), line!());
    /// assert_eq!(elapsed.place().line(), line);
    /// ```
    #[must_use]
    pub fn made_at(place: Place) -> Self {
        Elapsed::told(place, None, None, None)
    }

    /// It, of a deadline so long after its timeout began.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        self.with(|told| told.delay = Some(delay))
    }

    /// It, noticed so long after the deadline.
    #[must_use]
    pub fn late(self, lateness: Duration) -> Self {
        self.with(|told| told.lateness = Some(lateness))
    }

    /// It, of a timeout that has a name.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|told| told.name = Some(name.into()))
    }

    /// It, made by a scope of the `Cancelled` its body ended in.
    pub(crate) fn translated(self) -> Self {
        self.with(|told| told.is_translated = true)
    }

    /// Of a timeout that was made there, with what else is known of it.
    pub(crate) fn told(
        place: Place,
        name: Option<Cow<'static, str>>,
        delay: Option<Duration>,
        lateness: Option<Duration>,
    ) -> Self {
        Elapsed {
            told: Arc::new(Told {
                name,
                place,
                delay,
                lateness,
                is_translated: false,
            }),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Told)) -> Self {
        change(Arc::make_mut(&mut self.told));
        self
    }

    /// The name of the timeout, if it was given one ([`Timeout::named`](crate::Timeout::named)).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.told.name.as_deref()
    }

    /// Where the timeout was made.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{TokioClock, timeout};
    /// use std::time::Duration;
    ///
    /// let never = std::future::pending::<()>();
    /// let (late, line) = (timeout(&TokioClock, Duration::from_secs(1), never), line!());
    /// let elapsed = late.await.unwrap_err();
    /// assert_eq!((elapsed.place().file(), elapsed.place().line()), (file!(), line));
    /// # });
    /// ```
    #[must_use]
    pub fn place(&self) -> Place {
        self.told.place
    }

    /// How long after the timeout began its deadline was, as far as it is known.
    ///
    /// A scope begins where it is made with a delay, and else where it is entered. If its deadline was moved, this is
    /// the time to where it was moved.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.told.delay
    }

    /// How long after the deadline it was noticed, as far as the clock can tell: the time to the turn in which the body was
    /// dropped or, in the cooperative form, asked to cancel.
    #[must_use]
    pub fn lateness(&self) -> Option<Duration> {
        self.told.lateness
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out")?;
        if let Some(delay) = self.delay() {
            write!(f, " after {}", spaced(&format!("{delay:?}")))?;
        }
        f.write_str(" (timeout ")?;
        if let Some(name) = self.name() {
            write!(f, "{name:?} ")?;
        }
        write!(f, "made at {})", self.place())?;
        match self.lateness() {
            Some(lateness) if !lateness.is_zero() => {
                let lateness = spaced(&format!("{lateness:.3?}"));
                write!(f, ", noticed {lateness} late")
            }
            _ => Ok(()),
        }
    }
}

/// What a duration is written as by the standard library, with a space before the unit and without zeros at its end.
fn spaced(text: &str) -> String {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    let number = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    match number {
        "0" => "0 s".to_owned(),
        _ => format!("{number} {unit}"),
    }
}

impl fmt::Debug for Elapsed {
    /// What it tells, as `unwrap` shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elapsed({self})")
    }
}

impl PartialEq for Elapsed {
    fn eq(&self, other: &Self) -> bool {
        self.told.is_translated == other.told.is_translated
    }
}

impl Eq for Elapsed {}

impl Error for Elapsed {
    /// The [`Cancelled`] it was made of, in the cooperative form.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.told.is_translated.then_some(&TRANSLATED as _)
    }
}

impl From<Elapsed> for std::io::Error {
    fn from(elapsed: Elapsed) -> Self {
        std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed)
    }
}
