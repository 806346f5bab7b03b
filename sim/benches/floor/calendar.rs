//! The floor for timers: a calendar queue that knows the longest sleep, and no tasks at all.

/// As many days as timers, so that a day holds about one; a year is longer than the longest sleep.
pub(crate) struct Calendar {
    days: Vec<Vec<(u64, u32)>>,
    shift: u32,
    today: usize,
}

impl Calendar {
    pub(crate) fn new(timers: usize, longest: u64) -> Self {
        let days = timers.next_power_of_two();
        let year = (longest + 1).next_power_of_two();
        Calendar {
            days: (0..days).map(|_| Vec::with_capacity(4)).collect(),
            shift: year.trailing_zeros() - days.trailing_zeros(),
            today: 0,
        }
    }

    pub(crate) fn arm(&mut self, at: u64, timer: u32) {
        let day = (at >> self.shift) as usize & (self.days.len() - 1);
        self.days[day].push((at, timer));
    }

    /// The next timer. Days are looked at in order, so what is in the first one that is not empty
    /// comes before everything else.
    pub(crate) fn next(&mut self) -> Option<(u64, u32)> {
        let day = loop {
            let day = &mut self.days[self.today];
            if !day.is_empty() {
                break day;
            }
            self.today = (self.today + 1) & (self.days.len() - 1);
        };
        let (index, _) = day.iter().enumerate().min_by_key(|(_, timer)| **timer)?;
        Some(day.swap_remove(index))
    }
}
