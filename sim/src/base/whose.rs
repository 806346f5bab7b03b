//! Whose source a file is, by its path: the program's, or one that cargo or the compiler has brought.

/// In the paths of the standard library's sources.
const OF_STANDARD: [&str; 2] = ["/rustc/", "/rustlib/src/rust/"];
/// The folders in which cargo unpacks packages, below its own. Behind them comes a folder whose name ends in a hash.
const OF_REGISTRY: &str = "/registry/src/";
const OF_GIT: &str = "/git/checkouts/";

/// Whether it is the standard library's.
pub(crate) fn is_standard(file: &str) -> bool {
    OF_STANDARD.iter().any(|folder| file.contains(folder))
}

/// Whether it is of a package that cargo has fetched: in `…/registry/src/index.crates.io-1949cf8c6b5b557f/…`. Where cargo's
/// folder is, nobody can tell from here, and a program of its own may lie in a folder `git/checkouts`.
pub(crate) fn is_fetched(file: &str) -> bool {
    in_package(&file.replace('\\', "/")).is_some()
}

/// Whether it is not the program's.
pub(crate) fn is_of_others(file: &str) -> bool {
    is_standard(file) || is_fetched(file)
}

/// This file, and where it is in its package.
const HERE: (&str, &str) = (file!(), "src/base/whose.rs");

/// Whether it is of the packages that stand in for a runtime and its sockets: nobody wants to read of their lines.
pub(crate) fn stands_in(file: &str) -> bool {
    let (here, in_package) = HERE;
    let beside = here.strip_suffix(in_package);
    let below = beside.and_then(|folder| file.strip_prefix(folder));
    let is_beside = |below: &str| below.starts_with("tokio/src/") || below.starts_with("ties/src/");
    below.is_some_and(is_beside)
        || is_fetched(file) && {
            let told = told(file);
            told.starts_with("deadheat-tokio-") || told.starts_with("deadheat-ties-")
        }
}

/// The path as a reader wants it: of what others wrote, from the package on.
pub(crate) fn told(file: &str) -> String {
    let file = file.replace('\\', "/");
    let standard = || {
        let (_, rest) = OF_STANDARD.iter().find_map(|of| file.split_once(of))?;
        let (_, rest) = rest.split_once("library/")?;
        Some(format!("library/{rest}"))
    };
    in_package(&file).or_else(standard).unwrap_or(file)
}

/// The path in a fetched package, from its name on.
fn in_package(file: &str) -> Option<String> {
    let behind = |folder| {
        let mut behind = file.split(folder).skip(1);
        behind.find_map(|behind| {
            let (name, rest) = behind.split_once('/')?;
            Some((without_hash(name)?, rest))
        })
    };
    if let Some((_, rest)) = behind(OF_REGISTRY) {
        return Some(rest.to_owned());
    }
    // After the repository comes the commit.
    let (repository, rest) = behind(OF_GIT)?;
    let (_, rest) = rest.split_once('/')?;
    Some(format!("{repository}/{rest}"))
}

/// `index.crates.io-1949cf8c6b5b557f` is `index.crates.io`.
fn without_hash(name: &str) -> Option<&str> {
    let (name, hash) = name.rsplit_once('-')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_told_from_its_package_on() {
        let told = [
            ("src/lib.rs", "src/lib.rs"),
            (
                "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pool-1.0.0/src/lib.rs",
                "pool-1.0.0/src/lib.rs",
            ),
            (
                "C:\\me\\.cargo\\registry\\src\\index-1949cf8c6b5b557f\\pool-1.0.0\\src\\lib.rs",
                "pool-1.0.0/src/lib.rs",
            ),
            (
                "/home/me/.cargo/git/checkouts/pool-1949cf8c6b5b557f/3a5c1de/src/lib.rs",
                "pool/src/lib.rs",
            ),
            (
                "/rustc/59807616e/library/core/src/time.rs",
                "library/core/src/time.rs",
            ),
            (
                "/home/me/stable/lib/rustlib/src/rust/library/core/src/time.rs",
                "library/core/src/time.rs",
            ),
        ];
        for (file, expected) in told {
            assert_eq!(super::told(file), expected);
            assert_eq!(is_of_others(file), file != "src/lib.rs", "{file}");
        }
    }

    #[test]
    fn a_folder_that_is_called_so_is_not_cargos() {
        assert!(!is_of_others("/home/me/git/checkouts/service/src/lib.rs"));
        assert!(!is_of_others("/home/me/registry/src/service/src/lib.rs"));
    }
}
