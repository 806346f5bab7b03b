//! A run that is to end with a panic of its program: one that ends otherwise has failed.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::verdict::Verdict;
use crate::invariant::Check;
use crate::record::panic::PanicReport;
use crate::record::run::Run;

/// What each run of a program is to panic with. Its clones share what was seen.
#[derive(Debug, Clone)]
pub(crate) struct ShouldPanic {
    /// What is to stand in the message, if anything is.
    with: Option<&'static str>,
    /// The message of the first run that ended so.
    seen: Arc<Mutex<Option<String>>>,
}

impl ShouldPanic {
    pub(crate) fn new(with: Option<&'static str>) -> Self {
        let seen = Arc::default();
        ShouldPanic { with, seen }
    }

    /// The message of a panic that was as it should be.
    pub(crate) fn seen(&self) -> Option<String> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Judges a run that has ended: the panic that was wanted is taken out of it, and what else happened fails it.
    pub(crate) fn judge(&self, run: &mut Run, panic: &mut Option<PanicReport>) {
        let with = self.with.unwrap_or_default();
        let wanted = match self.with {
            Some(text) => format!("it should have panicked with {text:?}"),
            None => "it should have panicked".to_owned(),
        };
        match panic {
            Some(report) if report.message.contains(with) => {
                if run.violations.is_empty() {
                    self.saw(&report.message);
                    *panic = None;
                }
            }
            Some(report) => {
                let text = format!("{wanted}: {} panicked with something else", report.task);
                run.has_violated(Check::Stated, text);
            }
            None => {
                let how = run.verdict;
                run.has_violated(Check::Stated, format!("{wanted}: {}", ended(how)));
            }
        }
    }

    fn saw(&self, message: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert_with(|| message.to_owned());
    }
}

fn ended(how: Verdict) -> &'static str {
    match how {
        Verdict::Done => "it returned",
        Verdict::Stuck => "it waits for ever",
        _ => "it did not end",
    }
}
