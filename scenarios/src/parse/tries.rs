//! The `try` step: one `body`, then `on` for some kinds, each once, and at most one `finally`.

use super::header::Header;
use super::problem::{Checked, Problem, Reported, Span};
use super::shape::{self, PARTS_OF_TRY};
use super::steps::Steps;
use super::tree::Node;
use super::typed;
use super::wording::{code, did_you_mean};
use crate::ast::{Handler, HandlerKind, Step};

/// What was found in a `try` so far, and where.
#[derive(Default)]
struct Parts {
    body: Option<(Span, Checked<Vec<Step>>)>,
    kinds: Vec<(HandlerKind, Span)>,
    handlers: Vec<Checked<Handler>>,
    finally: Option<(Span, Checked<Vec<Step>>)>,
    wrong: Option<Reported>,
    /// Where the steps begin of `body`, of each `on` and of `finally`, as they stand in the file.
    starts: Vec<(usize, Vec<usize>)>,
}

impl Steps<'_> {
    pub(super) fn try_step(&mut self, header: Header<'_>) -> Checked<Step> {
        let nodes = header.block(self.problems)?;
        let mut parts = Parts::default();
        for node in nodes {
            let before = self.starts.len();
            if let Err(reported) = self.part(node, &mut parts) {
                parts.wrong = Some(reported);
            }
            let place = PARTS_OF_TRY.iter().position(|of| of.name == node.name);
            let of_part = self.starts.split_off(before);
            parts.starts.push((place.unwrap_or_default(), of_part));
        }
        // In the table of shapes they stand as in a step: `body`, `on`, `finally`.
        parts.starts.sort_by_key(|(place, _)| *place);
        for (_, of_part) in &parts.starts {
            self.starts.extend(of_part);
        }
        self.complete(header.node.span, nodes, parts)
    }

    fn part(&mut self, node: &Node, parts: &mut Parts) -> Checked<()> {
        let Some(shape) = shape::find(PARTS_OF_TRY, &node.name) else {
            return Err(self.problems.report(|| unknown(node)));
        };
        let header = Header::new(node, shape, self.problems);
        match shape.name {
            "body" => self.single(header, &mut parts.body),
            "finally" => self.single(header, &mut parts.finally),
            _ => {
                let kind = self.kind(header, &mut parts.kinds);
                let handler = self.handler(header, kind);
                parts.handlers.push(handler);
                Ok(())
            }
        }
    }

    /// A part that there is once.
    fn single(
        &mut self,
        header: Header<'_>,
        part: &mut Option<(Span, Checked<Vec<Step>>)>,
    ) -> Checked<()> {
        let (node, steps) = (header.node, self.block(header));
        let Some((first, _)) = part else {
            *part = Some((node.span, steps));
            return Ok(());
        };
        Err(self.problems.report(|| {
            let message = format!("a second {} in this `try`", code(&node.name));
            Problem::new(node.span, message, "put the steps into one").second_to(*first)
        }))
    }

    fn handler(&mut self, header: Header<'_>, kind: Checked<HandlerKind>) -> Checked<Handler> {
        self.handlers += 1;
        let steps = self.block(header);
        self.handlers -= 1;
        Ok(Handler {
            kind: kind?,
            steps: steps?,
        })
    }

    fn kind(
        &mut self,
        header: Header<'_>,
        earlier: &mut Vec<(HandlerKind, Span)>,
    ) -> Checked<HandlerKind> {
        let entry = header.required(0, self.problems)?;
        let all = &HandlerKind::ALL;
        let kind = typed::word(entry, "kind", all, HandlerKind::name, self.problems)?;
        let Some((_, first)) = earlier.iter().find(|(other, _)| *other == kind) else {
            earlier.push((kind, entry.span));
            return Ok(kind);
        };
        Err(self.problems.report(|| {
            let message = format!("a second `on \"{kind}\"` in this `try`");
            let help = "the first one catches them all; put the steps into it";
            Problem::new(entry.span, message, help).second_to(*first)
        }))
    }

    /// A `body` there must be, and something that makes the `try` worth having.
    fn complete(&mut self, span: Span, nodes: &[Node], parts: Parts) -> Checked<Step> {
        let body = match parts.body {
            Some((_, body)) => body,
            None => Err(self.problems.report(|| {
                Problem::new(
                    span,
                    "`try` without `body`",
                    "its steps go into `body { … }`",
                )
            })),
        };
        if !nodes
            .iter()
            .any(|node| ["on", "finally"].contains(&node.name.as_str()))
        {
            return Err(self.problems.report(|| {
                let help = "add `on KIND { … }` (cancelled, timeout or error) or `finally { … }`";
                Problem::new(span, "`try` without `on` or `finally`", help)
            }));
        }
        let handlers: Checked<Vec<Handler>> = parts.handlers.into_iter().collect();
        let finally = parts.finally.map(|(_, steps)| steps).transpose();
        match parts.wrong {
            Some(reported) => Err(reported),
            None => Ok(Step::Try {
                body: body?,
                handlers: handlers?,
                finally: finally?,
            }),
        }
    }
}

fn unknown(node: &Node) -> Problem {
    let message = format!("{} cannot stand directly in `try`", code(&node.name));
    let guess = did_you_mean(&node.name, shape::names(PARTS_OF_TRY), code);
    let help = format!("{guess}a `try` has `body`, `on` and `finally`, and steps go into those");
    Problem::new(node.span, message, help)
}
