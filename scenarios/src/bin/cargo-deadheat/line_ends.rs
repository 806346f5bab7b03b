//! A text that is written anew keeps the line ends that it had: what reads and writes TOML for us knows only one kind.

/// `new` with the line ends, and the mark of a byte order, of `old`: lines that are as they were stay so to the byte, and
/// what is between them ends as the first line does.
pub(crate) fn as_in(old: &str, new: &str) -> String {
    let (olds, news) = (lines(old), lines(new));
    let is_same = |(old, new): &(&&str, &&str)| {
        bare(old) == bare(new) && old.ends_with('\n') == new.ends_with('\n')
    };
    let front = olds.iter().zip(&news).take_while(is_same).count();
    let (old_rest, new_rest) = (&olds[front..], &news[front..]);
    let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
    let back = pairs.take_while(is_same).count();
    let end = match olds.first().is_some_and(|line| line.ends_with("\r\n")) {
        true => "\r\n",
        false => "\n",
    };
    let between = new_rest[..new_rest.len() - back].iter();
    let between: String = between
        .map(|line| match line.strip_suffix('\n') {
            Some(whole) => format!("{}{end}", whole.trim_end_matches('\r')),
            None => (*line).to_owned(),
        })
        .collect();
    let kept = old_rest[old_rest.len() - back..].concat();
    [olds[..front].concat(), between, kept].concat()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line without what ends it.
fn bare(line: &str) -> &str {
    let line = line.trim_start_matches('\u{feff}');
    line.trim_end_matches(['\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_are_as_they_were_and_new_ones_end_as_the_first() {
        for (old, new, expected) in [
            ("a\r\nb\r\n", "a\nnew\nb\n", "a\r\nnew\r\nb\r\n"),
            ("a\nb\r\nc", "a\nb\nnew\nc", "a\nb\r\nnew\nc"),
            (
                "\u{feff}a\r\nb\r\n",
                "a\nb\nnew\n",
                "\u{feff}a\r\nb\r\nnew\r\n",
            ),
            ("a\r\nold\r\nb\r\n", "a\nb\n", "a\r\nb\r\n"),
            ("a\r\na\r\n", "a\n", "a\r\n"),
            ("a\r\nb", "a\nb\nnew\n", "a\r\nb\r\nnew\r\n"),
            ("", "new\n", "new\n"),
        ] {
            assert_eq!(as_in(old, new), expected, "{old:?}");
        }
    }
}
