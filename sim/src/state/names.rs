//! The names of a run's tasks and scopes, and what the library's numbers stand for.

use std::sync::Arc;

/// What the numbers that the library drew stand for.
#[derive(Debug, Clone, Default)]
pub(crate) enum Named {
    #[default]
    Unknown,
    Task(u32),
    Scope(Arc<str>),
}

/// The names of a run.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By task, of those that have one.
    tasks: Vec<(u32, Arc<str>)>,
    /// By the numbers that the library drew; the first is no number.
    pub(crate) ids: Vec<Named>,
}

impl Names {
    pub(crate) fn begin(&mut self) {
        self.tasks.clear();
        self.ids.clear();
    }

    /// Names a task that was just spawned.
    pub(crate) fn give(&mut self, task: u32, name: Arc<str>) {
        self.tasks.push((task, name));
    }

    /// The name that a task was given.
    pub(crate) fn given(&self, task: u32) -> Option<&str> {
        let found = self.tasks.binary_search_by_key(&task, |(named, _)| *named);
        found.ok().map(|index| &*self.tasks[index].1)
    }

    /// The name of a task.
    pub(crate) fn of_task(&self, task: u32) -> String {
        match self.given(task) {
            Some(name) => name.to_owned(),
            None => format!("task-{task}"),
        }
    }

    /// Names the scope that has this number.
    pub(crate) fn name_scope(&mut self, id: u64, name: Arc<str>) {
        if let Some(named) = self.ids.get_mut(id as usize) {
            *named = Named::Scope(name);
        }
    }

    /// The library's next number for a task or a scope.
    pub(crate) fn next_id(&mut self) -> u64 {
        if self.ids.is_empty() {
            self.ids.push(Named::Unknown);
        }
        self.ids.push(Named::Unknown);
        self.ids.len() as u64 - 1
    }
}
