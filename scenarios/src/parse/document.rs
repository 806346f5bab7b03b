//! The top level of a file: what is declared, then the tasks, then what is expected.
//!
//! The order matters, not in the file but here: names of tasks and scopes are collected before the first
//! step is read, and an expectation may speak of both.

use super::expect;
use super::header::Header;
use super::names::Names;
use super::problem::{Checked, Problem, Problems, Reported, Span};
use super::shape::{self, STEPS, TOP};
use super::starts::Starts;
use super::steps::Steps;
use super::tree::Node;
use super::typed;
use super::wording::{code, did_you_mean, list};
use crate::ast::{Expectation, Places, Scenario, Task, TaskId};

/// A scenario and where its parts begin, or the mistakes in `problems`.
pub(super) fn scenario(nodes: &[Node], problems: &mut Problems) -> Checked<(Scenario, Starts)> {
    let mut document = Document {
        name: None,
        names: Names::default(),
        tasks: Vec::new(),
        expectations: Vec::new(),
        unknown: None,
        problems,
    };
    for node in nodes {
        document.declare(node);
    }
    for task in &document.tasks {
        collect_scopes(task.nodes, &mut document.names, document.problems);
    }
    document.finish(nodes)
}

/// What was found at the top level.
struct Document<'n, 'p> {
    name: Option<(Checked<String>, Span)>,
    names: Names,
    tasks: Vec<TaskNode<'n>>,
    expectations: Vec<&'n Node>,
    /// A misspelt node may well be what is missing elsewhere.
    unknown: Option<Reported>,
    problems: &'p mut Problems,
}

/// A task whose steps are still to be read.
struct TaskNode<'n> {
    name: Checked<(TaskId, String)>,
    nodes: &'n [Node],
    /// Its first byte.
    start: usize,
}

