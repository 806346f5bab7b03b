//! What is known of tasks or scopes, by their numbers.

/// A value for each number, made when it is first asked for.
#[derive(Debug)]
pub(super) struct Numbered<T>(Vec<T>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered(Vec::new())
    }
}

impl<T: Clone + Default> Numbered<T> {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn of(&mut self, number: u64) -> &mut T {
        let index = number as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, T::default());
        }
        &mut self.0[index]
    }
}
