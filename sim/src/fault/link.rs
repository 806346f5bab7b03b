//! A simulated link: messages that take their time, and may be lost or come twice.
//!
//! It is for values of the program, without sockets: what lies between two ends, as [`net::link`](crate::net::link) is what
//! lies between two hosts. Both have the same ranges, keep their order by the same means (`state/in_order.rs`), and what goes
//! wrong on them is told in the same words.
//!
//! Each message travels on its own, so messages overtake each other where their latencies allow it, as
//! datagrams do. A message that is under way belongs to nobody: neither the sender's end nor the
//! receiver's calls it back.
//!
//! The ends are `Send` and `Sync` where their messages are `Send`: a run has one thread, but code under test may
//! ask for it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::engine::clock::Latency;
use crate::fault::point::fault_of;
use crate::program::spawn::spawn_named;
use crate::program::wait::sleep;
use crate::state::in_order::InOrder;

/// How a link treats its messages.
///
/// # Determinism
///
/// When a message arrives is decided as time passes (see [`sleep`](crate::sleep)). Whether it is lost or
/// comes twice is one decision when it is sent, on a link that may do either.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check};
/// use deadheat::fault::Link;
/// use std::time::Duration;
///
/// let failure = check(&Config::new(), || async {
///     let latency = Duration::from_millis(1)..=Duration::from_millis(20);
///     let (sender, mut receiver) = Link::new(latency).overtaking().connect();
///     sender.send("first");
///     sender.send("second");
///     assert_eq!(receiver.recv().await, "first");
/// })
/// .unwrap_err();
/// assert_eq!(failure.run.token.tape.len(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    latency: Latency,
    loses: bool,
    duplicates: bool,
    overtakes: bool,
}

impl Link {
    /// A link that delivers each message once and in order, after a latency or one out of a range.
    ///
    /// # Panics
    ///
    /// If a range ends before it starts.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, mut receiver) = deadheat::fault::Link::new(Duration::from_millis(5)).connect();
    ///     sender.send("ping");
    ///     assert_eq!(receiver.recv().await, "ping");
    ///     assert_eq!(deadheat::now().as_nanos(), 5_000_000);
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn new(latency: impl Into<Latency>) -> Self {
        let latency = latency.into();
        latency.ends();
        Link {
            latency,
            loses: false,
            duplicates: false,
            overtakes: false,
        }
    }

    /// It may lose a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::fault::Link;
    /// use std::time::Duration;
    ///
    /// let stuck = check(&Config::new(), || async {
    ///     let (sender, mut receiver) = Link::new(Duration::from_millis(5)).lossy().connect();
    ///     sender.send("ping");
    ///     receiver.recv().await;
    /// });
    /// assert!(stuck.unwrap_err().to_string().contains("a message is lost"));
    /// ```
    #[must_use = "it gives another link, and leaves this one as it is"]
    pub fn lossy(self) -> Self {
        let loses = true;
        Link { loses, ..self }
    }

    /// It may deliver a message twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check, sleep};
    /// use deadheat::fault::Link;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let (sender, mut receiver) = Link::new(Duration::from_millis(5)).duplicating().connect();
    ///     sender.send("pay 5");
    ///     receiver.recv().await;
    ///     sleep(Duration::from_millis(5)).await;
    ///     assert_eq!(receiver.try_recv(), None, "paid twice");
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("a message comes twice"));
    /// ```
    #[must_use = "it gives another link, and leaves this one as it is"]
    pub fn duplicating(self) -> Self {
        let duplicates = true;
        Link { duplicates, ..self }
    }

    /// A message may arrive before one that was sent earlier.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::fault::Link;
    /// use std::time::Duration;
    ///
    /// let latency = Duration::from_millis(1)..=Duration::from_millis(20);
    /// let in_order = |link: Link| {
    ///     check(&Config::new(), move || async move {
    ///         let (sender, mut receiver) = link.connect();
    ///         sender.send(1);
    ///         sender.send(2);
    ///         assert_eq!(receiver.recv().await, 1);
    ///     })
    /// };
    /// assert!(in_order(Link::new(latency.clone())).is_ok());
    /// assert!(in_order(Link::new(latency).overtaking()).is_err());
    /// ```
    #[must_use = "it gives another link, and leaves this one as it is"]
    pub fn overtaking(self) -> Self {
        let overtakes = true;
        Link { overtakes, ..self }
    }

    /// The two ends.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, mut receiver) = deadheat::fault::Link::new(Duration::ZERO).connect();
    ///     let other = sender.clone(); // sends on the same link
    ///     sender.send(1);
    ///     other.send(2);
    ///     assert_eq!((receiver.recv().await, receiver.recv().await), (1, 2));
    /// }).unwrap();
    /// ```
    #[must_use = "nothing goes over a link without its ends"]
    pub fn connect<T: Clone + 'static>(self) -> (Sender<T>, Receiver<T>) {
        let ends = Arc::new(Mutex::new(Ends {
            in_order: InOrder::default(),
            inbox: VecDeque::new(),
            waiting: None,
        }));
        let sender = Sender {
            link: self,
            ends: Arc::clone(&ends),
        };
        (sender, Receiver { ends })
    }

    fn ways(self) -> &'static [(&'static str, Mishap)] {
        const BOTH: &[(&str, Mishap)] =
            &[("is lost", Mishap::Lost), ("comes twice", Mishap::Twice)];
        match (self.loses, self.duplicates) {
            (true, true) => BOTH,
            (true, false) => &BOTH[..1],
            (false, true) => &BOTH[1..],
            (false, false) => &[],
        }
    }
}

