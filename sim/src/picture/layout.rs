//! Where things go: moments along the axis, and rows in which nothing lies on another.

/// The width of a picture, and what is left of it and right of it beside the axis.
pub(super) const WIDTH: f64 = 1080.0;
pub(super) const LEFT: f64 = 150.0;
const RIGHT: f64 = 40.0;

/// An axis from 0 to the end of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    end: i64,
}

impl Axis {
    pub(super) fn to(end: i64) -> Axis {
        Axis { end: end.max(1) }
    }

    pub(super) fn x(self, at: i64) -> f64 {
        let share = at as f64 / self.end as f64;
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    /// How much time a pixel is.
    pub(super) fn pixel(self) -> i64 {
        (self.end as f64 / (WIDTH - LEFT - RIGHT)) as i64
    }

    /// Moments for lines of the grid: about eight, at 1, 2 or 5 times a power of ten.
    pub(super) fn ticks(self) -> Vec<i64> {
        let about = (self.end / 8).max(1);
        let power = 10_i64.pow(about.ilog10());
        let steps = [1, 2, 5, 10].map(|times| power.saturating_mul(times));
        let step = steps
            .into_iter()
            .find(|step| *step >= about)
            .unwrap_or(about);
        let mut ticks = Vec::new();
        let mut at = 0_i64;
        while at <= self.end && ticks.len() < 20 {
            ticks.push(at);
            at = at.saturating_add(step);
        }
        ticks
    }
}

/// Rows, each with the stretches that are taken.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Vec<(f64, f64)>>,
}

impl Rows {
    /// The first row in which a stretch is free, which it takes.
    pub(super) fn take(&mut self, from: f64, to: f64) -> usize {
        let free = |row: &Vec<(f64, f64)>| {
            row.iter()
                .all(|(left, right)| to <= *left || *right <= from)
        };
        let row = self.rows.iter().position(free).unwrap_or(self.rows.len());
        if row == self.rows.len() {
            self.rows.push(Vec::new());
        }
        self.rows[row].push((from, to));
        row
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ticks_whatever_its_end() {
        assert_eq!(
            Axis::to(400).ticks(),
            [0, 50, 100, 150, 200, 250, 300, 350, 400]
        );
        for end in [0, 1, 7, 1_000_000_007, i64::MAX] {
            let ticks = Axis::to(end).ticks().len();
            assert!((1..=20).contains(&ticks), "{ticks} at {end}");
        }
    }

    #[test]
    fn what_overlaps_goes_to_another_row() {
        let mut rows = Rows::default();
        let taken = [(0.0, 5.0), (5.0, 9.0), (4.0, 6.0)].map(|(from, to)| rows.take(from, to));
        assert_eq!((taken, rows.len()), ([0, 0, 1], 2));
    }
}
