//! Documents that have a table between two markers.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Puts a table between the two markers of this name in a document, which is named from the project's root.
pub fn put(document: &str, name: &str, table: &str) -> Result<(), String> {
    let path = root().join(document);
    let text = fs::read_to_string(&path).map_err(|error| format!("{document}: {error}"))?;
    let replaced = replaced(&text, name, table);
    let replaced = replaced.ok_or(format!("{document} has no markers of {name}"))?;
    fs::write(&path, replaced).map_err(|error| format!("{document}: {error}"))?;
    eprintln!("wrote the table {name} to {document}");
    Ok(())
}

fn replaced(text: &str, name: &str, table: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->"),
    );
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n\n{end}{after}", table.trim()))
}

#[test]
fn a_table_goes_between_its_markers_and_nowhere_else() {
    let text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n<!-- begin y -->\n<!-- end y -->\n";
    let new =
        "a\n<!-- begin x -->\n\n| new |\n\n<!-- end x -->\nb\n<!-- begin y -->\n<!-- end y -->\n";
    assert_eq!(replaced(text, "x", "| new |\n").as_deref(), Some(new));
    assert_eq!(replaced(new, "x", "| new |\n").as_deref(), Some(new));
    assert_eq!(replaced(text, "z", ""), None);
}
