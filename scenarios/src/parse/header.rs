//! The values and properties of one node, checked against its shape.
//!
//! What a node has too much of is reported when its header is made, what it lacks when that is asked for.

use kdl::KdlValue;

use super::problem::{Checked, Problem, Problems, Span};
use super::shape::{BlockRule, Shape};
use super::tree::{Entry, Node};
use super::wording::{code, did_you_mean, list, quoted};

/// A node and what it should look like.
#[derive(Clone, Copy)]
pub(super) struct Header<'n> {
    pub(super) node: &'n Node,
    shape: &'static Shape,
}

impl<'n> Header<'n> {
    /// Reports every value, property and block that does not belong there.
    pub(super) fn new(node: &'n Node, shape: &'static Shape, problems: &mut Problems) -> Self {
        let header = Self { node, shape };
        for extra in header.values().skip(shape.values.len()) {
            problems.report(|| header.extra_value(extra));
        }
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for (key, entry) in header.properties() {
            if !shape.properties.contains(&key) {
                problems.report(|| header.unknown_property(key, entry.span));
            } else if let Some((_, first)) = seen.iter().find(|(name, _)| *name == key) {
                problems.report(|| twice(key, entry.span, *first));
            } else {
                seen.push((key, entry.span));
            }
        }
        if let Some(block) = node
            .block
            .as_ref()
            .filter(|_| shape.block == BlockRule::Never)
        {
            problems.report(|| header.extra_block(block.open));
        }
        header
    }

    pub(super) fn usage(&self) -> String {
        format!("it is written `{}`", self.shape.usage)
    }

    /// A value, if it is there.
    pub(super) fn optional(&self, index: usize) -> Option<&'n Entry> {
        self.values().nth(index)
    }

    /// A value that must be there.
    pub(super) fn required(&self, index: usize, problems: &mut Problems) -> Checked<&'n Entry> {
        self.optional(index)
            .ok_or_else(|| problems.report(|| self.missing_value(index)))
    }

    /// A property, if it is there.
    pub(super) fn property(&self, key: &str) -> Option<&'n Entry> {
        self.properties()
            .find(|(name, _)| *name == key)
            .map(|(_, entry)| entry)
    }

    /// A property that must be there.
    pub(super) fn required_property(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Checked<&'n Entry> {
        self.property(key).ok_or_else(|| {
            problems.report(|| {
                let message = format!(
                    "{} needs {}",
                    code(self.shape.name),
                    code(&format!("{key}="))
                );
                Problem::new(self.node.span, message, self.usage())
            })
        })
    }

    /// The nodes of a block that must be there.
    pub(super) fn block(&self, problems: &mut Problems) -> Checked<&'n [Node]> {
        let block = self.node.block.as_ref().map(|block| block.nodes.as_slice());
        block.ok_or_else(|| problems.report(|| self.missing_block()))
    }

    fn values(&self) -> impl Iterator<Item = &'n Entry> + use<'n> {
        self.node.entries.iter().filter(|entry| entry.key.is_none())
    }

    fn properties(&self) -> impl Iterator<Item = (&'n str, &'n Entry)> + use<'n> {
        self.node
            .entries
            .iter()
            .filter_map(|entry| entry.key.as_deref().map(|key| (key, entry)))
    }

    fn extra_value(&self, entry: &Entry) -> Problem {
        let takes = match self.shape.values {
            [] => "takes no value".to_owned(),
            [one] => format!("takes one value, the {one}"),
            many => format!("takes {} values: {}", many.len(), many.join(", ")),
        };
        let message = format!("{} {takes}", code(self.shape.name));
        Problem::new(entry.span, message, self.usage()).label("one too many")
    }

    fn unknown_property(&self, key: &str, span: Span) -> Problem {
        let known = self.shape.properties.iter().copied();
        let allowed = match self.shape.properties {
            [] => format!("it takes none: {}", self.usage()),
            known => format!("it takes {}", list(known.iter().copied(), code)),
        };
        let help = did_you_mean(key, known, code) + &allowed;
        let message = format!("{} takes no property {}", code(self.shape.name), code(key));
        Problem::new(span, message, help)
    }

    fn extra_block(&self, open: Span) -> Problem {
        let message = format!("{} takes no block", code(self.shape.name));
        let help = match self.shape.name {
            "scenario" => "tasks are written after it, not inside it".to_owned(),
            _ => self.usage(),
        };
        Problem::new(open, message, help)
    }

    fn missing_value(&self, index: usize) -> Problem {
        let what = self.shape.values.get(index).copied().unwrap_or("value");
        let message = format!("{} needs a value: the {what}", code(self.shape.name));
        Problem::new(self.node.span, message, self.usage())
    }

    fn missing_block(&self) -> Problem {
        let message = format!("{} needs a block", code(self.shape.name));
        let help = format!("{}; the `{{` is on the same line", self.usage());
        Problem::new(self.node.span, message, help)
    }
}

fn twice(key: &str, span: Span, first: Span) -> Problem {
    let message = format!("the property {} is there twice", code(key));
    Problem::new(span, message, "take one of them out").second_to(first)
}

/// What a value is, for messages about one of the wrong type.
pub(super) fn describe(value: &KdlValue) -> String {
    match value {
        KdlValue::String(text) => format!("the text {}", quoted(text)),
        KdlValue::Integer(number) => format!("the number {number}"),
        KdlValue::Float(number) => format!("the number {number}"),
        KdlValue::Bool(truth) => format!("`#{truth}`"),
        KdlValue::Null => "`#null`".to_owned(),
    }
}
