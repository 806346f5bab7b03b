//! The counts that were written down, and whether the present ones are worse.

use crate::count::Counts;
use crate::rows::Row;
use crate::tools::Versions;

/// More than so many percent is a change; less may be an accident of the layout.
const PERCENT: u64 = 2;

/// The counts of a file, and by which versions they were made.
#[derive(Debug, PartialEq, Eq)]
pub struct Baseline {
    versions: Versions,
    counts: Vec<(String, u64)>,
}

/// The file of the present counts.
pub fn written(counts: &Counts, versions: &Versions) -> String {
    let mut text = String::from(
        "# Instructions of an operation. Written by `tests/bench/run --write`; `tests/bench/run --check` compares.\n",
    );
    text += &format!(
        "rustc: {}\nvalgrind: {}\n",
        versions.rustc, versions.valgrind
    );
    for (name, count) in counts {
        text += &format!("{name} {count}\n");
    }
    text
}

/// What a file says.
pub fn read(text: &str) -> Result<Baseline, String> {
    let mut versions = Versions {
        rustc: String::new(),
        valgrind: String::new(),
    };
    let mut counts = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(rustc) = line.strip_prefix("rustc: ") {
            versions.rustc = rustc.to_owned();
        } else if let Some(valgrind) = line.strip_prefix("valgrind: ") {
            versions.valgrind = valgrind.to_owned();
        } else {
            let count = line.split_once(' ').and_then(|(name, count)| {
                let count = count.parse().ok()?;
                Some((name.to_owned(), count))
            });
            counts.push(count.ok_or(format!("not a count: {line}"))?);
        }
    }
    Ok(Baseline { versions, counts })
}

/// What came of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub struct Compared {
    /// A line for each count of ours that changed.
    pub lines: Vec<String>,
    /// Whether one of them is worse.
    pub worse: bool,
}

impl Baseline {
    /// A line that says that these counts were made by other versions, if they were: then a change may be theirs.
    pub fn of_others(&self, versions: &Versions) -> Option<String> {
        let then = &self.versions;
        (then != versions).then(|| {
            format!(
                "the baseline was made by {}, {}, and this by {}, {}",
                then.rustc, then.valgrind, versions.rustc, versions.valgrind
            )
        })
    }

    /// Holds the counts of ours against the present ones. A count that the file does not have is worse, too: it is to
    /// be written down.
    pub fn compare(&self, rows: &[&Row], counts: &Counts) -> Compared {
        let mut compared = Compared {
            lines: Vec::new(),
            worse: false,
        };
        for (row, name) in rows
            .iter()
            .flat_map(|row| row.ours().map(move |name| (row, name)))
        {
            let then = self.counts.iter().find(|(known, _)| known == name);
            let now = counts.get(name).copied().unwrap_or_default();
            let Some((_, then)) = then else {
                compared
                    .lines
                    .push(format!("new    {name}: {now} ({})", row.work));
                compared.worse = true;
                continue;
            };
            let word = match (now * 100, then * 100) {
                (now, _) if now > then * (100 + PERCENT) => "worse ",
                (now, _) if now < then * (100 - PERCENT) => "better",
                _ => continue,
            };
            compared.worse |= word == "worse ";
            let percent = (now as f64 / *then as f64 - 1.0) * 100.0;
            let line = format!(
                "{word} {name}: {then} -> {now}, {percent:+.1} % ({})",
                row.work
            );
            compared.lines.push(line);
        }
        compared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::ROWS;

    fn versions(rustc: &str) -> Versions {
        Versions {
            rustc: rustc.to_owned(),
            valgrind: "valgrind-3".to_owned(),
        }
    }

    fn rows() -> Vec<&'static Row> {
        let rows = ROWS
            .iter()
            .filter(|row| row.here == Some("native::message"));
        rows.collect()
    }

    fn counts(native: u64, drop_in: u64, tokio: u64) -> Counts {
        Counts::from([
            ("native::message", native),
            ("drop_in::message", drop_in),
            ("tokio::message", tokio),
        ])
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = written(&counts(1_000, 2_000, 3_000), &versions("1.95"));
        let baseline = read(&text).expect("a baseline");
        assert_eq!(baseline.of_others(&versions("1.95")), None);
        assert!(baseline.of_others(&versions("1.96")).is_some());
        let same = baseline.compare(&rows(), &counts(1_020, 1_960, 9_000));
        assert_eq!((same.lines.len(), same.worse), (0, false));
        assert!(read("native::message many").is_err());
    }

    #[test]
    fn more_than_two_percent_is_worse() {
        let baseline = read(&written(&counts(1_000, 2_000, 3_000), &versions(""))).expect("one");
        let worse = baseline.compare(&rows(), &counts(1_021, 1_950, 3_000));
        assert!(worse.worse);
        assert!(worse.lines[0].starts_with("worse  native::message: 1000 -> 1021, +2.1 %"));
        assert!(worse.lines[1].starts_with("better drop_in::message: 2000 -> 1950, -2.5 %"));
        let better = baseline.compare(&rows(), &counts(900, 2_000, 3_000));
        assert_eq!((better.lines.len(), better.worse), (1, false));
    }

    #[test]
    fn a_row_that_is_not_written_down_is_told() {
        let baseline = read("native::message 1000\n").expect("one");
        let new = baseline.compare(&rows(), &counts(1_000, 5, 5));
        assert!(new.worse && new.lines[0].starts_with("new    drop_in::message"));
    }
}
