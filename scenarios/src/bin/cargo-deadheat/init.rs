//! The patch in the manifest of the workspace, for those who want it there.

use std::fs;
use std::path::PathBuf;

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use crate::drop_in::Patch;
use crate::error::Error;
use crate::guard::Workplace;

/// The manifest of the workspace as it was found.
#[derive(Debug)]
pub(crate) struct Manifest {
    path: PathBuf,
    text: String,
    parsed: DocumentMut,
}

impl Manifest {
    pub(crate) fn read(place: &Workplace) -> Result<Manifest, Error> {
        let path = place.manifest();
        let text = fs::read_to_string(&path).map_err(Error::on(&path))?;
        let parsed = text.parse();
        let parsed = parsed.map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
        Ok(Manifest { path, text, parsed })
    }

    fn store(&self, text: &str) -> Result<(), Error> {
        fs::write(&self.path, text).map_err(Error::on(&self.path))
    }

    /// Does something while a patch of ours is not in the manifest; it is there again afterwards.
    pub(crate) fn without_ours<T>(
        &self,
        what: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(without) = without_ours(&self.parsed) else {
            return what();
        };
        self.store(&without.to_string())?;
        let done = what();
        self.store(&self.text)?;
        done
    }

    /// Puts the patch in; tells what is to be known of it.
    pub(crate) fn put_in(&self, place: &Workplace, patch: &Patch) -> Result<String, Error> {
        let folder = place.shown(patch.folder());
        let with = with_ours(&self.parsed, &folder)
            .ok_or_else(|| Error::new(format!("{}: [patch] is no table", self.path.display())))?;
        self.store(&with.to_string())?;
        Ok(format!(
            "Cargo.toml has a [patch] of tokio now: every build of this workspace, for production too, takes the \
             drop-in at {folder}. That folder is made by cargo deadheat init, once on each machine; cargo deadheat \
             init --remove takes the patch out"
        ))
    }

    /// Takes it out, with the tables that it leaves empty; tells what was done.
    pub(crate) fn take_out(&self) -> Result<&'static str, Error> {
        let Some(without) = without_ours(&self.parsed) else {
            return Ok("Cargo.toml has no [patch] of ours: nothing is changed");
        };
        self.store(&without.to_string())?;
        Ok("the [patch] of tokio is out of Cargo.toml")
    }
}

/// The table by a name, which is made if there is none.
fn table<'a>(of: &'a mut Table, name: &str) -> Option<&'a mut Table> {
    let item = of.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    item.as_table_mut()
}

fn with_ours(manifest: &DocumentMut, folder: &str) -> Option<DocumentMut> {
    let mut manifest = manifest.clone();
    let patches = table(manifest.as_table_mut(), "patch")?;
    let registry = table(patches, "crates-io")?;
    let mut tokio = InlineTable::new();
    tokio.insert("path", folder.into());
    registry["tokio"] = value(tokio);
    Some(manifest)
}

/// The manifest without the patch; none if it has none of ours.
fn without_ours(manifest: &DocumentMut) -> Option<DocumentMut> {
    let mut manifest = manifest.clone();
    let patches = manifest.get_mut("patch")?.as_table_mut()?;
    let registry = patches.get_mut("crates-io")?.as_table_mut()?;
    let path = registry.get("tokio")?.get("path")?.as_str()?;
    if !path.ends_with("deadheat/tokio") {
        return None;
    }
    registry.remove("tokio");
    if registry.is_empty() {
        patches.remove("crates-io");
    }
    if patches.is_empty() {
        manifest.remove("patch");
    }
    Some(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "target/deadheat/tokio";

    fn there_and_back(text: &str) -> String {
        let manifest: DocumentMut = text.parse().unwrap();
        let with = with_ours(&manifest, FOLDER).unwrap();
        let line = format!("tokio = {{ path = \"{FOLDER}\" }}");
        assert!(with.to_string().contains(&line), "{with}");
        let again = with_ours(&with, FOLDER).unwrap().to_string();
        assert_eq!(again, with.to_string());
        without_ours(&with).unwrap().to_string()
    }

    #[test]
    fn what_is_put_in_is_taken_out_and_nothing_else() {
        for text in [
            "[package]\nname = \"x\" # so it is called\n",
            "[workspace]\nmembers = [\n  'a',\n]\n\n[patch.crates-io]\n# ours\nmio = { path = \"mio\" }\n",
            "[patch.\"https://elsewhere\"]\ntokio = { path = \"there\" }\n\n[profile.dev]\ndebug = 1\n",
        ] {
            assert_eq!(there_and_back(text), text);
        }
    }

    #[test]
    fn anothers_patch_is_left_alone() {
        let manifest = "[patch.crates-io]\ntokio = { path = \"../fork\" }\n";
        assert!(without_ours(&manifest.parse().unwrap()).is_none());
        assert!(without_ours(&"[package]".parse().unwrap()).is_none());
    }
}
