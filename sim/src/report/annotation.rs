//! A failure as GitHub Actions takes it: one line, which it shows beside the line of the sources.
//!
//! Source: "Workflow commands for GitHub Actions", and `escapeData` and `escapeProperty` in `actions/toolkit`,
//! `packages/core/src/command.ts`.

/// The line of a workflow command that shows an error at a place.
///
/// A line or a column of zero is not known, and left out. Where no file is known the error belongs to the whole.
///
/// # Examples
///
/// ```
/// use deadheat::report::annotation;
///
/// let line = annotation(Some("src/pool.rs"), (7, 5), "tests::pool", "no permit\ncomes back");
/// let expected = "::error file=src/pool.rs,line=7,col=5,title=tests%3A%3Apool::no permit%0Acomes back";
/// assert_eq!(line, expected);
/// ```
pub fn annotation(file: Option<&str>, at: (u32, u32), title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if let Some(file) = file {
        properties.push(format!("file={}", property(file)));
        let numbers = [("line", at.0), ("col", at.1)];
        let known = numbers.into_iter().take_while(|(_, number)| *number > 0);
        properties.extend(known.map(|(name, number)| format!("{name}={number}")));
    }
    properties.push(format!("title={}", property(title)));
    format!("::error {}::{}", properties.join(","), data(text))
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_command_is_escaped() {
        let line = annotation(Some("a,b:c%.rs"), (1, 0), "t\r", "50% of a::b, c\r\n::x");
        let expected = "::error file=a%2Cb%3Ac%25.rs,line=1,title=t%0D::50%25 of a::b, c%0D%0A::x";
        assert_eq!(line, expected);
        assert_eq!(annotation(None, (3, 4), "t", ""), "::error title=t::");
    }
}
