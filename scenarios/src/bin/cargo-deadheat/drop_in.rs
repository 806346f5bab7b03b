//! The two packages that take tokio's place: the drop-in, which is named `tokio` now, and beneath it the tokio of the
//! lock file under another name. Only their manifests are written; the sources stay where they are.

use std::path::Path;

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::error::Error;
use crate::graph::{Deadheat, Graph};
use crate::workplace::Workplace;

/// The name of the tokio that stands beneath the drop-in.
pub(crate) const BENEATH: &str = "tokio-beneath-deadheat";

/// What the drop-in needs of tokio, whatever the graph asks for: nothing that brings another package.
const ALWAYS: [&str; 5] = ["rt", "rt-multi-thread", "sync", "time", "test-util"];

/// The versions of tokio that brought something which the drop-in has too, where the tokio of the lock file has it.
const BROUGHT: [u64; 1] = [54];

/// The build script of the drop-in: what its own says, but that it is tokio here.
fn build_script(minor: u64) -> String {
    let since = BROUGHT.into_iter().filter(|since| *since <= minor);
    let since: Vec<String> = since
        .map(|since| format!("tokio_since_1_{since}"))
        .collect();
    let cfgs = ["feature=\\\"sim\\\"", "deadheat_graph=\\\"is_tokio\\\""];
    let cfgs = cfgs.into_iter().chain(since.iter().map(String::as_str));
    let lines: Vec<String> = cfgs
        .map(|cfg| format!("    println!(\"cargo::rustc-cfg={cfg}\");\n"))
        .collect();
    format!(
        "//! The drop-in takes tokio's place in a whole graph: written by cargo deadheat.\nfn main() {{\n{}    \
         println!(\"cargo::metadata=is_tokio=1\");\n}}\n",
        lines.concat()
    )
}

/// A package that takes tokio's place.
#[derive(Debug)]
pub(crate) struct Patch {
    folder: String,
}

impl Patch {
    /// As an argument of cargo's `--config`.
    pub(crate) fn as_config(&self) -> String {
        format!("patch.crates-io.tokio.path={}", Value::from(&*self.folder))
    }

    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.folder)
    }
}

/// Writes both packages.
pub(crate) fn write(graph: &Graph, place: &Workplace) -> Result<Patch, Error> {
    let beneath = beneath(graph)?;
    place.write("tokio-beneath/Cargo.toml", &beneath)?;
    place.write("tokio/Cargo.toml", &drop_in(graph, place))?;
    place.write("tokio/build.rs", &build_script(graph.tokio.version.minor))?;
    Ok(Patch {
        folder: text(&place.file("tokio")),
    })
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// tokio's own manifest under another name, with its sources where they are.
fn beneath(graph: &Graph) -> Result<String, Error> {
    let path = graph.tokio.manifest_path.as_std_path();
    let manifest = std::fs::read_to_string(path).map_err(Error::on(path))?;
    let mut manifest: DocumentMut = manifest
        .parse()
        .map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
    let sources = path.parent().unwrap_or(Path::new("")).join("src/lib.rs");
    manifest["package"]["name"] = value(BENEATH);
    let mut lib = Table::new();
    lib["name"] = value(BENEATH.replace('-', "_"));
    lib["path"] = value(text(&sources));
    lib["doc"] = value(false);
    lib["doctest"] = value(false);
    lib["test"] = value(false);
    manifest["lib"] = Item::Table(lib);
    for other in [
        "dev-dependencies",
        "test",
        "bench",
        "example",
        "bin",
        "lints",
    ] {
        manifest.remove(other);
    }
    if let Some(targets) = manifest.get_mut("target").and_then(Item::as_table_mut) {
        for (_, target) in targets.iter_mut() {
            target
                .as_table_mut()
                .map(|target| target.remove("dev-dependencies"));
        }
    }
    quiet(&mut manifest);
    Ok(manifest.to_string())
}

/// No workspace of the user's, and no warnings of his build.
fn quiet(manifest: &mut DocumentMut) {
    manifest["workspace"] = Item::Table(Table::new());
    let mut allowed = Table::new();
    allowed["warnings"] = value("allow");
    allowed["unexpected_cfgs"] = value("allow");
    let mut lints = Table::new();
    lints.set_implicit(true);
    lints["rust"] = Item::Table(allowed);
    manifest["lints"] = Item::Table(lints);
}

/// The manifest of the drop-in under tokio's name, version and features.
fn drop_in(graph: &Graph, place: &Workplace) -> String {
    let mut manifest = DocumentMut::new();
    let mut package = Table::new();
    package["name"] = value("tokio");
    package["version"] = value(graph.tokio.version.to_string());
    package["edition"] = value("2024");
    package["publish"] = value(false);
    package["links"] = value("deadheat_graph");
    manifest["package"] = Item::Table(package);
    let mut lib = Table::new();
    lib["path"] = value(text(&graph.deadheat.drop_in.join("src/lib.rs")));
    lib["doctest"] = value(false);
    lib["test"] = value(false);
    manifest["lib"] = Item::Table(lib);

    let mut features = Table::new();
    for (name, implies) in &graph.tokio.features {
        // What a feature of tokio's implies of tokio's, it implies of the drop-in, too.
        let is_own = |other: &&String| graph.tokio.features.contains_key(*other);
        let implied = implies.iter().filter(is_own).cloned();
        // tokio's one optional dependency whose types the drop-in's own functions take.
        let taken = (name == "bytes").then(|| "dep:bytes".to_owned());
        let beneath = [format!("tokio/{name}")];
        features[name] = value(Array::from_iter(implied.chain(beneath).chain(taken)));
    }
    manifest["features"] = Item::Table(features);

    let mut dependencies = Table::new();
    let mut tokio = InlineTable::new();
    tokio.insert("package", BENEATH.into());
    tokio.insert("path", text(&place.file("tokio-beneath")).into());
    tokio.insert("default-features", false.into());
    tokio.insert("features", Array::from_iter(ALWAYS).into());
    dependencies["tokio"] = value(tokio);
    for (name, dependency) in ours(&graph.deadheat) {
        dependencies[name] = value(dependency);
    }
    dependencies["pin-project-lite"] = value("0.2");
    let mut bytes = InlineTable::new();
    bytes.insert("version", "1".into());
    bytes.insert("optional", true.into());
    dependencies["bytes"] = value(bytes);
    manifest["dependencies"] = Item::Table(dependencies);
    quiet(&mut manifest);
    manifest.to_string()
}

/// The packages of deadheat that the drop-in depends on, from where the workspace has deadheat.
fn ours(deadheat: &Deadheat) -> [(&'static str, InlineTable); 3] {
    let below = |folder: &str, package: Option<&str>| {
        let mut table = InlineTable::new();
        for (key, value) in &deadheat.dependency {
            let value = match *key {
                "path" => text(&Path::new(value).join(folder)),
                _ => value.clone(),
            };
            table.insert(*key, value.into());
        }
        if let Some(package) = package {
            table.insert("package", package.into());
        }
        table
    };
    let mut harness = below("", None);
    // The clocks and the randomness of the whole process belong to a run as well.
    harness.insert("features", Array::from_iter(["sealed"]).into());
    [
        ("deadheat", harness),
        (
            "deadheat-timeout",
            below("../timeout/core", Some("deadheat-timeout-core")),
        ),
        ("deadheat-tokio-macros", below("tokio/macros", None)),
    ]
}
