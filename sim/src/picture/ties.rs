//! Where so much happens at nearly one moment that an axis cannot show it: the places for a lens.

use crate::record::{EventKind, Explained, TraceEvent};

use super::chart::Chart;
use super::layout::Axis;
use super::told::Told;

/// Events that are too near to each other to be told apart on the axis.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tie {
    pub(super) from: i64,
    pub(super) to: i64,
    /// The events, by their index.
    pub(super) events: Vec<usize>,
}

/// How many ties are enlarged.
const SHOWN: usize = 4;
/// Within so many pixels moments cannot be told apart, and so wide is a tie at most.
const APART: i64 = 4;
const WIDE: i64 = 16;

/// The ties that matter: with a departure, or with two timers of which one is a deadline.
pub(super) fn ties(told: &Told<'_>, chart: &Chart, axis: Axis) -> Vec<Tie> {
    let events = &told.trace.events;
    let moments = departed(told);
    let deadlines = chart.deadlines();
    let mut found: Vec<(u32, Tie)> = clusters(events, axis)
        .into_iter()
        .map(|tie| (weight(&tie, events, &moments, &deadlines), tie))
        .filter(|(weight, tie)| *weight >= 4 && tie.events.len() > 2)
        .collect();
    found.sort_by_key(|(weight, tie)| (std::cmp::Reverse(*weight), tie.from));
    found.truncate(SHOWN);
    let mut ties: Vec<Tie> = found.into_iter().map(|(_, tie)| tie).collect();
    ties.sort_by_key(|tie| tie.from);
    ties
}

/// When each departure shows, and whether it is one of order: what is late shows when it comes, and a fault is no tie.
fn departed(told: &Told<'_>) -> Vec<(i64, bool)> {
    let of = |departure: &Explained| {
        let event = told.trace.events.get(departure.events_before)?;
        let at = event.at.as_nanos();
        match event.what {
            EventKind::Fault(_) | EventKind::Draw { .. } => None,
            EventKind::Late { timer, to } => Some((to.as_nanos(), timer.is_none())),
            EventKind::Fire(_) | EventKind::Arm { .. } => Some((at, false)),
            _ => Some((at, true)),
        }
    };
    told.departures.iter().filter_map(of).collect()
}

fn clusters(events: &[TraceEvent], axis: Axis) -> Vec<Tie> {
    let (apart, wide) = (
        axis.pixel().saturating_mul(APART),
        axis.pixel().saturating_mul(WIDE),
    );
    let mut clusters: Vec<Tie> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        // That something is late is decided before, and seen when it comes.
        if matches!(event.what, EventKind::Late { .. } | EventKind::Draw { .. }) {
            continue;
        }
        let at = event.at.as_nanos();
        match clusters.last_mut() {
            Some(tie) if at - tie.to <= apart && at - tie.from <= wide => {
                tie.to = at;
                tie.events.push(index);
            }
            _ => clusters.push(Tie {
                from: at,
                to: at,
                events: vec![index],
            }),
        }
    }
    clusters
}

fn weight(tie: &Tie, events: &[TraceEvent], departed: &[(i64, bool)], deadlines: &[i64]) -> u32 {
    let inside = |at: &&i64| (tie.from..=tie.to).contains(*at);
    let count = |wanted: fn(&EventKind) -> bool| {
        let own = tie
            .events
            .iter()
            .filter(|index| wanted(&events[**index].what));
        own.count().min(9) as u32
    };
    let departed: Vec<bool> = departed
        .iter()
        .filter(|(at, _)| inside(&at))
        .map(|(_, orders)| *orders)
        .collect();
    let departures = departed.len().min(9) as u32;
    let orders = departed.iter().any(|orders| *orders);
    let deadlines = deadlines.iter().filter(inside).count().min(2) as u32;
    let fires = count(|what| matches!(what, EventKind::Fire(_)));
    let expired = count(|what| matches!(what, EventKind::Expire { .. }));
    let cancels = count(|what| matches!(what, EventKind::Cancel(_)));
    let matters = expired + cancels + departures + deadlines >= 1;
    match (fires >= 2 || orders) && matters {
        true => departures * 10 + expired * 4 + cancels * 2 + deadlines * 2 + fires,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Trace;

    #[test]
    fn what_is_a_nanosecond_apart_is_one_cluster_and_what_is_far_is_another() {
        let text = "deadheat trace 1\n      0.000s  a         spawn\n0.099999999s  -         fire #1\n      0.100s  -         fire #2\n      0.400s  a         turn\n";
        let trace = Trace::parse(text).unwrap();
        let found = clusters(&trace.events, Axis::to(400_000_000));
        let events: Vec<_> = found.into_iter().map(|tie| tie.events).collect();
        assert_eq!(events, [vec![0], vec![1, 2], vec![3]]);
    }
}
