//! When an exploration ends early: at a time, or at Ctrl-C; and how far it is.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Makes Ctrl-C end the exploration with what was found so far; a second one ends the process.
pub(crate) fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let heard = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        // Without a handler Ctrl-C ends the process at once, as it does elsewhere.
        drop(heard);
    });
}

pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// A moment after which to stop, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until(Option<Instant>);

impl Until {
    pub(crate) fn after(time: Option<Duration>) -> Self {
        Until(time.and_then(|time| Instant::now().checked_add(time)))
    }

    pub(crate) fn reached(self) -> bool {
        interrupted() || self.0.is_some_and(|until| Instant::now() >= until)
    }
}

/// A bar on a terminal, nothing in a pipe.
pub(crate) fn bar(runs: Option<u64>) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = ProgressBar::with_draw_target(runs, target);
    let template = match runs {
        Some(_) => "{bar:30} {human_pos}/{human_len} runs  {per_sec}  {msg}",
        None => "{spinner} {human_pos} runs  {per_sec}  {msg}",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
