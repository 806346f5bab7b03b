//! `deadheat explore`: each scenario many times.

use std::collections::VecDeque;
use std::io;
use std::panic::resume_unwind;
use std::thread::{self, Scope, ScopedJoinHandle};

use indicatif::ProgressBar;

use crate::Status;
use crate::args::Explore;
use crate::explored::{self, Explored};
use crate::input::{self, Input, InputError};
use crate::interrupt;
use crate::output::Output;
use crate::searched::{self, executions};
use crate::watched;

pub(crate) fn explore(args: &Explore, output: &mut Output) -> io::Result<Status> {
    let everything = args.inputs.is_empty();
    let inputs = if everything {
        input::everything()
    } else {
        args.inputs
            .iter()
            .map(|argument| input::open(argument))
            .collect()
    };
    interrupt::listen();
    let count = inputs.len();
    let bar =
        interrupt::bar(executions(args).map(|executions| executions.saturating_mul(count as u64)));
    let mut course = Course {
        args,
        bar: &bar,
        output,
        status: Status::Held,
        all: Vec::new(),
        skipped: 0,
    };
    thread::scope(|scope| course.through(scope, inputs))?;
    let Course {
        output,
        mut status,
        all,
        skipped,
        ..
    } = course;
    bar.finish_and_clear();
    if skipped > 0 {
        output.problem(&format!(
            "interrupted: of {count} scenarios {skipped} were not explored"
        ));
    }
    status = status.max(came_to(&all));
    if args.json {
        explored::summary(&all, output)?
    } else {
        explored::as_text(&all, everything, args.until_quiet, output)?
    }
    for explored in &all {
        if let Some(failure) = explored.unexpected() {
            let input = &explored.input;
            output.annotate(input.name(), input.file(), failure);
        }
    }
    Ok(status)
}

/// The status for what was found. What was interrupted need not have found everything.
fn came_to(all: &[Explored]) -> Status {
    let failed = match interrupt::interrupted() {
        true => all.iter().any(|explored| explored.unexpected().is_some()),
        false => !all.iter().all(Explored::is_as_it_should_be),
    };
    match (failed, interrupt::interrupted()) {
        (true, _) => Status::Failed,
        (false, true) => Status::Interrupted,
        (false, false) => Status::Held,
    }
}

/// One scenario after the other.
struct Course<'a> {
    args: &'a Explore,
    bar: &'a ProgressBar,
    output: &'a mut Output,
    status: Status,
    all: Vec<Explored>,
    skipped: usize,
}

/// What came of a scenario, or what was wrong with it.
type Told = Result<Explored, String>;

impl<'a> Course<'a> {
    /// Explores each. What is told of one is found out while runs of others are made, as it takes one thread only.
    fn through<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        inputs: Vec<Result<Input, InputError>>,
    ) -> io::Result<()> {
        let mut telling = VecDeque::new();
        let threads = self.args.jobs.unwrap_or_else(searched::cores);
        let count = u32::try_from(inputs.len()).unwrap_or(u32::MAX);
        for (index, input) in (1..).zip(inputs) {
            let input = match input {
                Err(error) => {
                    self.joined(&mut telling, 0)?;
                    self.bar.suspend(|| error.tell(self.output));
                    self.status = Status::BadInput;
                    continue;
                }
                Ok(_) if interrupt::interrupted() => {
                    self.skipped += 1;
                    continue;
                }
                Ok(input) => input,
            };
            self.bar.set_message(input.argument.clone());
            let (args, bar) = (self.args, self.bar);
            let (name, argument) = (input.name().to_owned(), input.argument.clone());
            let command = self.output.command().to_owned();
            let share = args.time.map(|time| time / count);
            let search = || searched::search(args, input, share, bar);
            let searched = watched::watch(&name, &argument, &command, search);
            let tell = move || {
                let told = || searched.and_then(|searched| searched.told(args, &command));
                watched::watch(&name, &argument, &command, told)
            };
            if threads == 1 || args.save.is_some() {
                self.take(tell())?;
            } else {
                telling.push_back(scope.spawn(tell));
                self.joined(&mut telling, threads)?;
            }
            bar.set_position(executions(args).unwrap_or(0).saturating_mul(index));
        }
        self.joined(&mut telling, 0)
    }

    /// Takes what is told, in order, until no more than `left` are to be told.
    fn joined(
        &mut self,
        telling: &mut VecDeque<ScopedJoinHandle<'_, Told>>,
        left: usize,
    ) -> io::Result<()> {
        while telling.len() > left
            && let Some(told) = telling.pop_front()
        {
            let told = told.join().unwrap_or_else(|panic| resume_unwind(panic));
            self.take(told)?;
        }
        Ok(())
    }

    fn take(&mut self, mut told: Told) -> io::Result<()> {
        let status = self.bar.suspend(|| unfinished(told.as_ref(), self.output));
        self.status = self.status.max(status);
        if let Ok(explored) = &mut told {
            self.output.bytes(&std::mem::take(&mut explored.lines))?;
        }
        self.all.extend(told);
        Ok(())
    }
}

/// Says what could not be done, or kept, of an exploration; the status for that.
fn unfinished(explored: Result<&Explored, &String>, output: &mut Output) -> Status {
    let explored = match explored {
        Ok(explored) => explored,
        Err(problem) => {
            output.problem(problem);
            return Status::BadInput;
        }
    };
    if explored.is_unshown() {
        let name = &explored.input.argument;
        output.problem(&format!("{name}: no run was made, so nothing was shown"));
    }
    match &explored.unsaved {
        Some(problem) => {
            output.problem(problem);
            Status::BadInput
        }
        None => Status::Held,
    }
}
