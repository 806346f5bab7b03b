//! A report in colours, for a terminal.
//!
//! Colours are put on words that stand there without them, so they are never the only mark. They come last: what a
//! program under test says was made printable before, and cannot colour anything itself.

const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";
const PLAIN: &str = "\u{1b}[0m";

/// How a line may begin, but for the blanks before it, and the colour of that beginning.
const BEGINNINGS: [(&str, &str); 15] = [
    ("FAILED", RED),
    ("STALE", RED),
    ("panicked:", RED),
    ("violated:", RED),
    ("stuck:", RED),
    ("limit:", RED),
    ("this run does not repeat:", RED),
    ("✗", RED),
    ("outside:", YELLOW),
    ("note:", YELLOW),
    ("▸", YELLOW),
    ("FIFO and on time", BOLD),
    ("What happened", BOLD),
    ("replay ", CYAN),
    ("picture ", CYAN),
];

/// A report with colours, as terminals know them; the words are the same.
///
/// # Examples
///
/// ```
/// use deadheat::report::coloured;
///
/// let failure = deadheat::check(&deadheat::Config::new(), || async { panic!("no work") }).unwrap_err();
/// let shown = coloured(&failure.to_string());
/// assert!(shown.starts_with("\u{1b}[1;31mFAILED\u{1b}[0m  "));
/// ```
pub fn coloured(report: &str) -> String {
    let mut shown = String::with_capacity(report.len() + 256);
    for line in report.split_inclusive('\n') {
        let (blanks, text) = line.split_at(line.len() - line.trim_start_matches(' ').len());
        shown.push_str(blanks);
        let known = BEGINNINGS.iter().find_map(|(beginning, colour)| {
            let rest = text.strip_prefix(beginning)?;
            Some((beginning, colour, rest))
        });
        match known {
            Some((beginning, colour, rest)) => {
                shown.push_str(&format!("{colour}{beginning}{PLAIN}{rest}"));
            }
            None => shown.push_str(text),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without what steers a terminal.
    fn plain(shown: &str) -> String {
        let mut parts = shown.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + part.split_once('m').expect("a colour").1
        })
    }

    #[test]
    fn the_words_stay_as_they_are() {
        let report = "FAILED  pool   run 3\n\n  violated: it held\n    at 5 ms\n  ▸ 1 ms  x\n\n  replay   a b\n";
        let shown = coloured(report);
        assert_eq!(plain(&shown), report);
        assert!(
            shown.contains("\n  \u{1b}[1;31mviolated:\u{1b}[0m it held\n"),
            "{shown}"
        );
        assert!(shown.contains("\n    at 5 ms\n"), "{shown}");
        assert_eq!(coloured(""), "");
    }
}
