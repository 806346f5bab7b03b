//! Random programs.

use proptest::prelude::*;

use super::program::{Move, Node};

fn delays() -> impl Strategy<Value = u64> {
    1..12u64
}

fn nodes() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        1 => Just(Node::Ready),
        1 => Just(Node::Yield),
        6 => delays().prop_map(Node::Sleep),
        1 => (0..9u64).prop_map(Node::Send),
        2 => Just(Node::Receive),
    ];
    leaf.prop_recursive(4, 24, 4, |node| {
        let boxed = || node.clone().prop_map(Box::new);
        let moves = prop_oneof![
            delays().prop_map(Move::After),
            (12..40u64).prop_map(Move::At),
            delays().prop_map(Move::Shift),
            delays().prop_map(Move::ShiftEarlier),
            Just(Move::Reject),
        ];
        // Of so few no one is the fourth ahead of the timer (difference 3).
        let moves = prop::collection::vec((delays(), moves), 0..4);
        let deadline = proptest::option::of(1..40u64);
        prop_oneof![
            2 => prop::collection::vec(node.clone(), 0..4).prop_map(Node::Seq),
            3 => (delays(), boxed()).prop_map(|(delay, body)| Node::Timeout(delay, body)),
            1 => (1..40u64, boxed()).prop_map(|(at, body)| Node::TimeoutAt(at, body)),
            3 => (deadline, moves, any::<bool>(), boxed()).prop_map(
                |(deadline, moves, by_another, body)| Node::Moving {
                    deadline,
                    moves,
                    by_another,
                    body,
                }
            ),
            2 => (boxed(), boxed()).prop_map(|(a, b)| Node::Race(a, b)),
            1 => (boxed(), boxed()).prop_map(|(a, b)| Node::Both(a, b)),
        ]
    })
}

/// Takes out every `Yield` after which something else is polled in the same turn (difference 4).
fn settled(node: Node, last: bool) -> Node {
    let boxed = |node: Box<Node>, last| Box::new(settled(*node, last));
    match node {
        Node::Yield if !last => Node::Ready,
        Node::Seq(nodes) => Node::Seq(nodes.into_iter().map(|it| settled(it, last)).collect()),
        Node::Timeout(delay, body) => Node::Timeout(delay, boxed(body, last)),
        Node::TimeoutAt(at, body) => Node::TimeoutAt(at, boxed(body, last)),
        Node::Race(a, b) => Node::Race(boxed(a, false), boxed(b, last)),
        Node::Both(a, b) => Node::Both(boxed(a, false), boxed(b, last)),
        Node::Moving {
            deadline,
            moves,
            by_another,
            body,
        } => Node::Moving {
            deadline,
            moves,
            by_another,
            body: boxed(body, last),
        },
        leaf => leaf,
    }
}

pub(crate) fn programs() -> impl Strategy<Value = Vec<Node>> {
    let node = nodes().prop_map(|node| settled(node, true));
    prop::collection::vec(node, 1..4)
}

pub(crate) fn scaled(node: Node, by: u64) -> Node {
    let boxed = |node: Box<Node>| Box::new(scaled(*node, by));
    match node {
        Node::Sleep(delay) => Node::Sleep(delay * by),
        Node::Seq(nodes) => Node::Seq(nodes.into_iter().map(|it| scaled(it, by)).collect()),
        Node::Timeout(delay, body) => Node::Timeout(delay * by, boxed(body)),
        Node::TimeoutAt(at, body) => Node::TimeoutAt(at * by, boxed(body)),
        Node::Race(a, b) => Node::Race(boxed(a), boxed(b)),
        Node::Both(a, b) => Node::Both(boxed(a), boxed(b)),
        Node::Moving {
            deadline,
            moves,
            by_another,
            body,
        } => Node::Moving {
            deadline: deadline.map(|at| at * by),
            moves: moves
                .into_iter()
                .map(|(after, to)| (after * by, to.scaled(by)))
                .collect(),
            by_another,
            body: boxed(body),
        },
        leaf => leaf,
    }
}

impl Move {
    fn scaled(self, by: u64) -> Self {
        match self {
            Move::After(delay) => Move::After(delay * by),
            Move::At(at) => Move::At(at * by),
            Move::Shift(delay) => Move::Shift(delay * by),
            Move::ShiftEarlier(delay) => Move::ShiftEarlier(delay * by),
            Move::Reject => Move::Reject,
        }
    }
}
