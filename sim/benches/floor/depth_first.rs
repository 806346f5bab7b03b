//! Depth first without a library: the choices of the run before, and how many options each had.

/// The choices of the present run.
#[derive(Debug, Default)]
pub(crate) struct DepthFirst {
    stack: Vec<(usize, usize)>,
    depth: usize,
}

impl DepthFirst {
    /// Takes the next choice.
    pub(crate) fn choose(&mut self, options: usize) -> usize {
        if self.depth == self.stack.len() {
            self.stack.push((0, options));
        }
        self.depth += 1;
        self.stack[self.depth - 1].0
    }

    /// Prepares the next run; false if there is none left.
    pub(crate) fn next(&mut self) -> bool {
        self.depth = 0;
        while let Some((choice, options)) = self.stack.pop() {
            if choice + 1 < options {
                self.stack.push((choice + 1, options));
                return true;
            }
        }
        false
    }
}
