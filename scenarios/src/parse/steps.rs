//! Steps of a task, from nodes.
//!
//! Every step of a block is looked at even when an earlier one is wrong, and a step's block even when
//! its values are. Recursion goes as deep as the blocks, at most [`MAX_DEPTH`](super::MAX_DEPTH).

use super::header::Header;
use super::names::Names;
use super::problem::{Checked, Problem, Problems};
use super::shape::{self, PARTS_OF_TRY, STEPS, TOP};
use super::tree::{Entry, Node};
use super::typed;
use super::wording::{code, did_you_mean, list};
use crate::ast::{Deadline, Step, TaskId};

/// Reads the steps of one task.
pub(super) struct Steps<'a> {
    pub(super) names: &'a mut Names,
    pub(super) problems: &'a mut Problems,
    /// The task, unless its own name is wrong.
    pub(super) task: Option<TaskId>,
    /// How many `on` blocks are open.
    pub(super) handlers: usize,
    /// The first byte of each step so far.
    pub(super) starts: &'a mut Vec<usize>,
}

impl Steps<'_> {
    /// All steps of a block, or nothing if one of them is wrong.
    pub(super) fn all(&mut self, nodes: &[Node]) -> Checked<Vec<Step>> {
        let steps: Vec<Checked<Step>> = nodes.iter().map(|node| self.step(node)).collect();
        steps.into_iter().collect()
    }

    fn step(&mut self, node: &Node) -> Checked<Step> {
        let Some(shape) = shape::find(STEPS, &node.name) else {
            return Err(self.problems.report(|| unknown(node)));
        };
        self.starts.push(node.span.start);
        let header = Header::new(node, shape, self.problems);
        match shape.name {
            "sleep" => Ok(Step::Sleep(self.latency(header)?)),
            "yield" => Ok(Step::Yield),
            "busy" => Ok(Step::Busy(self.latency(header)?)),
            "log" => Ok(Step::Log(self.text(header, 0)?)),
            "timeout" => self.timeout(header),
            "wait-for" => self.wait_for(header),
            "await" => self.await_task(header),
            "cancel" => {
                let task = header.required(0, self.problems)?;
                Ok(Step::Cancel(self.names.task(task, self.problems)?))
            }
            "uncancel" => Ok(Step::Uncancel),
            "reschedule" | "shift" | "update" | "reject" | "check" => self.about_scope(header),
            "set" | "clear" | "wait" => self.about_event(header),
            "send" | "recv" => self.about_queue(header),
            "acquire" => self.acquire(header),
            "try" => self.try_step(header),
            "raise" => self.raise(node),
            "fail" => Ok(Step::Fail(self.text(header, 0)?)),
            _ => Err(self.problems.report(|| unknown(node))),
        }
    }

    fn latency(&mut self, header: Header<'_>) -> Checked<crate::ast::Latency> {
        typed::latency(header.required(0, self.problems)?, self.problems)
    }

    fn text(&mut self, header: Header<'_>, index: usize) -> Checked<String> {
        typed::text(header.required(index, self.problems)?, self.problems)
    }

    /// The steps in a node's block.
    pub(super) fn block(&mut self, header: Header<'_>) -> Checked<Vec<Step>> {
        let nodes = header.block(self.problems)?;
        self.all(nodes)
    }

    fn timeout(&mut self, header: Header<'_>) -> Checked<Step> {
        let name = header.required(0, self.problems);
        let scope = name.and_then(|name| self.names.scope(name, self.problems));
        let deadline = self.deadline(header);
        let body = self.block(header);
        Ok(Step::Timeout {
            scope: scope?,
            deadline: deadline?,
            body: body?,
        })
    }

    /// `after=` or `at=`, but not both.
    fn deadline(&mut self, header: Header<'_>) -> Checked<Deadline> {
        match (header.property("after"), header.property("at")) {
            (None, None) => Ok(Deadline::None),
            (Some(after), None) => typed::time(after, self.problems).map(Deadline::After),
            (None, Some(at)) => typed::time(at, self.problems).map(Deadline::At),
            (Some(after), Some(at)) => {
                let (first, second) = (after.span.min(at.span), after.span.max(at.span));
                Err(self.problems.report(|| {
                    let message = "both `after=` and `at=`";
                    let help = "`after=` counts from this step, `at=` from the start; keep one";
                    Problem::new(second, message, help).second_to(first)
                }))
            }
        }
    }

    fn after(&mut self, header: Header<'_>) -> Checked<Option<u64>> {
        header
            .property("after")
            .map(|after| typed::time(after, self.problems))
            .transpose()
    }

    /// Either a task or a block.
    fn wait_for(&mut self, header: Header<'_>) -> Checked<Step> {
        let after = self.after(header);
        match (header.optional(0), &header.node.block) {
            (Some(task), None) => {
                let task = self.other_task(task, "wait-for");
                Ok(Step::WaitForTask {
                    task: task?,
                    after: after?,
                })
            }
            (None, Some(_)) => {
                let body = self.block(header);
                Ok(Step::WaitForSteps {
                    after: after?,
                    body: body?,
                })
            }
            (task, block) => {
                let verb = if task.is_some() { "takes" } else { "needs" };
                let both = if task.is_some() { ", not both" } else { "" };
                if block.is_some() {
                    self.block(header).ok();
                }
                Err(self.problems.report(|| {
                    let message = format!("`wait-for` {verb} a task or a block{both}");
                    Problem::new(header.node.span, message, header.usage())
                }))
            }
        }
    }

    fn await_task(&mut self, header: Header<'_>) -> Checked<Step> {
        let task = header.required(0, self.problems);
        let task = task.and_then(|task| self.other_task(task, "await"));
        let shield = header
            .property("shield")
            .map(|shield| typed::truth(shield, self.problems));
        Ok(Step::Await {
            task: task?,
            shield: shield.transpose()?.unwrap_or(false),
        })
    }

    /// A task that is not this one.
    fn other_task(&mut self, entry: &Entry, step: &str) -> Checked<TaskId> {
        let task = self.names.task(entry, self.problems)?;
        if self.task != Some(task) {
            return Ok(task);
        }
        Err(self.problems.report(|| {
            let message = format!("the task waits for itself with {}", code(step));
            let help = "it would wait for ever; name another task";
            Problem::new(entry.span, message, help).label("this very task")
        }))
    }

    fn about_scope(&mut self, header: Header<'_>) -> Checked<Step> {
        let name = header.required(0, self.problems);
        let scope = name.and_then(|name| match header.node.name.as_str() {
            "check" => self.names.scope(name, self.problems),
            _ => self.names.scope_to_move(name, self.problems),
        });
        match header.node.name.as_str() {
            "reschedule" => {
                let deadline = self.deadline(header);
                Ok(Step::Reschedule {
                    scope: scope?,
                    deadline: deadline?,
                })
            }
            "shift" => {
                let by = header.required_property("by", self.problems);
                let by = by.and_then(|by| typed::signed_time(by, self.problems));
                Ok(Step::Shift {
                    scope: scope?,
                    by: by?,
                })
            }
            "update" => {
                let at = header.required_property("at", self.problems);
                let at = at.and_then(|at| typed::time(at, self.problems));
                Ok(Step::Update {
                    scope: scope?,
                    at: at?,
                })
            }
            "reject" => Ok(Step::Reject(scope?)),
            _ => {
                let facts = typed::facts(header, self.problems);
                let (scope, (expired, state, when)) = (scope?, facts?);
                Ok(Step::Check {
                    scope,
                    expired,
                    state,
                    when,
                })
            }
        }
    }

    fn about_event(&mut self, header: Header<'_>) -> Checked<Step> {
        let event = header.required(0, self.problems)?;
        let event = self.names.event(event, self.problems)?;
        Ok(match header.node.name.as_str() {
            "set" => Step::Set(event),
            "clear" => Step::Clear(event),
            _ => Step::Wait(event),
        })
    }

    fn about_queue(&mut self, header: Header<'_>) -> Checked<Step> {
        let queue = header.required(0, self.problems)?;
        let queue = self.names.queue(queue, self.problems);
        if header.node.name == "recv" {
            return Ok(Step::Recv(queue?));
        }
        let value = self.text(header, 1);
        Ok(Step::Send {
            queue: queue?,
            value: value?,
        })
    }

    fn acquire(&mut self, header: Header<'_>) -> Checked<Step> {
        let name = header.required(0, self.problems);
        let semaphore = name.and_then(|name| self.names.semaphore(name, self.problems));
        let body = self.block(header);
        Ok(Step::Acquire {
            semaphore: semaphore?,
            body: body?,
        })
    }

    fn raise(&mut self, node: &Node) -> Checked<Step> {
        if self.handlers > 0 {
            return Ok(Step::Raise);
        }
        Err(self.problems.report(|| {
            let help = "it raises again what an `on` caught; to raise an error write `fail NAME`";
            Problem::new(node.span, "`raise` outside `on`", help).label("nothing was caught")
        }))
    }
}

fn unknown(node: &Node) -> Problem {
    let name = node.name.as_str();
    if shape::find(PARTS_OF_TRY, name).is_some() {
        let message = format!("{} outside `try`", code(name));
        let help = "it stands directly in `try { body { … } on KIND { … } finally { … } }`";
        return Problem::new(node.span, message, help);
    }
    if shape::find(TOP, name).is_some() {
        let message = format!("{} inside a task", code(name));
        let help = "it stands at the top level of the file; close the task before it with `}`";
        return Problem::new(node.span, message, help);
    }
    let guess = did_you_mean(name, shape::names(STEPS), code);
    let help = format!(
        "{guess}the steps are {}",
        list(shape::names(STEPS), str::to_owned)
    );
    Problem::new(node.span, format!("unknown step {}", code(name)), help).label("unknown")
}
