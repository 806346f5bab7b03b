//! The patch in the manifest of the workspace, for those who want it there.

use std::fs;
use std::path::PathBuf;

use deadheat::search::write_whole_unlocked;
use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use crate::drop_in::Patch;
use crate::error::Error;
use crate::line_ends;
use crate::saved::Saved;
use crate::workplace::{Workplace, is_of_a_workplace};

/// The name of the patch where the name of the package is taken.
const OTHER_NAME: &str = "tokio-of-deadheat";

/// The manifest of the workspace as it was found.
#[derive(Debug)]
pub(crate) struct Manifest {
    path: PathBuf,
    text: String,
    parsed: DocumentMut,
}

impl Manifest {
    pub(crate) fn read(path: PathBuf) -> Result<Manifest, Error> {
        let text = fs::read_to_string(&path).map_err(Error::on(&path))?;
        let parsed = text.parse();
        let parsed = parsed.map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
        Ok(Manifest { path, text, parsed })
    }

    fn store(&self, changed: &DocumentMut) -> Result<(), Error> {
        let text = line_ends::as_in(&self.text, &changed.to_string());
        write_whole_unlocked(&self.path, text).map_err(Error::on(&self.path))
    }

    /// Whether it has a patch of ours.
    pub(crate) fn has_ours(&self) -> bool {
        without_ours(&self.parsed).is_some()
    }

    /// A command would put the same in a second time.
    pub(crate) fn refuse_ours(&self) -> Result<(), Error> {
        match self.has_ours() {
            false => Ok(()),
            true => Err(Error::new(
                "Cargo.toml has the [patch] of cargo deadheat init, so every cargo command is on the simulation: call \
                 cargo itself, or take the patch out by cargo deadheat init --remove",
            )),
        }
    }

    /// Takes a patch of ours out until what is returned is dropped, or, after a kill, until the next start.
    pub(crate) fn without_ours(&self, place: &Workplace) -> Result<Option<Saved>, Error> {
        let Some(without) = without_ours(&self.parsed) else {
            return Ok(None);
        };
        let saved = Saved::of(place, &self.path)?;
        self.store(&without)?;
        Ok(Some(saved))
    }

    /// Puts the patch in; tells what is to be known of it.
    pub(crate) fn put_in(&self, place: &Workplace, patch: &Patch) -> Result<String, Error> {
        let folder = place.shown(patch.folder());
        let with = with_ours(&self.parsed, &folder)
            .ok_or_else(|| Error::new(format!("{}: [patch] is no table", self.path.display())))?;
        self.store(&with)?;
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
        self.store(&without)?;
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
    // Under the name of the package somebody may have a patch already, of another version.
    let name = match our_name(registry) {
        Some(name) => name,
        None if registry.contains_key("tokio") => OTHER_NAME.to_owned(),
        None => "tokio".to_owned(),
    };
    if name == OTHER_NAME {
        tokio.insert("package", "tokio".into());
    }
    tokio.insert("path", folder.into());
    registry[&name] = value(tokio);
    Some(manifest)
}

/// Whether a command has made the manifest as it is now from what it was: it takes out the patch for a time.
pub(crate) fn is_made(was: &[u8], now: &[u8]) -> bool {
    let Some((text, parsed)) = str::from_utf8(was)
        .ok()
        .and_then(|text| Some((text, text.parse().ok()?)))
    else {
        return false;
    };
    let made = |without: DocumentMut| line_ends::as_in(text, &without.to_string());
    without_ours(&parsed).is_some_and(|without| made(without).as_bytes() == now)
}

/// The manifest without the patch; none if it has none of ours.
fn without_ours(manifest: &DocumentMut) -> Option<DocumentMut> {
    let mut manifest = manifest.clone();
    let patches = manifest.get_mut("patch")?.as_table_mut()?;
    let registry = patches.get_mut("crates-io")?.as_table_mut()?;
    let name = our_name(registry)?;
    registry.remove(&name);
    if registry.is_empty() {
        patches.remove("crates-io");
    }
    if patches.is_empty() {
        manifest.remove("patch");
    }
    Some(manifest)
}

/// The name under which a patch of ours is there.
fn our_name(registry: &Table) -> Option<String> {
    let is_ours = |item: &Item| {
        let path = item.get("path").and_then(Item::as_str);
        path.is_some_and(is_of_a_workplace)
    };
    let mut ours = registry.iter().filter(|(_, item)| is_ours(item));
    ours.next().map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "target/deadheat/tokio";

    fn there_and_back(text: &str) -> String {
        let manifest: DocumentMut = text.parse().unwrap();
        let with = with_ours(&manifest, FOLDER).unwrap();
        let line = format!("path = \"{FOLDER}\" }}");
        assert!(with.to_string().contains(&line), "{with}");
        let again = with_ours(&with, FOLDER).unwrap().to_string();
        assert_eq!(again, with.to_string());
        let with = line_ends::as_in(text, &again);
        let parsed = with.parse().unwrap();
        line_ends::as_in(&with, &without_ours(&parsed).unwrap().to_string())
    }

    #[test]
    fn what_is_put_in_is_taken_out_and_nothing_else() {
        for text in [
            "[package]\nname = \"x\" # so it is called\n",
            "[workspace]\nmembers = [\n  'a',\n]\n\n[patch.crates-io]\n# ours\nmio = { path = \"mio\" }\n",
            "[patch.\"https://elsewhere\"]\ntokio = { path = \"there\" }\n\n[profile.dev]\ndebug = 1\n",
            // Of another version, which no package takes.
            "[package]\nname = \"x\"\n\n[patch.crates-io]\ntokio = { path = \"../tokio-2\" }\n",
            "[package]\r\nname = \"x\"\r\n\r\n[profile.dev]\r\ndebug = 1\r\n",
            "\u{feff}[package]\r\nname = \"x\"\n",
        ] {
            assert_eq!(there_and_back(text), text);
        }
    }

    #[test]
    fn only_what_was_made_of_it_for_a_time_is_put_back() {
        let was = format!("[package]\n\n[patch.crates-io]\ntokio = {{ path = \"{FOLDER}\" }}\n");
        let parsed = was.parse().unwrap();
        let without = without_ours(&parsed).unwrap().to_string();
        assert!(is_made(was.as_bytes(), without.as_bytes()));
        for others in ["", "[package]\nname = \"mine\"", &was] {
            assert!(!is_made(was.as_bytes(), others.as_bytes()), "{others}");
        }
    }

    #[test]
    fn anothers_patch_is_left_alone() {
        let manifest = "[patch.crates-io]\ntokio = { path = \"../fork\" }\n";
        assert!(without_ours(&manifest.parse().unwrap()).is_none());
        assert!(without_ours(&"[package]".parse().unwrap()).is_none());
    }
}
