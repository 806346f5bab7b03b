//! `deadheat list`.

use std::io;

use deadheat_scenarios::catalogue;

use crate::Status;
use crate::args::List;
use crate::output::Output;
use crate::table::Table;

pub(crate) fn list(args: &List, output: &mut Output) -> io::Result<Status> {
    if args.json {
        for entry in catalogue::entries() {
            output.json(&serde_json::json!({
                "name": entry.name,
                "summary": entry.summary,
                "planted": entry.planted,
                "twin": entry.twin,
            }))?;
        }
        return Ok(Status::Held);
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
    Ok(Status::Held)
}
