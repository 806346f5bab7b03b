//! `deadheat list`.

use std::io;

use deadheat_scenarios::{catalogue, families};

use crate::Status;
use crate::args::List;
use crate::output::Output;
use crate::table::Table;

pub(crate) fn list(args: &List, output: &mut Output) -> io::Result<Status> {
    if args.json {
        return as_json(output);
    }
    let mut table = Table::new(&["name", "", "what"]);
    for entry in catalogue::entries() {
        let (mark, what) = match entry.planted {
            Some(bug) => ("bug", bug),
            None => ("", entry.summary),
        };
        table.row([entry.name, mark, what]);
    }
    output.text(table)?;
    for family in families::all() {
        output.line(format_args!("\n{}: {}\n", family.title, family.what))?;
        let mut table = Table::new(&["name", "", "source", "what"]);
        for exhibit in family.exhibits {
            for variant in exhibit.variants {
                let revision = variant.revision.to_string();
                table.row([variant.name, &revision, exhibit.source, exhibit.summary]);
            }
        }
        output.text(table)?;
    }
    Ok(Status::Held)
}

fn as_json(output: &mut Output) -> io::Result<Status> {
    for entry in catalogue::entries() {
        output.json(&serde_json::json!({
            "name": entry.name,
            "summary": entry.summary,
            "planted": entry.planted,
            "twin": entry.twin,
        }))?;
    }
    let families = families::all().into_iter();
    for exhibit in families.flat_map(|family| family.exhibits) {
        for variant in exhibit.variants {
            output.json(&serde_json::json!({
                "name": variant.name,
                "summary": exhibit.summary,
                "exhibit": exhibit.id,
                "revision": variant.revision.to_string(),
                "source": exhibit.source,
                "checked_by": exhibit.checked_by,
                "finder": exhibit.finder.to_string(),
            }))?;
        }
    }
    Ok(Status::Held)
}
