//! Random numbers that stay the same for ever: SplitMix64, with a stream of its own for each purpose.
//!
//! Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. The
//! numbers of a seed are part of what a token means, so this generator may never change; a new one
//! needs a new token version.

/// What a stream of random numbers is for. Streams of one seed are independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The scheduler's choices.
    Schedule,
    /// The program's own draws.
    User,
    /// Whether things go wrong that may.
    Faults,
    /// The seeds of the runs of an exploration.
    Runs,
    /// What a sealed run draws from the system: the keys of hash maps, `rand::random`.
    System,
}

impl Purpose {
    const fn salt(self) -> u64 {
        match self {
            Purpose::Schedule => 0x7363_6865_6475_6c65,
            Purpose::User => 0x7573_6572_2064_7261,
            Purpose::Faults => 0x6661_756c_7473_2121,
            Purpose::Runs => 0x7275_6e73_2072_756e,
            Purpose::System => 0x7365_616c_6564_2121,
        }
    }
}

/// A stream of random numbers: SplitMix64.
///
/// # Determinism
///
/// The numbers of a seed and purpose are the same on every machine and in every release. Each call
/// draws once.
///
/// # Examples
///
/// ```
/// use deadheat::decide::{Purpose, Stream};
///
/// let mut stream = Stream::new(7, Purpose::User);
/// assert_eq!(stream.next_u64(), Stream::new(7, Purpose::User).next_u64());
/// assert!(stream.below(6) < 6);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream of `seed` for `purpose`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::decide::{Purpose, Stream};
    ///
    /// assert_ne!(Stream::new(7, Purpose::User), Stream::new(7, Purpose::Schedule));
    /// ```
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        Stream {
            state: mix(seed ^ mix(purpose.salt())),
        }
    }

    /// The next number.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::decide::{Purpose, Stream};
    ///
    /// let mut stream = Stream::new(7, Purpose::User);
    /// assert_ne!(stream.next_u64(), stream.next_u64());
    /// ```
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// The next number, below `bound`; zero if `bound` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::decide::{Purpose, Stream};
    ///
    /// let mut stream = Stream::new(7, Purpose::User);
    /// assert!(stream.below(6) < 6);
    /// assert_eq!(stream.below(0), 0);
    /// ```
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        (wide >> 64) as u64
    }
}

/// SplitMix64's finaliser: every bit of the input reaches every bit of the output.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
