//! The graph of the workspace, as cargo tells it: which tokio is in it, who uses that, and which deadheat.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::semver::Version;
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};

use crate::arguments::Options;
use crate::error::Error;
use crate::guard::{Folders, Workplace};

/// The versions of tokio that have what the drop-in stands on, as (minor, minor).
const KNOWN: (u64, u64) = (51, 54);

/// Packages that keep time by themselves: what they wait for is no decision of a run.
const OWN_TIME: [&str; 8] = [
    "async-global-executor",
    "async-io",
    "async-std",
    "async-timer",
    "compio",
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

fn metadata(options: &Options, resolved: bool) -> Result<Metadata, Error> {
    let mut command = MetadataCommand::new();
    if let Some(manifest) = &options.manifest {
        command.manifest_path(manifest);
    }
    if resolved {
        let mut more: Vec<String> = Vec::new();
        if options.locked {
            more.push("--locked".to_owned());
        }
        if options.offline {
            more.push("--offline".to_owned());
        }
        // Else cargo wants the packages of every platform there is, also where it is offline.
        more.extend(["--filter-platform".to_owned(), host()?]);
        let features = options.features.iter();
        more.extend(features.map(|feature| feature.to_string_lossy().into_owned()));
        command.other_options(more);
    } else {
        command.no_deps();
        // Nothing is resolved, so nothing is asked of the network or of the lock file.
        command.features(CargoOpt::SomeFeatures(Vec::new()));
    }
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::CargoMetadata { stderr } => Error::new(format!(
            "cargo cannot tell the graph of the workspace:\n{}",
            stderr.trim_end()
        )),
        other => Error::new(format!(
            "cargo cannot tell the graph of the workspace: {other}"
        )),
    })
}

/// The platform that cargo builds for unless it is told another.
fn host() -> Result<String, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(&rustc).arg("-vV").output();
    let told = told.map_err(|error| Error::new(format!("{}: {error}", rustc.display())))?;
    let told = String::from_utf8_lossy(&told.stdout);
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Error::new(format!("{} -vV does not say its host", rustc.display())))
}

pub(crate) fn folders(options: &Options) -> Result<Folders, Error> {
    let told = metadata(options, false)?;
    Ok(Folders {
        workspace: told.workspace_root.into(),
        target: told.target_directory.into(),
    })
}

impl Graph {
    /// The graph as the lock file has it. Cargo writes that if it has to, as it does before any build.
    pub(crate) fn of(options: &Options) -> Result<Graph, Error> {
        let told = metadata(options, true)?;
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

    pub(crate) fn in_one_line(&self, place: &Workplace) -> String {
        let packages = match self.users {
            1 => "1 package".to_owned(),
            many => format!("{many} packages"),
        };
        let outside = match &self.own_time[..] {
            [] => String::new(),
            some => format!(
                ". Outside of the search, since they have timers or threads of their own: {}",
                some.join(", ")
            ),
        };
        format!(
            "tokio {} is the simulation's for the {packages} that depend on it, by deadheat {} from {}; built in {}{outside}",
            self.tokio.version,
            self.deadheat.version,
            self.deadheat.from,
            place.shown(&place.target()),
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
    let tokio = match found[..] {
        [] => {
            return Err(Error::new(
                "no package of this workspace depends on tokio 1: there is nothing to put on the simulation. \
                 Use cargo test",
            ));
        }
        [tokio] => tokio,
        [one, other, ..] => {
            return Err(Error::new(format!(
                "there are two tokios in the graph: {} and {}; cargo tree -i tokio shows who brings them",
                one.id, other.id
            )));
        }
    };
    if !tokio
        .source
        .as_ref()
        .is_some_and(cargo_metadata::Source::is_crates_io)
    {
        return Err(Error::new(format!(
            "tokio does not come from crates.io, but from {}: a patch of it is there already. Take that out first \
             (cargo deadheat init --remove, if it is ours)",
            tokio.manifest_path.parent().unwrap_or(&tokio.manifest_path)
        )));
    }
    known(&tokio.version)?;
    Ok(tokio.clone())
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
