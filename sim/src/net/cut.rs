//! What a test does to a link: it is cut and healed, held and released.

use std::panic::Location;

use crate::net::link::link;
use crate::net::passage;
use crate::net::wire::{act, call};
use crate::record::asked::Fault;

/// Lets nothing through between two hosts any more, also of what is on its way. What is sent on a connection waits until the
/// link is [healed](heal); a datagram is lost.
///
/// # Timing
///
/// As on Linux a connect is given up after 127 s, and a connection on which something was sent times out after some 15
/// minutes (`tcp_retries2`), for who has sent it. Who only waits to read waits for ever.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     net::host("db");
///     net::cut("test", "db");
///     net::heal("test", "db");
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn cut(a: &str, b: &str) {
    cut_as(Fault::Cut, "cut", (a, b));
}

/// Cuts one way between two hosts or both, as this call of a program asks for it.
#[track_caller]
fn cut_as(fault: Fault, function: &str, (a, b): (&str, &str)) {
    let link = link(a, b);
    let from = Location::caller();
    call(link.run(), from, |network| {
        let call = format!("{function}({a:?}, {b:?})");
        let index = network.links.asked.ask(fault, call, from);
        for ends in link.both() {
            // Of one way the other is looked at, too, from now on: what is sent there is not acknowledged.
            let way = network.links.make(ends);
            if fault == Fault::Cut || ends == link.ends() {
                way.cut_all(index);
            }
        }
    });
}

/// Lets nothing through from one host to another. What is sent the other way comes through, but nobody hears that it did:
/// its sender times out as with [`cut`].
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     net::host("db");
///     net::cut_one_way("db", "test"); // it hears, and is not heard
///     net::heal("test", "db");
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn cut_one_way(from: &str, to: &str) {
    cut_as(Fault::CutOneWay, "cut_one_way", (from, to));
}

/// Lets through what is sent between two hosts, in both directions, and what has waited for that.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`cut`].
#[track_caller]
pub fn heal(a: &str, b: &str) {
    let link = link(a, b);
    act(link.run(), Location::caller(), |_, network, after| {
        passage::heal(network, link.both(), after);
    });
}

/// Keeps what is on its way between two hosts, and what is sent from now on, until they are [released](release): also
/// datagrams. Nothing is lost, unless a system gives up meanwhile, as with [`cut`].
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     net::host("db");
///     net::hold("test", "db");
///     // What is sent here arrives below, all at once.
///     net::release("test", "db");
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn hold(a: &str, b: &str) {
    let link = link(a, b);
    let from = Location::caller();
    call(link.run(), from, |network| {
        let call = format!("hold({a:?}, {b:?})");
        let index = network.links.asked.ask(Fault::Hold, call, from);
        for ends in link.both() {
            network.links.make(ends).hold(Some(index));
        }
    });
}

/// Lets arrive what was [held](hold) between two hosts, in the order in which it would have. A link that is cut stays so.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`hold`].
#[track_caller]
pub fn release(a: &str, b: &str) {
    let link = link(a, b);
    act(link.run(), Location::caller(), |_, network, after| {
        passage::release(network, link.both(), after);
    });
}