/// What may happen to a message.
enum Mishap {
    Lost,
    Twice,
}

#[derive(Debug)]
struct Ends<T> {
    /// On a link that keeps the order.
    in_order: InOrder<T>,
    inbox: VecDeque<T>,
    waiting: Option<Waker>,
}

impl<T> Ends<T> {
    /// A message arrives. The waker is to be woken once nothing is borrowed.
    fn arrive(&mut self, number: Option<u64>, message: T) -> Option<Waker> {
        let inbox = &mut self.inbox;
        let mut take = |message| inbox.push_back(message);
        match number {
            None => take(message),
            Some(number) => self.in_order.arrive(number, message, take),
        }
        self.waiting.take()
    }
}

fn lock<T>(ends: &Mutex<Ends<T>>) -> MutexGuard<'_, Ends<T>> {
    ends.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The end that sends. Clones send on the same link.
#[derive(Debug)]
pub struct Sender<T> {
    link: Link,
    ends: Arc<Mutex<Ends<T>>>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender {
            link: self.link,
            ends: Arc::clone(&self.ends),
        }
    }
}

impl<T: Clone + 'static> Sender<T> {
    /// Sends a message, and does not wait for it to arrive.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, mut receiver) = deadheat::fault::Link::new(Duration::from_millis(5)).connect();
    ///     sender.send("ping");
    ///     assert_eq!(deadheat::now(), deadheat::Instant::START, "it does not wait");
    ///     assert_eq!(receiver.recv().await, "ping");
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn send(&self, message: T) {
        match fault_of("a message", self.link.ways()) {
            None => self.travel(message),
            Some(Mishap::Lost) => {}
            Some(Mishap::Twice) => {
                self.travel(message.clone());
                self.travel(message);
            }
        }
    }

    #[track_caller]
    fn travel(&self, message: T) {
        let number = (!self.link.overtakes).then(|| lock(&self.ends).in_order.send());
        let ends = Arc::clone(&self.ends);
        let latency = self.link.latency;
        spawn_named("message", async move {
            sleep(latency).await;
            let waiting = lock(&ends).arrive(number, message);
            waiting.into_iter().for_each(Waker::wake);
        });
    }
}

/// The end that receives.
#[derive(Debug)]
pub struct Receiver<T> {
    ends: Arc<Mutex<Ends<T>>>,
}

impl<T> Receiver<T> {
    /// The next message. It waits for ever on a link on which nothing arrives any more.
    ///
    /// # Cancel safety
    ///
    /// A message is taken in the turn in which it is returned, so none is lost with a dropped future.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, mut receiver) = deadheat::fault::Link::new(Duration::from_millis(5)).connect();
    ///     let early = deadheat_timeout::timeout(&deadheat::clock(), Duration::from_millis(1), receiver.recv());
    ///     sender.send("ping");
    ///     assert!(early.await.is_err());
    ///     assert_eq!(receiver.recv().await, "ping"); // nothing was lost with the wait that was given up
    /// }).unwrap();
    /// ```
    pub async fn recv(&mut self) -> T {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next message, or a wake-up of the task that polled last when there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, mut receiver) = deadheat::fault::Link::new(Duration::from_millis(5)).connect();
    ///     sender.send("ping");
    ///     let message = std::future::poll_fn(|cx| receiver.poll_recv(cx)).await;
    ///     assert_eq!(message, "ping");
    /// }).unwrap();
    /// ```
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let mut ends = lock(&self.ends);
        if let Some(message) = ends.inbox.pop_front() {
            return Poll::Ready(message);
        }
        let replaced = ends.waiting.replace(cx.waker().clone());
        drop(ends);
        drop(replaced);
        Poll::Pending
    }

    /// A message that has arrived, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::Duration;
    ///     let (sender, receiver) = deadheat::fault::Link::new(Duration::from_millis(5)).connect();
    ///     sender.send("ping");
    ///     assert_eq!(receiver.try_recv(), None);
    ///     deadheat::sleep(Duration::from_millis(6)).await;
    ///     assert_eq!(receiver.try_recv(), Some("ping"));
    /// }).unwrap();
    /// ```
    pub fn try_recv(&self) -> Option<T> {
        lock(&self.ends).inbox.pop_front()
    }
}
