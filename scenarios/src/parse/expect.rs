//! The lines of `expect`.

use super::header::Header;
use super::names::Names;
use super::problem::{Checked, Problem, Problems};
use super::shape::{self, EXPECTATIONS};
use super::tree::Node;
use super::typed;
use super::wording::{code, did_you_mean, list};
use crate::ast::{Expectation, Verdict};

/// One line.
pub(super) fn line(node: &Node, names: &Names, problems: &mut Problems) -> Checked<Expectation> {
    let Some(shape) = shape::find(EXPECTATIONS, &node.name) else {
        return Err(problems.report(|| unknown(node)));
    };
    let header = Header::new(node, shape, problems);
    let first = header.required(0, problems);
    match shape.name {
        "task" => {
            let task = first.and_then(|first| names.task(first, problems));
            let ends = header
                .property("ends")
                .map(|ends| typed::end(ends, problems))
                .transpose();
            let at = header
                .property("at")
                .map(|at| typed::time(at, problems))
                .transpose();
            says_something(header, problems)?;
            Ok(Expectation::Task {
                task: task?,
                ends: ends?,
                at: at?,
            })
        }
        "scope" => {
            let scope = first.and_then(|first| names.scope(first, problems));
            let facts = typed::facts(header, problems);
            says_something(header, problems)?;
            let (scope, (expired, state, when)) = (scope?, facts?);
            Ok(Expectation::Scope {
                scope,
                expired,
                state,
                when,
            })
        }
        "log" => {
            let text = first.and_then(|first| typed::text(first, problems));
            let count = header
                .property("count")
                .map(|count| typed::count(count, 0, problems));
            Ok(Expectation::Log {
                text: text?,
                count: count.transpose()?,
            })
        }
        "never" => Ok(Expectation::Never(typed::text(first?, problems)?)),
        _ => {
            let all = &Verdict::ALL;
            typed::word(first?, "verdict", all, Verdict::name, problems).map(Expectation::Verdict)
        }
    }
}

/// An expectation without a property would hold whatever happens.
fn says_something(header: Header<'_>, problems: &mut Problems) -> Checked<()> {
    if header.node.entries.iter().any(|entry| entry.key.is_some()) {
        return Ok(());
    }
    Err(problems.report(|| {
        let message = format!(
            "this expectation says nothing about the {}",
            header.node.name
        );
        Problem::new(header.node.span, message, header.usage())
    }))
}

fn unknown(node: &Node) -> Problem {
    let guess = did_you_mean(&node.name, shape::names(EXPECTATIONS), code);
    let known = list(shape::names(EXPECTATIONS), str::to_owned);
    let message = format!("unknown expectation {}", code(&node.name));
    Problem::new(node.span, message, format!("{guess}known are {known}")).label("unknown")
}
