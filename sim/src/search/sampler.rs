//! The samplers by name: who takes the decisions of runs that are drawn.

use std::fmt;
use std::str::FromStr;

use deadheat_words::WordError;
use deadheat_words::scheduler::{self, Asked};

use crate::decide::scheduler::{Sampled, Scheduler};

macro_rules! samplers {
    ($($(#[$docs:meta])* $name:ident: $type:ident $(($number:ident, $plain:literal))?,)*) => {
        /// Who takes the decisions of sampled runs.
        ///
        /// # Examples
        ///
        /// ```
        /// use deadheat::Sampler;
        ///
        /// assert_eq!("pct:5".parse(), Ok(Sampler::Pct(5)));
        /// assert!("pcf".parse::<Sampler>().unwrap_err().to_string().contains("fifo, random, pos"));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Sampler {
            $($(#[$docs])* $type $((samplers!(@u32 $number)))?,)*
        }

        impl Sampler {
            /// Every sampler, each as its plain name makes it.
            pub const ALL: [Sampler; scheduler::OF_A_RUN.len()] =
                [$(Sampler::$type $(($plain))?,)*];

            /// Its name, as on the command line.
            ///
            /// # Examples
            ///
            /// ```
            /// assert_eq!(deadheat::Sampler::Pct(3).name(), "pct");
            /// ```
            pub const fn name(self) -> &'static str {
                match self {
                    $(Sampler::$type { .. } => stringify!($name),)*
                }
            }

            /// A scheduler of this kind.
            ///
            /// # Examples
            ///
            /// ```
            /// use deadheat::{Bounds, Config, Main, Sampler};
            /// use deadheat::search::Single;
            ///
            /// let (program, config) = (Main::new(|| async { 42 }), Config::new());
            /// let scheduler = Sampler::Pos.scheduler();
            /// let (_, outcome) = Single::of(&program, &config).scheduled(Bounds::EXACT, scheduler);
            /// assert_eq!(outcome, Some(Some(42)));
            /// ```
            pub fn scheduler(self) -> Box<dyn Scheduler> {
                match self {
                    $(Sampler::$type { $(0: $number)? } => {
                        Box::new(crate::decide::scheduler::$type::with(0 $(+ $number)?))
                    })*
                }
            }

            /// A scheduler of this kind for run `number` of an exploration.
            pub(crate) fn in_turn(self, run: u64) -> Box<dyn Scheduler> {
                match self {
                    $(Sampler::$type { $(0: $number)? } => {
                        let scheduler = crate::decide::scheduler::$type::with(0 $(+ $number)?);
                        Box::new(scheduler.of_run(run))
                    })*
                }
            }

            /// The sampler that is asked for, if it is one and not a search.
            pub(crate) fn asked(asked: Asked) -> Option<Sampler> {
                match asked.name {
                    $(stringify!($name) => {
                        Some(Sampler::$type $((asked.number.unwrap_or($plain)))?)
                    })*
                    _ => None,
                }
            }
        }
    };
    (@u32 $number:ident) => { u32 };
}

deadheat_words::schedulers!(samplers);

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No scheduler has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScheduler(WordError);

impl fmt::Display for UnknownScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for UnknownScheduler {}

impl FromStr for Sampler {
    type Err = UnknownScheduler;

    fn from_str(name: &str) -> Result<Self, UnknownScheduler> {
        let known = scheduler::OF_A_RUN;
        let asked = scheduler::parse(name, known).map_err(UnknownScheduler)?;
        Sampler::asked(asked).ok_or_else(|| UnknownScheduler(scheduler::unknown(name, known)))
    }
}
