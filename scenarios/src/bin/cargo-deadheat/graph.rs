//! The graph of the workspace, as cargo tells it: which tokio is in it, who uses that, and which deadheat.

use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};

use crate::arguments::Options;
use crate::error::Error;
use crate::interrupts::Interrupts;
use crate::metadata;
use crate::workplace::is_of_a_workplace;

/// The versions of tokio that have what the drop-in stands on, as (minor, minor).
const KNOWN: (u64, u64) = (51, 54);

/// Packages that keep time by themselves, or draw chance that nothing can take the place of: none of it is a decision of a
/// run, nor the same in each.
const OWN_TIME: [&str; 10] = [
    "ahash",
    "async-global-executor",
    "async-io",
    "async-std",
    "async-timer",
    "compio",
    "fastrand",
    "futures-timer",
    "glommio",
    "monoio",
];

/// What has to be known of a graph to put the drop-in into it.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) tokio: Package,
    /// How many packages depend on it.
    users: usize,
    /// Which packages keep time by themselves.
    pub(crate) own_time: Vec<String>,
    pub(crate) deadheat: Deadheat,
}

/// The deadheat that the drop-in is linked with.
#[derive(Debug)]
pub(crate) struct Deadheat {
    pub(crate) version: String,
    /// The right side of a dependency on it, without the features.
    pub(crate) dependency: Vec<(&'static str, String)>,
    /// The package of the drop-in's sources.
    pub(crate) drop_in: PathBuf,
    /// Where it comes from, for the line that is told.
    from: String,
}

impl Graph {
    /// The graph as the lock file has it. Cargo writes that if it has to, as it does before any build.
    pub(crate) fn of(options: &Options, interrupts: &Interrupts) -> Result<Graph, Error> {
        let told = metadata::resolved(options, interrupts)?;
        let tokio = tokio(&told)?;
        let users = told.resolve.as_ref().map_or(0, |resolve| {
            let uses = |node: &&cargo_metadata::Node| node.dependencies.contains(&tokio.id);
            resolve.nodes.iter().filter(uses).count()
        });
        Ok(Graph {
            own_time: own_time(&told),
            users,
            deadheat: deadheat(&told)?,
            tokio,
        })
    }

    /// What is said of it; `built_in` is the folder in which cargo builds, if it does.
    pub(crate) fn in_one_line(&self, built_in: Option<&str>) -> String {
        let packages = match self.users {
            1 => "1 package that depends".to_owned(),
            many => format!("{many} packages that depend"),
        };
        let built = built_in.map_or_else(String::new, |folder| format!("; built in {folder}"));
        let outside = match &self.own_time[..] {
            [] => String::new(),
            some => format!(
                ". Outside of the search, since they have timers, threads or chance of their own: {}",
                some.join(", ")
            ),
        };
        format!(
            "tokio {} is the simulation's for the {packages} on it, by deadheat {} from {}{built}. Cargo.lock is as before at the \
             end{outside}",
            self.tokio.version, self.deadheat.version, self.deadheat.from,
        )
    }
}

fn own_time(told: &Metadata) -> Vec<String> {
    let named = told.packages.iter().map(|package| package.name.as_str());
    let mut named: Vec<String> = named
        .filter(|name| OWN_TIME.contains(name))
        .map(str::to_owned)
        .collect();
    named.sort();
    named.dedup();
    named
}

/// The one tokio of the graph.
fn tokio(told: &Metadata) -> Result<Package, Error> {
    let named = |package: &&Package| package.name == "tokio" && package.version.major == 1;
    let found: Vec<&Package> = told.packages.iter().filter(named).collect();
    // One that is not of crates.io may stand beside one that is: then it is this that has to go.
    let is_other = |tokio: &&&Package| {
        let source = tokio.source.as_ref();
        !source.is_some_and(cargo_metadata::Source::is_crates_io)
    };
    if let Some(other) = found.iter().find(is_other) {
        let folder = other.manifest_path.parent().map(|folder| folder.as_str());
        let source = other.source.as_ref().map(|source| source.repr.as_str());
        return Err(elsewhere(source, folder.unwrap_or_default()));
    }
    let Some(tokio) = found.first().copied() else {
        return Err(Error::new(
            "no package of this workspace depends on tokio 1: there is nothing to put on the simulation. Use cargo test",
        ));
    };
    known(&tokio.version)?;
    Ok(tokio.clone())
}

/// A tokio that is not of crates.io is told with what to do.
fn elsewhere(source: Option<&str>, folder: &str) -> Error {
    let releases = format!("the releases 1.{} to 1.{} of crates.io", KNOWN.0, KNOWN.1);
    let release = format!(
        "deadheat stands on {releases}. Take one of them while you test: a version in the place of this in the \
         manifests, without a [patch] of tokio"
    );
    Error::new(match source {
        None if is_of_a_workplace(folder) => format!(
            "tokio is the drop-in at {folder} already, by a [patch] of ours: take that out first (cargo deadheat init \
             --remove), or call cargo itself"
        ),
        None => format!("tokio comes from the folder {folder}, and {release}"),
        Some(source) => match source.strip_prefix("git+") {
            Some(git) => format!("tokio comes from git ({git}), and {release}"),
            None => format!("tokio comes from another registry ({source}), and {release}"),
        },
    })
}

/// Whether the drop-in knows a version of tokio 1.
fn known(version: &Version) -> Result<(), Error> {
    let (first, last) = KNOWN;
    if (first..=last).contains(&version.minor) {
        return Ok(());
    }
    Err(Error::new(format!(
        "tokio {version} is not known to deadheat {}: it knows 1.{first} to 1.{last}. \
         Choose one by cargo update -p tokio --precise 1.{last}.0, or take another deadheat",
        env!("CARGO_PKG_VERSION"),
    )))
}

/// The very deadheat that the workspace depends on; if it has none, the one that this command was built from.
fn deadheat(told: &Metadata) -> Result<Deadheat, Error> {
    let named = |package: &&Package| package.name == "deadheat";
    let found: Vec<&Package> = told.packages.iter().filter(named).collect();
    match found[..] {
        [] => of_the_command(),
        [deadheat] => of_the_workspace(told, deadheat),
        [one, other, ..] => Err(Error::new(format!(
            "there are two deadheats in the graph, which know nothing of each other's runs: {} and {}",
            one.id, other.id
        ))),
    }
}

fn of_the_command() -> Result<Deadheat, Error> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim");
    let advice = || {
        Error::new(format!(
            "the workspace does not depend on deadheat, and the sources of this command are not at {} any more: \
             add deadheat {} to the [dev-dependencies] of a package of the workspace",
            sources.display(),
            env!("CARGO_PKG_VERSION"),
        ))
    };
    let sources = sources.canonicalize().map_err(|_| advice())?;
    if !sources.join("tokio/src/lib.rs").is_file() {
        return Err(advice());
    }
    Ok(Deadheat {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dependency: vec![("path", sources.display().to_string())],
        drop_in: sources.join("tokio"),
        from: sources.display().to_string(),
    })
}

