//! The names of a run's tasks and scopes, and what the library's numbers stand for.

use std::collections::BTreeMap;
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

    /// The name of a task, as it is told: of several that were given one name, each but the first has its number among
    /// them.
    pub(crate) fn of_task(&self, task: u32) -> String {
        let Some(name) = self.given(task) else {
            return format!("task-{task}");
        };
        let earlier = self.tasks.iter().take_while(|(of, _)| *of < task);
        numbered(name, earlier.filter(|(_, of)| &**of == name).count())
    }

    /// The names of all tasks, for who asks for many.
    pub(crate) fn told(&self) -> Told<'_> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut repeated = BTreeMap::new();
        for (task, name) in &self.tasks {
            let count = counts.entry(name).or_default();
            if *count > 0 {
                repeated.insert(*task, *count);
            }
            *count += 1;
        }
        Told {
            names: self,
            repeated,
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

/// The names of a run's tasks, as they are told.
pub(crate) struct Told<'a> {
    names: &'a Names,
    /// Of the tasks whose name others had before: how many.
    repeated: BTreeMap<u32, usize>,
}

impl Told<'_> {
    /// As [`Names::of_task`].
    pub(crate) fn of_task(&self, task: u32) -> String {
        match self.names.given(task) {
            Some(name) => numbered(name, self.repeated.get(&task).copied().unwrap_or(0)),
            None => format!("task-{task}"),
        }
    }
}

/// A name that so many had before.
fn numbered(name: &str, earlier: usize) -> String {
    match earlier {
        0 => name.to_owned(),
        earlier => format!("{name} ({})", earlier + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_one_name_are_numbered_in_the_order_of_their_spawns() {
        let mut names = Names::default();
        for (task, name) in [(0, "main"), (1, "worker"), (3, "worker"), (4, "worker")] {
            names.give(task, name.into());
        }
        let expected = ["main", "worker", "task-2", "worker (2)", "worker (3)"];
        let told = names.told();
        for (task, expected) in expected.into_iter().enumerate() {
            assert_eq!(names.of_task(task as u32), expected);
            assert_eq!(told.of_task(task as u32), expected);
        }
    }
}
