//! What the families beside the museum promise: GoKer's kernels are there and told apart from their fixes, and what
//! follows from latencies is found by solving.

use std::time::Duration;

use deadheat::search::Single;
use deadheat::{Bounds, Config, Mix, Sampler, Verdict, Watch, explore};
use deadheat_scenarios::families::{self, Family};
use deadheat_scenarios::museum::{Exhibit, Finder, Revision, Variant};
use deadheat_scenarios::{derived, goker};
use rayon::prelude::*;

fn beside_the_museum() -> impl Iterator<Item = &'static Exhibit> {
    goker::exhibits().iter().chain(derived::exhibits())
}

fn fixed() -> Vec<&'static Variant> {
    let variants = beside_the_museum().flat_map(|exhibit| exhibit.variants);
    variants.filter(|it| !it.revision.is_broken()).collect()
}

fn is_found(variant: &Variant, config: &Config) -> bool {
    let watch = Watch {
        first_failure: true,
        ..Watch::default()
    };
    explore(variant, config, &watch).failure().is_some()
}

/// The broken variants that a search misses from one of twenty seeds.
fn missed(exhibits: &[Exhibit], config: &Config) -> Vec<&'static str> {
    let variants = exhibits.iter().flat_map(|exhibit| exhibit.variants);
    let broken: Vec<_> = variants.filter(|it| it.revision.is_broken()).collect();
    let is_missed = |variant: &&Variant| {
        let mut seeds = (0..20).map(|number: u64| number * config.runs);
        seeds.any(|seed| !is_found(variant, &config.clone().seed(seed)))
    };
    let missed = broken.into_par_iter().filter(is_missed);
    missed.map(|variant| variant.name).collect()
}

#[test]
fn each_kernel_is_here_as_shipped_and_as_fixed() {
    let names: Vec<_> = goker::exhibits().iter().map(|kernel| kernel.id).collect();
    assert_eq!(names.len(), 16);
    assert!(names.is_sorted(), "{names:?}");
    for exhibit in beside_the_museum() {
        let [shipped, fixed] = exhibit.variants else {
            panic!("{}: {:?}", exhibit.id, exhibit.variants);
        };
        assert_eq!(shipped.name, exhibit.id);
        assert_eq!(fixed.name, format!("{}-fixed", exhibit.id));
        assert_eq!(shipped.revision, Revision::Shipped);
        assert_eq!(fixed.revision, Revision::Fixed);
    }
}

#[test]
fn no_name_is_in_two_families() {
    let variants = families::all().into_iter().flat_map(Family::variants);
    let mut names: Vec<_> = variants.map(|variant| variant.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for name in names {
        let found = families::find_variant(name).map(|variant| variant.name);
        assert_eq!(found, Some(name));
    }
}

/// How many runs it takes is for `deadheat compare` to say. This says that each kernel has its bug.
#[test]
fn each_kernel_fails_in_some_run() {
    let missed = missed(goker::exhibits(), &Config::new().runs(10_000));
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn what_follows_from_latencies_is_found_by_solving_for_time() {
    let solving = Config::new().mix(Mix::default().solving(2));
    let missed = missed(derived::exhibits(), &solving);
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_fix_holds_with_every_scheduler() {
    let late = Bounds::late(Duration::from_millis(1));
    let mixes = Sampler::ALL.map(|sampler| Mix::only(sampler, late));
    let mixes = mixes
        .into_iter()
        .chain([Mix::default(), Mix::default().solving(2)]);
    let cases: Vec<_> = mixes
        .flat_map(|mix| fixed().into_iter().map(move |it| (mix.clone(), it)))
        .collect();
    let fails = |(mix, variant): &(Mix, &'static Variant)| {
        let found = is_found(variant, &Config::new().runs(1_000).mix(mix.clone()));
        found.then(|| format!("{} with {mix:?}", variant.name))
    };
    let failed: Vec<_> = cases.par_iter().filter_map(fails).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn plain_fifo_on_time_shows_only_the_bugs_that_any_order_shows() {
    for exhibit in beside_the_museum() {
        for variant in exhibit.variants {
            let (run, _) = Single::of(variant, &Config::new()).fifo();
            let hidden = !variant.revision.is_broken() || exhibit.finder != Finder::Any;
            assert!(
                !hidden || run.verdict == Verdict::Done,
                "{} fails in FIFO order",
                variant.name
            );
        }
    }
}
