//! A report for a terminal of some width: long lines go on below, at the blanks between words.
//!
//! A line that is there to be pasted stays whole, whatever its length. So does a word.

/// How much further in a line goes on than it began.
const FURTHER: usize = 4;
/// Narrower than this, nothing is gained by it.
const COLUMNS_MIN: usize = 40;
/// What begins a line that is pasted or opened.
const WHOLE: [&str; 4] = ["replay ", "or ", "picture ", "trace "];
/// Between two columns, which are no columns any more once one of them goes on below.
const BESIDE: &str = " | ";

/// A report whose lines are no longer than a terminal is wide, as far as they can be. It comes before colours.
///
/// # Examples
///
/// ```
/// use deadheat::report::within_columns;
///
/// let report = "  note: a timer was late, and the answer had come\n  replay   a token that is never cut in two\n";
/// let shown = within_columns(report, 40);
/// assert_eq!(shown, "  note: a timer was late, and the answer\n      had come\n  replay   a token that is never cut in two\n");
/// ```
pub fn within_columns(report: &str, columns: usize) -> String {
    let columns = columns.max(COLUMNS_MIN);
    let mut shown = String::with_capacity(report.len() + 64);
    for line in report.split_inclusive('\n') {
        let (text, end) = match line.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (line, ""),
        };
        let stays = WHOLE
            .iter()
            .any(|whole| text.trim_start().starts_with(whole));
        if stays || text.chars().count() <= columns {
            shown.push_str(text);
        } else if text.contains(BESIDE) {
            shown.extend(text.chars().take(columns - 1));
            shown.push('…');
        } else {
            wrap(text, columns, &mut shown);
        }
        shown.push_str(end);
    }
    shown
}

fn wrap(line: &str, columns: usize, shown: &mut String) {
    let indent = line.chars().take_while(|char| *char == ' ').count();
    let mut width = 0;
    // What is between two words stays as it is where the line does not end there.
    let mut between = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if length == 0 {
            between += 1;
            continue;
        }
        if width > indent && width + between + length > columns {
            shown.push('\n');
            between = (indent + FURTHER).min(columns / 2);
            width = 0;
        }
        shown.extend(std::iter::repeat_n(' ', between));
        shown.push_str(word);
        width += between + length;
        between = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(text: &str) -> usize {
        let lengths = text.lines().map(|line| line.chars().count());
        lengths.max().unwrap_or(0)
    }

    #[test]
    fn no_line_is_wider_and_every_word_is_there() {
        let report = "FAILED  pool\n\n    1 ms   main sets timer #1 for 1 ms to 5 ms      sim/tests/pool.rs:21:9\n";
        for columns in 40..80 {
            let shown = within_columns(report, columns);
            assert!(longest(&shown) <= columns, "{columns}: {shown}");
            let words = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(words(&shown), words(report));
        }
        assert_eq!(within_columns(report, 80), report);
        assert_eq!(within_columns("", 80), "");
    }

    #[test]
    fn what_is_pasted_stays_whole_and_two_columns_are_cut() {
        let (word, line) = (
            "x".repeat(90),
            "  replay   DEADHEAT_REPLAY='dh1:abc' cargo test a_test -- --exact",
        );
        assert_eq!(within_columns(line, 40), line);
        assert_eq!(within_columns(&word, 40), word);
        let beside = format!("    {:30} | {}", "1 ms  a", "1 ms  another");
        let shown = within_columns(&beside, 40);
        assert_eq!((shown.chars().count(), shown.ends_with('…')), (40, true));
    }
}
