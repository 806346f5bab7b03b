//! Which known word was meant by an unknown one.
//!
//! There are two rules, for two kinds of words. Ours are few and long, and people write their beginnings: [`of_ours`].
//! Names out of a user's file are many, short and alike (`a1`, `a2`), and a file is refused for what is near to one:
//! [`of_theirs`] holds more tightly and takes a beginning for another name.

/// Longer words are compared by their beginnings, or not at all.
const CHARS_MAX: usize = 40;
/// More names of a file are not compared, so that a hint stays cheap.
const COMPARED_MAX: usize = 1_000;

/// The word of ours that was most likely meant, if any is near: it takes few edits, or one is the beginning of
/// the other.
///
/// # Examples
///
/// ```
/// use deadheat_words::near::of_ours;
///
/// let known = ["runs", "scheduler", "late"];
/// assert_eq!(of_ours("rusn", &known), Some("runs"));
/// assert_eq!(of_ours("sched", &known), Some("scheduler"));
/// assert_eq!(of_ours("zebra", &known), None);
/// ```
pub fn of_ours<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let letters = |word: &str| word.chars().take(CHARS_MAX).collect::<Vec<_>>();
    let word_letters = letters(word);
    let distances = known
        .iter()
        .map(|known| (edits(&word_letters, &letters(known)), *known));
    let (distance, near) = distances.min_by_key(|(distance, _)| *distance)?;
    let most = (near.len() / 3).max(1);
    let begins = word.len() >= 3 && (near.starts_with(word) || word.starts_with(near));
    (distance <= most || begins).then_some(near)
}

/// The name out of a user's file, or word of its format, that was most likely meant, if any is near. Upper and
/// lower case are the same; words of more than 40 characters are near to none.
///
/// # Examples
///
/// ```
/// use deadheat_words::near::of_theirs;
///
/// assert_eq!(of_theirs("Sleap", ["sleep", "log"]), Some("sleep"));
/// assert_eq!(of_theirs("connection", ["conn"]), None);
/// ```
pub fn of_theirs<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let is_long = |word: &str| word.chars().nth(CHARS_MAX).is_some();
    if is_long(word) {
        return None;
    }
    let letters = |word: &str| {
        word.chars()
            .flat_map(char::to_lowercase)
            .collect::<Vec<_>>()
    };
    let word_letters = letters(word);
    let most = 1.max((word.chars().count() + 1) / 3);
    let known = known.into_iter().take(COMPARED_MAX);
    known
        .filter(|known| !is_long(known))
        .map(|known| (edits(&word_letters, &letters(known)), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, near)| near)
}

/// How many letters must be put in, taken away, exchanged or swapped with the next to turn one word into the
/// other (Damerau and Levenshtein's distance, each place edited once).
fn edits(one: &[char], other: &[char]) -> usize {
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let exchanged = last[j] + usize::from(a != b);
            let mut least = exchanged.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                let swapped: usize = before_last[j - 1];
                least = least.min(swapped + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["runs", "scheduler", "late", "time"];
        assert_eq!(of_ours("rusn", &known), Some("runs"));
        assert_eq!(of_ours("run", &known), Some("runs"));
        assert_eq!(of_ours("sched", &known), Some("scheduler"));
        assert_eq!(of_ours("lateness", &known), Some("late"));
        assert_eq!(of_ours("zebra", &known), None);
        assert_eq!(of_ours("", &known), None);
        assert_eq!(of_ours("runs", &[]), None);
    }

    #[test]
    fn a_name_of_a_file_is_near_by_its_edits_alone() {
        assert_eq!(of_theirs("slep", ["sleep"]), Some("sleep"));
        assert_eq!(of_theirs("SLEPE", ["sleep"]), Some("sleep"));
        assert_eq!(of_theirs("conn", ["connection"]), None);
        assert_eq!(of_theirs("b", ["a"]), Some("a"), "one edit of one letter");
        assert_eq!(of_theirs("a1", ["b22", "a2"]), Some("a2"));
        let names = || ["tixk", "tick", "tack"].into_iter();
        assert_eq!(of_theirs("tick", names()), Some("tick"), "the nearest");
        assert_eq!(of_theirs("tock", names()), Some("tick"), "of two the first");
    }

    #[test]
    fn long_and_many_names_are_not_compared() {
        let (most, more) = ("x".repeat(40), "x".repeat(41));
        assert_eq!(of_theirs(&most, [most.as_str()]), Some(most.as_str()));
        assert_eq!(of_theirs(&most, [more.as_str()]), None);
        assert_eq!(of_theirs(&more, [more.as_str()]), None);
        let names = |far| std::iter::repeat_n("far away", far).chain(["sleep"]);
        assert_eq!(of_theirs("sleap", names(999)), Some("sleep"));
        assert_eq!(of_theirs("sleap", names(1_000)), None);
    }

    #[test]
    fn edits_are_counted_one_by_one() {
        let edits = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|word| word.chars().collect::<Vec<_>>());
            assert_eq!(edits(&one, &other), edits(&other, &one));
            edits(&one, &other)
        };
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
        assert_eq!(edits("abc", "acb"), 1, "swapped");
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("ca", "abc"), 3, "a place is edited once");
    }
}
