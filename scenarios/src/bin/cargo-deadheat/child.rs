//! A process that is waited for. A signal that reaches the command alone is passed on to it and to all that it has
//! started: it stays in the process group of the command, as a terminal wants it, so nothing else would tell them.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::interrupts::{Interrupts, Signal};

/// How long it has to end by itself after a signal.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether it has ended.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// How a process ended, and the first signal that came while it was waited for.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) signal: Option<Signal>,
}

pub(crate) fn start(command: &mut Command) -> Result<Child, Error> {
    command.spawn().map_err(|error| {
        let program = command.get_program().display();
        Error::new(format!("{program} cannot be called: {error}"))
    })
}

pub(crate) fn wait(child: &mut Child, interrupts: &Interrupts) -> Result<Ended, Error> {
    let lost = |error| Error::new(format!("a process cannot be waited for: {error}"));
    let (mut first, mut left) = (None, PATIENCE);
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            // What a signal has ended may be seen before the signal is.
            let signal = match status.code() {
                None => first.or_else(|| interrupts.within(LOOK)),
                Some(_) => first,
            };
            return Ok(Ended { status, signal });
        }
        match interrupts.within(LOOK) {
            Some(signal) => {
                first = first.or(Some(signal));
                if !signal.is_of_the_terminal() {
                    beneath::pass_on(child, signal);
                }
            }
            None if first.is_some() => left = left.saturating_sub(LOOK),
            None => {}
        }
        if left == Duration::ZERO {
            beneath::kill(child);
        }
    }
}

/// Runs it to its end; what it prints is kept.
pub(crate) fn output(command: &mut Command, interrupts: &Interrupts) -> Result<Output, Error> {
    command.stdin(Stdio::null());
    let mut child = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let ended = wait(&mut child, interrupts)?;
    if let Some(signal) = ended.signal {
        return Err(Error::Interrupted(signal));
    }
    Ok(Output {
        status: ended.status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

fn read(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut read = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut read);
        }
        read
    })
}

/// The process and what it has started, in the order in which they are told: who starts others comes first.
#[cfg(unix)]
mod beneath {
    use std::fs;
    use std::process::{Child, Command};

    use nix::sys::signal::{self, Signal as Kind};
    use nix::unistd::Pid;

    use crate::interrupts::Signal;

    pub(super) fn pass_on(child: &Child, signal: Signal) {
        if let Ok(kind) = Kind::try_from(signal.0) {
            tell(child, kind);
        }
    }

    pub(super) fn kill(child: &Child) {
        tell(child, Kind::SIGKILL);
    }

    fn tell(child: &Child, kind: Kind) {
        for process in with_descendants(child.id(), &processes()) {
            // It may have ended meanwhile.
            let _ = signal::kill(Pid::from_raw(process.cast_signed()), kind);
        }
    }

    pub(super) fn with_descendants(of: u32, processes: &[(u32, u32)]) -> Vec<u32> {
        let mut found = vec![of];
        let mut at = 0;
        while let Some(&parent) = found.get(at) {
            let children = processes.iter().filter(|(_, its)| *its == parent);
            found.extend(children.map(|(process, _)| *process));
            at += 1;
        }
        found
    }

    /// Every process, with its parent.
    fn processes() -> Vec<(u32, u32)> {
        let Ok(folders) = fs::read_dir("/proc/self/task").and_then(|_| fs::read_dir("/proc"))
        else {
            return listed();
        };
        let folders = folders.flatten();
        folders
            .filter_map(|folder| {
                let process = folder.file_name().to_str()?.parse().ok()?;
                let told = fs::read_to_string(folder.path().join("stat")).ok()?;
                // Behind the name, which is in brackets and may hold anything: the state, and the parent.
                let (_, behind) = told.rsplit_once(')')?;
                let parent = behind.split_whitespace().nth(1)?.parse().ok()?;
                Some((process, parent))
            })
            .collect()
    }

    /// The same where there is no `/proc`.
    fn listed() -> Vec<(u32, u32)> {
        let told = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
        let told = told.map(|told| told.stdout).unwrap_or_default();
        let pair = |line: &str| {
            let mut numbers = line.split_whitespace().map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        };
        String::from_utf8_lossy(&told)
            .lines()
            .filter_map(pair)
            .collect()
    }
}

#[cfg(not(unix))]
mod beneath {
    use std::process::Child;

    use crate::interrupts::Signal;

    /// Every process of a console is told of Ctrl-C by the system.
    pub(super) fn pass_on(_child: &Child, _signal: Signal) {}

    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::time::Instant;

    use super::*;

    #[test]
    fn who_starts_others_comes_first_and_strangers_never() {
        let processes = [(1, 0), (9, 7), (7, 5), (5, 1), (6, 5), (8, 1)];
        assert_eq!(beneath::with_descendants(5, &processes), [5, 7, 6, 9]);
    }

    #[test]
    fn a_signal_reaches_what_a_process_has_started() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 20 & echo $!; wait"]);
        let interrupts = Interrupts::of_a_test(&[Signal(15)]);
        let mut child = start(shell.stdout(Stdio::piped())).unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        let begun = Instant::now();
        let ended = wait(&mut child, &interrupts).unwrap();
        assert_eq!(ended.signal, Some(Signal(15)));
        // The pipe ends when nobody holds it any more, who slept included.
        stdout.read_to_end(&mut Vec::new()).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_signal_ends_what_is_asked_in_between() {
        let interrupts = Interrupts::of_a_test(&[Signal(15)]);
        let ended = output(Command::new("sleep").arg("20"), &interrupts);
        assert!(matches!(ended, Err(Error::Interrupted(Signal(15)))));
    }
}
