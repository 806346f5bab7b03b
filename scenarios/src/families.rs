//! The families of exhibits: bugs of one origin, which are counted apart from the others.

use crate::museum::{Exhibit, Variant};
use crate::{derived, goker, museum};

/// Exhibits of one origin.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its heading in lists and tables.
    pub title: &'static str,
    /// What it is, in a sentence without its full stop.
    pub what: &'static str,
    /// Its exhibits, by name.
    pub exhibits: &'static [Exhibit],
}

impl Family {
    /// Its variants, exhibit by exhibit.
    pub fn variants(self) -> impl Iterator<Item = &'static Variant> {
        self.exhibits.iter().flat_map(|exhibit| exhibit.variants)
    }
}

/// Every family, the museum first.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::{families, museum};
///
/// let families = families::all();
/// assert_eq!(families[0].exhibits.len(), museum::exhibits().len());
/// let names: Vec<_> = families[1].variants().map(|variant| variant.name).collect();
/// assert!(names.contains(&"etcd-7492-fixed"));
/// ```
pub fn all() -> [Family; 3] {
    [
        Family {
            title: "The museum",
            what: "bugs that real projects shipped",
            exhibits: museum::exhibits(),
        },
        Family {
            title: "GoKer",
            what: "kernels of GoBench that hang on time or on a cancel; nothing is chosen for them, so they are a yardstick",
            exhibits: goker::exhibits(),
        },
        Family {
            title: "Derived instants",
            what: "programs for the solver: what has to meet follows from latencies on either side",
            exhibits: derived::exhibits(),
        },
    ]
}

/// The variant of this name, of whichever family.
pub fn find_variant(name: &str) -> Option<&'static Variant> {
    let mut variants = all().into_iter().flat_map(Family::variants);
    variants.find(|variant| variant.name == name)
}
