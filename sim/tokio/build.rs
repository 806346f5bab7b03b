//! Whether the tokio beneath this package is this package itself, as `cargo deadheat` puts it into a whole graph.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(deadheat_graph, values(\"is_tokio\", \"on_top\"))");
    println!("cargo::rustc-check-cfg=cfg(tokio_since_1_54)");
    // The version that the manifest asks for has what it has.
    println!("cargo::rustc-cfg=tokio_since_1_54");
    // What the `links` of that package passes on.
    if std::env::var_os("DEP_DEADHEAT_GRAPH_IS_TOKIO").is_some() {
        println!("cargo::rustc-cfg=deadheat_graph=\"on_top\"");
    }
}
