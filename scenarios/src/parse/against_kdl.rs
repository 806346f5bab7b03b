//! The nodes that `tree` reads, compared with those that the `kdl` crate's own document parser reads.
//!
//! They differ in three things, which the texts here avoid: type annotations, which `tree` refuses; a node
//! left out by `/-` and ended by `;`, which that parser refuses though the specification has it; and
//! something on the line behind such a node's block, which it lets pass.

use kdl::{KdlDocument, KdlNode};
use proptest::prelude::*;

use super::problem::Problems;
use super::tree::{self, Node};

/// Nodes in a form that both readings can be turned into.
fn ours(nodes: &[Node]) -> String {
    let one = |node: &Node| {
        let entries: Vec<String> = node
            .entries
            .iter()
            .map(|entry| format!("{:?}={:?}", entry.key, entry.value))
            .collect();
        let block = node.block.as_ref().map(|block| ours(&block.nodes));
        format!("{:?} {entries:?} {block:?}", node.name)
    };
    nodes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn theirs(nodes: &[KdlNode]) -> String {
    let one = |node: &KdlNode| {
        let entry = |entry: &kdl::KdlEntry| {
            format!(
                "{:?}={:?}",
                entry.name().map(|name| name.value()),
                entry.value()
            )
        };
        let entries: Vec<String> = node.entries().iter().map(entry).collect();
        let block = node.children().map(|block| theirs(block.nodes()));
        format!("{:?} {entries:?} {block:?}", node.name().value())
    };
    nodes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn read(text: &str) -> Option<String> {
    let mut problems = Problems::default();
    let nodes = tree::read(text, &mut problems);
    problems.is_empty().then(|| ours(&nodes))
}

fn read_by_kdl(text: &str) -> Option<String> {
    KdlDocument::parse_v2(text)
        .ok()
        .map(|document| theirs(document.nodes()))
}

const SPACES: [&str; 6] = [
    " ",
    "\t",
    " /* c */ ",
    "/* a /* b */ * / */",
    " \\\n ",
    " \\ // c\n",
];
const ENDS: [&str; 5] = ["\n", ";", " ;\n\n", " // c\n", "\r\n \n"];
const VALUES: [&str; 26] = [
    "a",
    "-",
    "a.b-c",
    ",",
    "1",
    "-2",
    "0x1F",
    "1_000",
    "1.5e3",
    "#true",
    "#null",
    "#-inf",
    "\"\"",
    "\"a b\"",
    "\"\\u{1F600}\\n\\\"\\\\\"",
    "\"a \\\n  b\"",
    "#\"r\\\"#",
    "##\"\"#\"##",
    "\"}{;//\"",
    "\"\"\"\n  m\n\n  \"n\" \\\\\n  \"\"\"",
    "#\"\"\"\n m\n\"\"\"#",
    "##\"\"\"\n  m\n\n   \"\"\"#\r\n  \"\"\"##",
    "#\"\"\"\n\t\n\"\"\"#",
    "#\"\"\"\n\"\"\"#",
    "#\"\"\"\n \\q\n x\"\"\"#",
    "true",
];

fn one_of(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn entry() -> impl Strategy<Value = String> {
    let key = prop_oneof![4 => Just(String::new()), 2 => one_of(&["k=", "\"k\" = ", "k /**/ = ", "#\"k\"#="])];
    let dropped = prop_oneof![8 => Just(""), 1 => Just("/-"), 1 => Just("/- \n")];
    (one_of(&SPACES), dropped, key, one_of(&VALUES)).prop_map(|(a, b, c, d)| a + b + &c + &d)
}

/// A name with its values and properties.
fn head() -> impl Strategy<Value = String> {
    let name = one_of(&["a", "\"n m\"", "sleep", "#\"x\"#", "-"]);
    (name, prop::collection::vec(entry(), 0..4)).prop_map(|(a, b)| a + &b.concat())
}

/// Nodes that are well formed but for a value here and there.
fn document() -> impl Strategy<Value = String> {
    let leaf = (head(), one_of(&ENDS)).prop_map(|(a, b)| a + &b);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let dropped = prop_oneof![6 => Just(""), 1 => Just(" /-{ z }")];
        let block = (prop::collection::vec(inner, 0..4), dropped)
            .prop_map(|(nodes, dropped)| format!("{dropped} {{ {} }}", nodes.concat()));
        let whole = (head(), block, one_of(&ENDS)).prop_map(|(a, b, c)| a + &b + &c);
        // On a line of its own, for what the module's documentation says.
        prop_oneof![8 => whole, 1 => head().prop_map(|a| format!("/- {a}\n"))]
    })
}

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => one_of(&SPACES),
        4 => one_of(&VALUES),
        2 => one_of(&["\n", ";", "// c\n"]),
        3 => one_of(&["{", "}", "=", " {", "}\n"]),
        1 => one_of(&["[", "/ ", "\\", "\"", "#", "/*", "\"\"\"", "a{}", "a{\n}\n"]),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn good_documents_read_the_same(nodes in prop::collection::vec(document(), 0..5)) {
        let text = nodes.concat();
        prop_assert_eq!(read(&text), read_by_kdl(&text));
    }

    #[test]
    fn heaps_of_tokens_read_the_same(text in soup()) {
        prop_assert_eq!(read(&text), read_by_kdl(&text));
    }
}
