//! The patch in the manifest of the workspace, for those who want it there.

use std::fs;

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use crate::drop_in::Patch;
use crate::error::Error;
use crate::guard::Workplace;

fn read(place: &Workplace) -> Result<DocumentMut, Error> {
    let path = place.manifest();
    let text = fs::read_to_string(&path).map_err(Error::on(&path))?;
    text.parse()
        .map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

fn store(place: &Workplace, manifest: &DocumentMut) -> Result<(), Error> {
    let path = place.manifest();
    fs::write(&path, manifest.to_string()).map_err(Error::on(&path))
}

/// Writes it; tells what is to be known of it.
pub(crate) fn write(place: &Workplace, patch: &Patch) -> Result<String, Error> {
    let mut manifest = read(place)?;
    let table = |manifest: &mut Table, name: &str| {
        let item = manifest.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        item.is_table().then_some(())
    };
    let not_a_table = || Error::new("[patch] of the manifest is no table");
    table(manifest.as_table_mut(), "patch").ok_or_else(not_a_table)?;
    let patches = manifest["patch"].as_table_mut().ok_or_else(not_a_table)?;
    table(patches, "crates-io").ok_or_else(not_a_table)?;
    let registry = patches["crates-io"]
        .as_table_mut()
        .ok_or_else(not_a_table)?;
    let mut tokio = InlineTable::new();
    tokio.insert("path", place.shown(patch.folder()).into());
    registry["tokio"] = value(tokio);
    store(place, &manifest)?;
    Ok(format!(
        "Cargo.toml has a [patch] of tokio now: every build of this workspace, for production too, takes the drop-in at \
         {}, which is made anew on each machine by cargo deadheat init. Take it out by cargo deadheat init --remove",
        place.shown(patch.folder())
    ))
}

/// Takes it out, with the tables that it leaves empty.
pub(crate) fn take_out(place: &Workplace) -> Result<&'static str, Error> {
    let mut manifest = read(place)?;
    let patches = manifest.get_mut("patch").and_then(Item::as_table_mut);
    let registry = patches.and_then(|patches| patches.get_mut("crates-io"));
    let Some(registry) = registry.and_then(Item::as_table_mut) else {
        return Ok("Cargo.toml has no [patch.crates-io]: nothing is changed");
    };
    let is_ours = registry.get("tokio").is_some_and(|tokio| {
        let path = tokio.get("path").and_then(Item::as_str);
        path.is_some_and(|path| path.ends_with("deadheat/tokio"))
    });
    if !is_ours {
        return Ok("the [patch.crates-io] of Cargo.toml has no tokio of ours: nothing is changed");
    }
    registry.remove("tokio");
    if registry.is_empty() {
        let patches = manifest["patch"].as_table_mut();
        let is_empty = patches.is_some_and(|patches| {
            patches.remove("crates-io");
            patches.is_empty()
        });
        if is_empty {
            manifest.remove("patch");
        }
    }
    store(place, &manifest)?;
    Ok("the [patch] of tokio is out of Cargo.toml")
}
