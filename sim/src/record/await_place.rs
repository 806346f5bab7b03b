//! A place in the sources at which a future waits.

use std::fmt;

/// A place in the sources at which a future waits: see [`Wait`](crate::record::Wait).
///
/// # Examples
///
/// ```
/// # use deadheat::record::AwaitPlace;
/// /// For a list of places in an editor.
/// fn jump(place: &AwaitPlace) -> Option<String> {
///     let (line, column) = place.line?;
///     Some(format!("{}:{line}:{column}", place.file.as_ref()?))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct AwaitPlace {
    /// The function; empty for a line of what an interpreter runs, which is in none.
    pub function: String,
    /// The file, as the compiler was told.
    pub file: Option<String>,
    /// The line and the column of the `.await`.
    pub line: Option<(u32, u32)>,
}

impl AwaitPlace {
    /// The function without its modules, which its file tells as well: `Pool::get` of `service::pool::Pool::get`.
    pub(crate) fn short_function(&self) -> &str {
        let function = self.function.as_str();
        let is_of_path = |char: char| char.is_alphanumeric() || "_:".contains(char);
        if !function.chars().all(is_of_path) {
            return function;
        }
        let is_type = |part: &str| part.starts_with(char::is_uppercase);
        let mut start = function.rfind("::").map_or(0, |colons| colons + 2);
        while let Some(before) = function[..start].strip_suffix("::") {
            let part = before.rfind("::").map_or(0, |colons| colons + 2);
            if !is_type(&before[part..]) {
                break;
            }
            start = part;
        }
        &function[start..]
    }
}

impl fmt::Display for AwaitPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some((line, column))) if self.function.is_empty() => {
                write!(f, "{file}:{line}:{column}")
            }
            (Some(file), Some((line, column))) => {
                write!(f, "{file}:{line}:{column} in {}", self.function)
            }
            _ => write!(
                f,
                "{} (no line: built without debug information)",
                self.function
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_short_without_its_modules_and_keeps_its_type() {
        for (function, short) in [
            ("transfer", "transfer"),
            ("service::pool::transfer", "transfer"),
            ("service::pool::Pool::get", "Pool::get"),
            (
                "<service::Pool as Source>::get",
                "<service::Pool as Source>::get",
            ),
            ("", ""),
        ] {
            let place = AwaitPlace {
                function: function.to_owned(),
                file: None,
                line: None,
            };
            assert_eq!(place.short_function(), short);
        }
    }
}
