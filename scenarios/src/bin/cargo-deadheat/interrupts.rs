//! Ctrl-C, a hang-up and a request to end: from the start of a command on they do not end the process, but are told
//! here, so that what has to be put back is put back. One that was ignored at the start stays so.

use std::io::{self, IsTerminal as _, stderr, stdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// A signal, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal(pub(crate) i32);

/// Ctrl-C.
const INTERRUPT: Signal = Signal(2);

impl Signal {
    /// The exit status of a process that a signal has ended, as shells tell it.
    pub(crate) fn exit_status(self) -> i32 {
        128 + self.0
    }

    /// Whether a terminal has most likely sent it, and so to every process of the command.
    pub(crate) fn is_of_the_terminal(self) -> bool {
        self == INTERRUPT && (stdin().is_terminal() || stderr().is_terminal())
    }
}

/// Where the signals are told.
#[derive(Debug)]
pub(crate) struct Interrupts(Receiver<Signal>);

impl Interrupts {
    /// Catches them from now on.
    pub(crate) fn catch() -> io::Result<Interrupts> {
        let (tell, told) = channel();
        forward(tell)?;
        Ok(Interrupts(told))
    }

    /// The next one, if it comes within a time.
    pub(crate) fn within(&self, time: Duration) -> Option<Signal> {
        match self.0.recv_timeout(time) {
            Ok(signal) => Some(signal),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(time);
                None
            }
        }
    }
}

#[cfg(unix)]
fn forward(tell: Sender<Signal>) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ignored = ignored();
    let is_heard = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let heard = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(is_heard);
    let mut signals = signal_hook::iterator::Signals::new(heard)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = tell.send(Signal(signal));
        }
    });
    Ok(())
}

/// The signals that this process ignores, a bit each: whoever has started it wants so, as `nohup` does of a hang-up. The
/// system tells it as text; none where it does not.
#[cfg(unix)]
fn ignored() -> u64 {
    let of_linux = || {
        let told = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        line.map(str::to_owned)
    };
    let of_ps = || {
        let mut ps = std::process::Command::new("ps");
        ps.args(["-o", "ignored=", "-p", &std::process::id().to_string()]);
        let told = ps.output().ok()?;
        String::from_utf8(told.stdout).ok()
    };
    let mask = of_linux().or_else(of_ps).unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or(0)
}

#[cfg(not(unix))]
fn forward(tell: Sender<Signal>) -> io::Result<()> {
    let told = ctrlc::set_handler(move || {
        let _ = tell.send(INTERRUPT);
    });
    told.map_err(io::Error::other)
}

#[cfg(test)]
impl Interrupts {
    /// One after another, as a test has them.
    pub(crate) fn of_a_test(signals: &[Signal]) -> Interrupts {
        let (tell, told) = channel();
        signals
            .iter()
            .for_each(|signal| tell.send(*signal).unwrap());
        Interrupts(told)
    }
}
