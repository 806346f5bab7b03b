//! What the patch makes of the lock file of a workspace, and how it is taken out of that again.

use std::fs;

use deadheat::search::write_whole_unlocked;
use toml_edit::{DocumentMut, Table, value};

use crate::drop_in::BENEATH;
use crate::error::Error;
use crate::line_ends;
use crate::workplace::Workplace;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Whether a command of ours has made the lock file as it is now from what it was.
pub(crate) fn is_made(was: &[u8], now: &[u8]) -> bool {
    // Cargo or we were ended in the middle of writing: a whole file ends with its last line.
    let is_half = !now.ends_with(b"\n") || was.starts_with(now);
    is_half || is_patched(now)
}

/// Whether the lock file has the patch.
pub(crate) fn has_patch(place: &Workplace) -> bool {
    fs::read(place.lock_file()).is_ok_and(|content| is_patched(&content))
}

fn is_patched(content: &[u8]) -> bool {
    let name = format!("name = \"{BENEATH}\"");
    let mut parts = content.windows(name.len());
    parts.any(|part| part == name.as_bytes())
}

/// Takes the patch out of the lock file: tokio is the registry's again, at the version that it had. Without this, cargo
/// would take the newest one. What else is of the patch, cargo takes out when it next reads the file.
pub(crate) fn take_patch_out(place: &Workplace) -> Result<(), Error> {
    let path = place.lock_file();
    let content = fs::read_to_string(path).map_err(Error::on(path))?;
    match without_patch(&content) {
        Some(without) => {
            let without = line_ends::as_in(&content, &without);
            write_whole_unlocked(path, without).map_err(Error::on(path))
        }
        None => Ok(()),
    }
}

fn without_patch(content: &str) -> Option<String> {
    let mut content: DocumentMut = content.parse().ok()?;
    let packages = content.get_mut("package")?.as_array_of_tables_mut()?;
    let is_named = |package: &Table, name: &str| {
        let own = package.get("name").and_then(|own| own.as_str());
        own == Some(name)
    };
    let beneath = packages.iter().find(|package| is_named(package, BENEATH))?;
    // What it depends on is what tokio depends on.
    let mut tokio = beneath.clone();
    let is_drop_in =
        |package: &Table| is_named(package, "tokio") && !package.contains_key("source");
    let drop_in = packages.iter().position(is_drop_in)?;
    tokio["name"] = value("tokio");
    let dependencies = tokio.remove("dependencies");
    // In the order in which cargo writes them; the checksum it knows itself.
    tokio["source"] = value(REGISTRY);
    if let Some(dependencies) = dependencies {
        tokio["dependencies"] = dependencies;
    }
    *packages.get_mut(drop_in)? = tokio;
    packages.retain(|package| !is_named(package, BENEATH));
    Some(content.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCHED: &str = r#"version = 4

[[package]]
name = "tokio"
version = "1.52.0"
dependencies = [
 "deadheat",
 "tokio-beneath-deadheat",
]

[[package]]
name = "tokio-beneath-deadheat"
version = "1.52.0"
dependencies = [
 "pin-project-lite",
]

[[package]]
name = "x"
version = "0.1.0"
dependencies = [
 "tokio",
]
"#;

    #[test]
    fn tokio_is_the_registrys_again_at_its_version() {
        let without = without_patch(PATCHED).unwrap();
        let expected = r#"version = 4

[[package]]
name = "tokio"
version = "1.52.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = [
 "pin-project-lite",
]

[[package]]
name = "x"
version = "0.1.0"
dependencies = [
 "tokio",
]
"#;
        assert_eq!(without, expected);
        assert_eq!(without_patch(&without), None);
    }

    #[test]
    fn a_lock_file_that_we_made_is_known() {
        assert!(is_patched(PATCHED.as_bytes()));
        assert!(is_made(b"was\n", PATCHED.as_bytes()));
        let half = &PATCHED[..PATCHED.len() / 3];
        assert!(is_made(b"was\n", half.as_bytes()));
        assert!(is_made(b"was\nso\n", b"was\n"));
        assert!(!is_made(b"was\n", b"another\n"));
    }
}
