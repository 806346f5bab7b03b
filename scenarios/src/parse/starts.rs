//! Where the parts of a text begin, as bytes and then as lines and columns.

use crate::ast::{At, Places};

/// The first byte of each task, of each step and of each line of `expect`, in the order of [`Places`].
#[derive(Debug, Default)]
pub(super) struct Starts {
    pub(super) tasks: Vec<usize>,
    pub(super) steps: Vec<usize>,
    pub(super) expect: Vec<usize>,
}

impl Starts {
    /// The same as lines and columns of the text.
    pub(super) fn places(&self, file: &str, text: &str) -> Places {
        Places {
            file: file.to_owned(),
            tasks: positions(text, &self.tasks),
            steps: positions(text, &self.steps),
            expect: positions(text, &self.expect),
        }
    }
}

/// The lines and columns of some bytes. The text is gone through once, however many there are.
fn positions(text: &str, starts: &[usize]) -> Vec<At> {
    let mut order: Vec<usize> = (0..starts.len()).collect();
    order.sort_unstable_by_key(|index| starts[*index]);
    let mut at = At { line: 1, column: 1 };
    let mut positions = vec![at; starts.len()];
    let mut order = order.into_iter().peekable();
    for (byte, char) in text.char_indices() {
        while let Some(index) = order.next_if(|index| starts[*index] <= byte) {
            positions[index] = at;
        }
        match char {
            '\n' => {
                at.line += 1;
                at.column = 1;
            }
            _ => at.column += 1,
        }
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_found_in_any_order_and_a_column_is_a_character() {
        let text = "ab\r\nä c\n\nd";
        let starts = [text.find('d'), text.find('a'), text.find('c')];
        let starts: Vec<usize> = starts.into_iter().flatten().collect();
        let found: Vec<_> = positions(text, &starts)
            .iter()
            .map(|at| (at.line, at.column))
            .collect();
        assert_eq!(found, [(4, 1), (1, 1), (2, 3)]);
    }
}
