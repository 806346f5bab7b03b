//! Which values numbers can have whose differences are bounded: a system of constraints `x[to] - x[from] <= most`.
//!
//! 1. There is always a solution at hand. A constraint that it breaks mends it, or is refused because no solution is
//!    left; then nothing has changed.
//! 2. Constraints go in the reverse order in which they came ([`Differences::back_to`]): the solution at hand stays one.
//! 3. Numbers are whole, so "less" is "less by at least one", and what is solvable is solvable in whole numbers.
//!
//! Source: Cotton and Maler, "Fast and Flexible Difference Constraint Propagation for DPLL(T)", SAT 2006: the solution
//! at hand as potentials, which make every edge's reduced length non-negative. Difference: the mending is by a queue, as
//! our systems have some hundred edges.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// One of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Var(u32);

impl Var {
    /// The number that the others are counted from: it is zero in [`Differences::value`].
    pub(crate) const ORIGIN: Var = Var(0);

    /// The number of this index.
    pub(crate) fn at(index: usize) -> Var {
        Var(index as u32)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    end: Var,
    most: i128,
}

/// What is known of a number.
#[derive(Debug, Clone)]
struct Known {
    /// Its value in the solution at hand.
    value: i128,
    /// By how much others are at most above it, and it above others.
    out: Vec<Edge>,
    into: Vec<Edge>,
}

/// A system of constraints, and a solution of it.
#[derive(Debug, Clone)]
pub(crate) struct Differences {
    known: Vec<Known>,
    /// Where the edges begin, in the order in which they came.
    edges: Vec<(Var, Var)>,
}

/// How many numbers and constraints there were.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    numbers: usize,
    edges: usize,
}

impl Differences {
    pub(crate) fn new() -> Self {
        let mut differences = Differences {
            known: Vec::new(),
            edges: Vec::new(),
        };
        differences.add(0);
        differences
    }

    /// A number of which nothing is known yet; `value` is a good guess.
    fn add(&mut self, value: i128) -> Var {
        let var = Var(self.known.len() as u32);
        self.known.push(Known {
            value,
            out: Vec::new(),
            into: Vec::new(),
        });
        var
    }

    /// A number between `least` and `most` above another one.
    pub(crate) fn above(&mut self, other: Var, least: i64, most: i64) -> Var {
        let value = self.known[other.index()].value + i128::from(least);
        self.above_at(other, least, most, value)
    }

    /// The same, with the value that is nearest to this one in the solution at hand.
    pub(crate) fn above_as(&mut self, other: Var, least: i64, most: i64, value: i64) -> Var {
        let from = self.known[other.index()].value;
        let value = self.known[0].value + i128::from(value);
        let value = value.clamp(from + i128::from(least), from + i128::from(most));
        self.above_at(other, least, most, value)
    }

