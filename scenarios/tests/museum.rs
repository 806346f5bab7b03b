//! What the museum promises: every bug is found quickly, every fix holds, every report is minimal and true.

use deadheat::decide::Tape;
use deadheat::report::report;
use deadheat::search::{Single, explore_bounded};
use deadheat::{Bounds, Config, Failure, Mix, Program, Sampler, Token, Verdict, Watch, explore};
use deadheat_scenarios::museum::{Exhibit, Finder, Revision, Variant, exhibits};
use rayon::prelude::*;

fn variants() -> impl Iterator<Item = (&'static Exhibit, &'static Variant)> {
    let of = |exhibit: &'static Exhibit| {
        exhibit
            .variants
            .iter()
            .map(move |variant| (exhibit, variant))
    };
    exhibits().iter().flat_map(of)
}

fn broken() -> Vec<&'static Variant> {
    let broken = variants().filter(|(_, variant)| variant.revision.is_broken());
    broken.map(|(_, variant)| variant).collect()
}

fn fixed() -> Vec<&'static Variant> {
    let fixed = variants().filter(|(_, variant)| !variant.revision.is_broken());
    fixed.map(|(_, variant)| variant).collect()
}

/// The number of the first failing run, and its report.
fn failure(variant: &Variant, config: &Config) -> Option<Failure> {
    let config = config.clone().name(variant.name);
    let watch = Watch {
        first_failure: true,
        ..Watch::default()
    };
    let exploration = explore(variant, &config, &watch);
    let failing = exploration.failure()?;
    Some(report(variant, &config, failing.number, &failing.run))
}

#[test]
fn every_bug_of_the_list_is_here_in_its_variants() {
    assert!(exhibits().len() >= 25, "{} exhibits", exhibits().len());
    let names: Vec<_> = exhibits().iter().map(|exhibit| exhibit.id).collect();
    assert!(names.is_sorted(), "{names:?}");
    for exhibit in exhibits() {
        let revisions: Vec<_> = exhibit
            .variants
            .iter()
            .map(|variant| variant.revision)
            .collect();
        assert!(revisions.is_sorted(), "{}", exhibit.id);
        assert_eq!(
            revisions.first(),
            Some(&Revision::Shipped),
            "{}",
            exhibit.id
        );
        assert_eq!(revisions.last(), Some(&Revision::Fixed), "{}", exhibit.id);
        for variant in exhibit.variants {
            assert!(variant.name.starts_with(exhibit.id), "{}", variant.name);
        }
    }
}

#[test]
fn every_bug_is_found_within_a_thousand_runs_from_a_hundred_seeds_but_one() {
    let misses = |variant: &&Variant| {
        let found =
            |seed: u64| failure_number(variant, &Config::new().seed(seed * 1_000)).is_some();
        let missed = (0..100).filter(|seed| !found(*seed)).count();
        (missed > 1).then(|| format!("{}: missed from {missed} seeds", variant.name))
    };
    let missed: Vec<_> = broken().par_iter().filter_map(misses).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

fn failure_number(variant: &Variant, config: &Config) -> Option<u64> {
    let watch = Watch {
        first_failure: true,
        ..Watch::default()
    };
    explore(variant, config, &watch)
        .failure()
        .map(|failing| failing.number)
}

#[test]
fn every_fix_holds_with_every_scheduler() {
    let samplers = Sampler::ALL.map(Some).into_iter().chain([None]);
    let cases: Vec<_> = samplers
        .flat_map(|sampler| fixed().into_iter().map(move |it| (sampler, it)))
        .collect();
    cases.par_iter().for_each(|(sampler, variant)| {
        let mix = match sampler {
            Some(sampler) => Mix::only(*sampler, Bounds::late(std::time::Duration::from_millis(1))),
            None => Mix::default(),
        };
        if let Some(report) = failure(variant, &Config::new().runs(1_000).mix(mix)) {
            panic!("{report}");
        }
    });
}

#[test]
fn plain_fifo_on_time_shows_only_the_bugs_that_any_order_shows() {
    for (exhibit, variant) in variants() {
        let (run, _) = Single::of(variant, &Config::new()).fifo();
        let hidden = !variant.revision.is_broken() || exhibit.finder != Finder::Any;
        assert!(
            !hidden || run.verdict == Verdict::Done,
            "{} fails in FIFO order",
            variant.name
        );
    }
}

#[test]
fn no_failing_run_has_fewer_departures_than_the_report() {
    // Where the runs with fewer are few enough, every one of them is made.
    let checked: usize = broken()
        .par_iter()
        .map(|variant| {
            let report = failure(variant, &Config::new()).expect("a failure");
            let run = &report.run;
            let departures = run.token.tape.len();
            let Some(fewer) = departures.checked_sub(1) else {
                return 1;
            };
            let config = Config::new().seed(run.token.seed).runs(20_000);
            let all = explore_bounded(
                *variant,
                &config,
                run.token.bounds,
                fewer,
                &Watch::default(),
            );
            if let Some(failing) = all.failure() {
                panic!(
                    "{}: {} fails, the report has {departures}\n{report}",
                    variant.name, failing.run.token
                );
            }
            usize::from(all.runs < config.runs)
        })
        .sum();
    assert!(
        checked * 10 > broken().len() * 9,
        "only {checked} of {} were small enough",
        broken().len()
    );
}

#[test]
fn a_report_is_true_its_line_fails_in_the_same_way_and_without_a_decisive_departure_passes() {
    broken().par_iter().for_each(|variant| {
        let report = failure(variant, &Config::new()).expect("a failure");
        let token = &report.run.token;
        let (again, _) = Single::of(*variant, &Config::new()).replay(token);
        assert_eq!(
            (again.verdict, again.fingerprint),
            (report.run.verdict, report.run.fingerprint)
        );
        let departures = token.tape.departures();
        assert!(
            departures.is_empty() || report.decisive.contains(&true),
            "{report}"
        );
        for (index, _) in report
            .decisive
            .iter()
            .enumerate()
            .filter(|(_, decisive)| **decisive)
        {
            let mut rest = departures.to_vec();
            rest.remove(index);
            let token = Token {
                tape: Tape::of(rest),
                fingerprint: None,
                ..token.clone()
            };
            let (run, _) = Single::of(*variant, &Config::new()).replay(&token);
            assert!(variant.expects(run.verdict), "{report}");
        }
    });
}

#[test]
fn a_report_points_at_the_exhibit_and_not_at_the_museum() {
    let futurelock = broken()
        .into_iter()
        .find(|variant| variant.name == "futurelock")
        .expect("it");
    let report = failure(futurelock, &Config::new())
        .expect("a failure")
        .to_string();
    assert!(report.contains("futurelock.rs:"), "{report}");
}
