//! From names to indices.
//!
//! Tasks and scopes must be known before the first step is read, since any task may speak of them;
//! events need no declaration, semaphores and queues may have one.

use std::collections::BTreeMap;

use super::problem::{Checked, Problem, Problems, Span};
use super::tree::Entry;
use super::typed;
use super::wording::{did_you_mean, list, quoted};
use crate::ast::{EventId, Queue, QueueId, ScopeId, Semaphore, SemaphoreId, TaskId};

/// Names of one kind, in order, each once.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<String>,
    indices: BTreeMap<String, usize>,
    /// Where each declared name is declared.
    places: BTreeMap<usize, Span>,
}

impl Table {
    /// The index of a name, and whether it is new.
    pub(super) fn intern(&mut self, name: &str) -> (usize, bool) {
        if let Some(index) = self.indices.get(name) {
            return (*index, false);
        }
        let index = self.names.len();
        self.names.push(name.to_owned());
        self.indices.insert(name.to_owned(), index);
        (index, true)
    }

    /// Adds a name that must be new.
    pub(super) fn declare(
        &mut self,
        what: &str,
        name: &str,
        span: Span,
        problems: &mut Problems,
    ) -> Checked<usize> {
        let (index, new) = self.intern(name);
        let first = *self.places.entry(index).or_insert(span);
        if new {
            return Ok(index);
        }
        Err(problems.report(|| {
            let message = format!("a second {what} {}", quoted(name));
            let help = format!("every {what} of a file has its own name; rename one of them");
            Problem::new(span, message, help).second_to(first)
        }))
    }

    /// The index of a name that must have been declared, or be no near miss of one that was.
    fn find_or_intern(
        &mut self,
        what: &str,
        entry: &Entry,
        problems: &mut Problems,
    ) -> Checked<usize> {
        let name = typed::text(entry, problems)?;
        let declared = || self.places.keys().map(|index| self.names[*index].as_str());
        let slip = name.chars().count() > 2
            && !self.indices.contains_key(&name)
            && !did_you_mean(&name, declared(), quoted).is_empty();
        if slip {
            return Err(problems.report(|| self.unknown(what, &name, entry.span)));
        }
        Ok(self.intern(&name).0)
    }

    /// The index of a name that must have been declared.
    fn find(&self, what: &str, entry: &Entry, problems: &mut Problems) -> Checked<usize> {
        let name = typed::text(entry, problems)?;
        let found = self.indices.get(&name).copied();
        let found = found.filter(|index| self.places.contains_key(index));
        found.ok_or_else(|| problems.report(|| self.unknown(what, &name, entry.span)))
    }

    fn unknown(&self, what: &str, name: &str, span: Span) -> Problem {
        let known = || self.places.keys().map(|index| self.names[*index].as_str());
        let declared = match self.places.len() {
            0 => format!("the file has no {what}"),
            _ => format!("the {what}s of the file are {}", list(known(), quoted)),
        };
        let help = did_you_mean(name, known(), quoted) + &declared;
        Problem::new(span, format!("unknown {what} {}", quoted(name)), help)
    }
}

/// Every name of a scenario.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) tasks: Table,
    pub(super) scopes: Table,
    events: Table,
    queues: Table,
    capacities: Vec<Option<u32>>,
    semaphores: Table,
    permits: Vec<u32>,
}

impl Names {
    pub(super) fn task(&self, entry: &Entry, problems: &mut Problems) -> Checked<TaskId> {
        self.tasks.find("task", entry, problems).map(TaskId)
    }

    pub(super) fn scope(&self, entry: &Entry, problems: &mut Problems) -> Checked<ScopeId> {
        self.scopes.find("scope", entry, problems).map(ScopeId)
    }

    /// A scope whose deadline is to be moved. One that the file never enters is not entered yet when
    /// the step is run, and is told so then; a near miss of a declared name is a slip.
    pub(super) fn scope_to_move(
        &mut self,
        entry: &Entry,
        problems: &mut Problems,
    ) -> Checked<ScopeId> {
        let found = self.scopes.find_or_intern("scope", entry, problems);
        found.map(ScopeId)
    }

    pub(super) fn event(&mut self, entry: &Entry, problems: &mut Problems) -> Checked<EventId> {
        let name = typed::text(entry, problems)?;
        Ok(EventId(self.events.intern(&name).0))
    }

    /// A queue; unbounded when it was not declared.
    pub(super) fn queue(&mut self, entry: &Entry, problems: &mut Problems) -> Checked<QueueId> {
        let name = typed::text(entry, problems)?;
        let (index, new) = self.queues.intern(&name);
        if new {
            self.capacities.push(None);
        }
        Ok(QueueId(index))
    }

    /// A semaphore; with one permit when it was not declared.
    pub(super) fn semaphore(
        &mut self,
        entry: &Entry,
        problems: &mut Problems,
    ) -> Checked<SemaphoreId> {
        let name = typed::text(entry, problems)?;
        let (index, new) = self.semaphores.intern(&name);
        if new {
            self.permits.push(1);
        }
        Ok(SemaphoreId(index))
    }

    pub(super) fn declare_queue(
        &mut self,
        name: &Entry,
        capacity: Option<u32>,
        problems: &mut Problems,
    ) -> Checked<()> {
        let text = typed::text(name, problems)?;
        self.queues.declare("queue", &text, name.span, problems)?;
        self.capacities.push(capacity);
        Ok(())
    }

    pub(super) fn declare_semaphore(
        &mut self,
        name: &Entry,
        permits: u32,
        problems: &mut Problems,
    ) -> Checked<()> {
        let text = typed::text(name, problems)?;
        self.semaphores
            .declare("semaphore", &text, name.span, problems)?;
        self.permits.push(permits);
        Ok(())
    }

    /// The vectors that the indices point into.
    pub(super) fn into_vectors(self) -> Vectors {
        let semaphores = self.semaphores.names.into_iter().zip(self.permits);
        let queues = self.queues.names.into_iter().zip(self.capacities);
        Vectors {
            semaphores: semaphores
                .map(|(name, permits)| Semaphore { name, permits })
                .collect(),
            queues: queues
                .map(|(name, capacity)| Queue { name, capacity })
                .collect(),
            events: self.events.names,
            scopes: self.scopes.names,
        }
    }
}

/// What is left of the names in a scenario.
pub(super) struct Vectors {
    pub(super) semaphores: Vec<Semaphore>,
    pub(super) queues: Vec<Queue>,
    pub(super) events: Vec<String>,
    pub(super) scopes: Vec<String>,
}