    fn above_at(&mut self, other: Var, least: i64, most: i64, value: i128) -> Var {
        let var = self.add(value);
        self.link(other, var, i128::from(most));
        self.link(var, other, -i128::from(least));
        var
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            numbers: self.known.len(),
            edges: self.edges.len(),
        }
    }

    /// Forgets all that came after the mark.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        while self.edges.len() > mark.edges {
            let (from, to) = self.edges.pop().expect("there are more than the mark's");
            self.known[from.index()].out.pop();
            self.known[to.index()].into.pop();
        }
        self.known.truncate(mark.numbers);
    }

    /// A number's value above the origin, in the solution at hand.
    pub(crate) fn value(&self, var: Var) -> i64 {
        let value = self.known[var.index()].value - self.known[0].value;
        value.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    fn link(&mut self, from: Var, to: Var, most: i128) {
        self.known[from.index()].out.push(Edge { end: to, most });
        self.known[to.index()].into.push(Edge { end: from, most });
        self.edges.push((from, to));
    }

    /// Demands that `to` is at most so much above `from`; false if there is no solution then.
    pub(crate) fn at_most(&mut self, to: Var, from: Var, most: i64) -> bool {
        let most = i128::from(most);
        let highest = self.known[from.index()].value + most;
        if self.known[to.index()].value > highest {
            let mut changed = Vec::new();
            if !self.lower(to, highest, from, &mut changed) {
                let changed = changed.into_iter().rev();
                changed.for_each(|(var, was): (Var, _)| self.known[var.index()].value = was);
                return false;
            }
        }
        self.link(from, to, most);
        true
    }

    /// Lowers a number, and what may not be so far above it; false if `fixed` would have to be lower. What is changed is
    /// told with the value that it had.
    fn lower(&mut self, var: Var, value: i128, fixed: Var, changed: &mut Vec<(Var, i128)>) -> bool {
        if var == fixed {
            return false;
        }
        changed.push((var, self.known[var.index()].value));
        self.known[var.index()].value = value;
        let mut open = VecDeque::from([var]);
        while let Some(var) = open.pop_front() {
            let value = self.known[var.index()].value;
            for nth in 0..self.known[var.index()].out.len() {
                let Edge { end, most } = self.known[var.index()].out[nth];
                if self.known[end.index()].value <= value + most {
                    continue;
                }
                if end == fixed {
                    return false;
                }
                changed.push((end, self.known[end.index()].value));
                self.known[end.index()].value = value + most;
                open.push_back(end);
            }
        }
        true
    }

    /// Demands that one number is exactly so much above another one.
    pub(crate) fn exactly(&mut self, to: Var, from: Var, by: i64) -> bool {
        self.at_most(to, from, by) && self.at_most(from, to, -by)
    }

    /// Demands that one number is below another one.
    pub(crate) fn below(&mut self, var: Var, other: Var) -> bool {
        self.at_most(var, other, -1)
    }

    /// The least and the greatest value that a number has in any solution; none where there is no end.
    pub(crate) fn range(&self, var: Var) -> (Option<i64>, Option<i64>) {
        let (above, beneath) = (
            self.distance(Var::ORIGIN, var),
            self.distance(var, Var::ORIGIN),
        );
        let whole = |value: i128| value.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        (beneath.map(|most| whole(-most)), above.map(whole))
    }

    /// The length of the shortest path: how far `to` can be above `from` at most.
    fn distance(&self, from: Var, to: Var) -> Option<i128> {
        self.distances(from, Some(to), |known| &known.out, 1)[to.index()]
    }

    /// How far each number can be above this one at most.
    pub(crate) fn all_above(&self, from: Var) -> Vec<Option<i128>> {
        self.distances(from, None, |known| &known.out, 1)
    }

    /// How far this number can be above each at most.
    pub(crate) fn all_beneath(&self, to: Var) -> Vec<Option<i128>> {
        self.distances(to, None, |known| &known.into, -1)
    }

    /// The lengths of the shortest paths along these edges, as far as one is wanted. By Dijkstra's algorithm, as the
    /// solution at hand makes no edge's reduced length negative.
    fn distances(
        &self,
        from: Var,
        to: Option<Var>,
        edges: impl Fn(&Known) -> &Vec<Edge>,
        sign: i128,
    ) -> Vec<Option<i128>> {
        let value = |var: Var| sign * self.known[var.index()].value;
        let mut least: Vec<Option<i128>> = vec![None; self.known.len()];
        let mut open = BinaryHeap::from([Reverse((0, from))]);
        while let Some(Reverse((length, var))) = open.pop() {
            if least[var.index()].is_some() {
                continue;
            }
            least[var.index()] = Some(length);
            if to == Some(var) {
                break;
            }
            for edge in edges(&self.known[var.index()]) {
                if least[edge.end.index()].is_none() {
                    let reduced = edge.most + value(var) - value(edge.end);
                    open.push(Reverse((length + reduced, edge.end)));
                }
            }
        }
        let at = value(from);
        let vars = (0..).map(Var);
        let whole = least.into_iter().zip(vars);
        whole
            .map(|(length, var)| Some(length? + value(var) - at))
            .collect()
    }
}

#[cfg(test)]
mod tests;
