//! Whom a timer wakes, in one word, and apart from it what few timers have: a waker of somebody who
//! is no task of the run, and a span of their own.

use std::task::Waker;

/// Whom a timer wakes.
#[derive(Debug)]
pub(crate) enum Whom {
    /// A task of the run.
    Task(u32),
    /// Somebody else.
    Other(Waker),
}

/// A [`Whom`] and a span as a slot keeps them: a task by itself, or a place among those kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wakes(u32);

/// Set if it is a place and no task.
const APART: u32 = 1 << 31;

impl Wakes {
    /// Nobody.
    pub(super) const NOBODY: Wakes = Wakes(u32::MAX);

    /// It is a task, and nothing of the timer is kept apart.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.0 < APART
    }

    #[inline]
    fn place(self) -> Option<usize> {
        (self.0 >= APART && self != Wakes::NOBODY).then_some((self.0 & !APART) as usize)
    }
}

#[derive(Debug, Default)]
struct Kept {
    whom: Option<Whom>,
    span: i64,
}

/// What is kept apart, and which places are free.
#[derive(Debug, Default)]
pub(super) struct Apart {
    kept: Vec<Kept>,
    free: Vec<u32>,
}

impl Apart {
    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.free.clear();
    }

    /// Whether anything is kept at present.
    #[inline]
    pub(super) fn is_used(&self) -> bool {
        self.kept.len() > self.free.len()
    }

    /// Takes out every waker.
    pub(super) fn take_others(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for kept in &mut self.kept {
            match kept.whom.take() {
                Some(Whom::Other(waker)) => wakers.push(waker),
                task => kept.whom = task,
            }
        }
        wakers
    }

    #[inline]
    pub(super) fn keep(&mut self, whom: Whom, span: i64) -> Wakes {
        match whom {
            Whom::Task(task) if span == 0 && task < APART => Wakes(task),
            whom => self.keep_apart(Kept {
                whom: Some(whom),
                span,
            }),
        }
    }

    fn keep_apart(&mut self, kept: Kept) -> Wakes {
        let place = self.free.pop().unwrap_or(self.kept.len() as u32);
        match self.kept.get_mut(place as usize) {
            Some(free) => *free = kept,
            None => self.kept.push(kept),
        }
        Wakes(place | APART)
    }

    /// Takes out whom a timer wakes.
    #[inline]
    pub(super) fn take(&mut self, wakes: Wakes) -> Option<Whom> {
        if wakes.0 < APART {
            return Some(Whom::Task(wakes.0));
        }
        let place = wakes.place()?;
        self.free.push(place as u32);
        std::mem::take(&mut self.kept[place]).whom
    }

    #[inline]
    pub(super) fn span(&self, wakes: Wakes) -> i64 {
        match wakes.place() {
            Some(place) => self.kept[place].span,
            None => 0,
        }
    }

    #[inline]
    pub(super) fn task(&self, wakes: Wakes) -> Option<u32> {
        if wakes.0 < APART {
            return Some(wakes.0);
        }
        match self.kept[wakes.place()?].whom {
            Some(Whom::Task(task)) => Some(task),
            _ => None,
        }
    }

    pub(super) fn other(&self, wakes: Wakes) -> Option<&Waker> {
        match &self.kept[wakes.place()?].whom {
            Some(Whom::Other(waker)) => Some(waker),
            _ => None,
        }
    }
}