fn of_the_workspace(told: &Metadata, deadheat: &Package) -> Result<Deadheat, Error> {
    let version = deadheat.version.to_string();
    if version != env!("CARGO_PKG_VERSION") {
        return Err(Error::new(format!(
            "the workspace depends on deadheat {version}, and this command is of deadheat {}: take the same for both \
             (cargo update -p deadheat --precise {0}, or install the command of {version})",
            env!("CARGO_PKG_VERSION"),
        )));
    }
    let folder: &Path = deadheat
        .manifest_path
        .as_std_path()
        .parent()
        .unwrap_or(Path::new(""));
    let beside = format!("../deadheat-tokio-{version}");
    let named = |package: &&Package| package.name == "deadheat-tokio";
    let of_graph = told.packages.iter().find(named);
    let of_graph = of_graph.and_then(|package| package.manifest_path.as_std_path().parent());
    let candidates = [
        of_graph.map(Path::to_path_buf),
        Some(folder.join("tokio")),
        Some(folder.join(beside)),
    ];
    let drop_in = candidates
        .into_iter()
        .flatten()
        .find(|folder| folder.join("src/sim.rs").is_file());
    let drop_in = drop_in.ok_or_else(|| {
        Error::new(format!(
            "the sources of deadheat-tokio {version} are not on this machine, and they are what takes tokio's place: \
             add deadheat-tokio = \"={version}\" to the [dev-dependencies] of a package of the workspace, and call \
             cargo fetch"
        ))
    })?;
    Ok(Deadheat {
        dependency: dependency(deadheat, folder, &version)?,
        version,
        drop_in,
        from: match &deadheat.source {
            Some(source) => source.to_string(),
            None => folder.display().to_string(),
        },
    })
}

/// How to depend on a package so that cargo takes it for the same.
fn dependency(
    package: &Package,
    folder: &Path,
    version: &str,
) -> Result<Vec<(&'static str, String)>, Error> {
    let Some(source) = &package.source else {
        return Ok(vec![("path", folder.display().to_string())]);
    };
    if source.is_crates_io() {
        return Ok(vec![("version", format!("={version}"))]);
    }
    let git = source.repr.strip_prefix("git+").ok_or_else(|| {
        Error::new(format!(
            "deadheat comes from {source}: only crates.io, git and paths are known"
        ))
    })?;
    let (location, _commit) = git.split_once('#').unwrap_or((git, ""));
    let (location, query) = location.split_once('?').unwrap_or((location, ""));
    let mut dependency = vec![("git", location.to_owned())];
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let key = ["branch", "tag", "rev"]
            .into_iter()
            .find(|known| *known == key);
        dependency.extend(key.map(|key| (key, value.to_owned())));
    }
    Ok(dependency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_another_tokio_comes_from_is_told_with_what_to_do() {
        let told = |source, folder: &str| elsewhere(source, folder).to_string();
        let git = told(Some("git+https://github.com/tokio-rs/tokio#0a1b"), "/x");
        assert!(
            git.contains("from git (https://github.com/tokio-rs/tokio#0a1b), and"),
            "{git}"
        );
        assert!(
            git.contains("of crates.io") && !git.contains("init"),
            "{git}"
        );
        let other = told(Some("sparse+https://else.where/"), "/x");
        assert!(other.contains("another registry (sparse+"), "{other}");
        let fork = told(None, "/home/me/tokio");
        assert!(fork.contains("from the folder /home/me/tokio"), "{fork}");
        let ours = told(None, "/w/target/deadheat/tokio");
        assert!(ours.contains("cargo deadheat init --remove"), "{ours}");
    }

    #[test]
    fn a_tokio_that_is_not_known_is_told_with_those_that_are() {
        let error =
            |version: &str| known(&version.parse().unwrap()).map_err(|error| error.to_string());
        assert_eq!(error(&format!("1.{}.0", KNOWN.0)), Ok(()));
        assert_eq!(error(&format!("1.{}.9", KNOWN.1)), Ok(()));
        for other in ["1.20.1".to_owned(), format!("1.{}.0", KNOWN.1 + 1)] {
            let error = error(&other).unwrap_err();
            assert!(
                error.starts_with(&format!("tokio {other} is not known")),
                "{error}"
            );
            assert!(
                error.contains(&format!("it knows 1.{} to 1.{}", KNOWN.0, KNOWN.1)),
                "{error}"
            );
        }
    }
}