impl<'n> Document<'n, '_> {
    fn declare(&mut self, node: &'n Node) {
        let Some(shape) = shape::find(TOP, &node.name) else {
            self.unknown = Some(self.problems.report(|| unknown(node)));
            return;
        };
        let header = Header::new(node, shape, self.problems);
        match shape.name {
            "scenario" => self.scenario(header),
            "semaphore" => drop(self.semaphore(header)),
            "queue" => drop(self.queue(header)),
            "task" => self.task(header),
            _ => self.expect(header),
        }
    }

    fn scenario(&mut self, header: Header<'_>) {
        let name = header.required(0, self.problems);
        let name = name.and_then(|name| typed::text(name, self.problems));
        let second = header.node.span;
        if let Some((_, first)) = self.name {
            self.problems.report(|| {
                let help = "a file holds one scenario; put the other one into a file of its own";
                Problem::new(second, "a second `scenario`", help).second_to(first)
            });
        } else {
            self.name = Some((name, second));
        }
    }

    fn semaphore(&mut self, header: Header<'_>) -> Checked<()> {
        let permits = header.property("permits");
        let permits = permits
            .map(|permits| typed::count(permits, 1, self.problems))
            .transpose();
        let name = header.required(0, self.problems)?;
        // The name is taken even when the number is wrong, so that a second one is noticed.
        let declared = permits.unwrap_or_default().unwrap_or(1);
        self.names.declare_semaphore(name, declared, self.problems)
    }

    fn queue(&mut self, header: Header<'_>) -> Checked<()> {
        let capacity = header.property("capacity");
        let capacity = capacity.map(|capacity| typed::count(capacity, 1, self.problems));
        let name = header.required(0, self.problems)?;
        let declared = capacity.transpose().unwrap_or_default();
        self.names.declare_queue(name, declared, self.problems)
    }

    fn task(&mut self, header: Header<'n>) {
        let name = self.task_name(header);
        let nodes = header.block(self.problems).unwrap_or_default();
        let start = header.node.span.start;
        self.tasks.push(TaskNode { name, nodes, start });
    }

    fn task_name(&mut self, header: Header<'_>) -> Checked<(TaskId, String)> {
        let entry = header.required(0, self.problems)?;
        let name = typed::text(entry, self.problems)?;
        let index = self
            .names
            .tasks
            .declare("task", &name, entry.span, self.problems)?;
        Ok((TaskId(index), name))
    }

    fn expect(&mut self, header: Header<'n>) {
        let lines = header.block(self.problems).unwrap_or_default();
        self.expectations.extend(lines);
    }

    fn finish(mut self, nodes: &[Node]) -> Checked<(Scenario, Starts)> {
        let mut starts = Starts::default();
        let tasks = self.read_tasks(&mut starts);
        let expected = self.expectations.iter();
        starts.expect = expected.map(|node| node.span.start).collect();
        let expect = self.read_expectations();
        let first = nodes
            .first()
            .map_or(Span { start: 0, end: 0 }, |node| node.span);
        let name = match self.name.take() {
            Some((name, _)) => name,
            None => Err(self.missing(|| nameless(first))),
        };
        if self.tasks.is_empty() {
            return Err(self.missing(|| taskless(first)));
        }
        let names = self.names.into_vectors();
        let scenario = Scenario {
            name: name?,
            semaphores: names.semaphores,
            queues: names.queues,
            events: names.events,
            scopes: names.scopes,
            tasks: tasks?,
            expect: expect?,
            places: Places::default(),
        };
        Ok((scenario, starts))
    }

    fn missing(&mut self, problem: impl FnOnce() -> Problem) -> Reported {
        self.unknown
            .unwrap_or_else(|| self.problems.report(problem))
    }

    fn read_tasks(&mut self, starts: &mut Starts) -> Checked<Vec<Task>> {
        let mut tasks = Vec::with_capacity(self.tasks.len());
        for task in &self.tasks {
            starts.tasks.push(task.start);
            let id = task.name.as_ref().ok().map(|(id, _)| *id);
            let (names, problems) = (&mut self.names, &mut *self.problems);
            let mut steps = Steps {
                names,
                problems,
                task: id,
                handlers: 0,
                starts: &mut starts.steps,
            };
            let steps = steps.all(task.nodes);
            let name = task.name.clone();
            tasks.push(name.and_then(|(_, name)| {
                Ok(Task {
                    name,
                    steps: steps?,
                })
            }));
        }
        tasks.into_iter().collect()
    }

    fn read_expectations(&mut self) -> Checked<Vec<Expectation>> {
        let lines = self.expectations.iter();
        let lines = lines.map(|node| expect::line(node, &self.names, self.problems));
        let lines: Vec<Checked<Expectation>> = lines.collect();
        lines.into_iter().collect()
    }
}

/// Every `timeout` names a scope, wherever it stands in a task; one without a name is reported later.
fn collect_scopes(nodes: &[Node], names: &mut Names, problems: &mut Problems) {
    for node in nodes {
        let name = node.entries.iter().find(|entry| entry.key.is_none());
        let text = name.and_then(|name| Some((name.value.as_string()?, name.span)));
        if let Some((text, span)) = text.filter(|_| node.name == "timeout") {
            names.scopes.declare("scope", text, span, problems).ok();
        }
        if let Some(block) = &node.block {
            collect_scopes(&block.nodes, names, problems);
        }
    }
}

fn nameless(span: Span) -> Problem {
    let help = "begin the file with `scenario \"what it is about\"`";
    Problem::new(span, "the file has no `scenario`", help)
}

fn taskless(span: Span) -> Problem {
    let help = "add `task \"main\" { … }` beside the `scenario`";
    Problem::new(span, "the file has no `task`", help)
}

fn unknown(node: &Node) -> Problem {
    let name = node.name.as_str();
    let message = format!("unknown node {} at the top level", code(name));
    let help = if shape::find(STEPS, name).is_some() {
        "it is a step; steps go into `task NAME { … }`".to_owned()
    } else {
        let guess = did_you_mean(name, shape::names(TOP), code);
        format!(
            "{guess}known are {}",
            list(shape::names(TOP), str::to_owned)
        )
    };
    Problem::new(node.span, message, help).label("unknown")
}
