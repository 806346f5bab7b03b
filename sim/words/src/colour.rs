//! Whether an environment asks for colours.

/// What the variables of an environment say about colours.
///
/// `NO_COLOR` forbids them; else `CLICOLOR_FORCE` and `FORCE_COLOR` ask for them everywhere; else they belong on a
/// terminal, unless `CLICOLOR=0` or `TERM=dumb` says that it has none. Source: <https://no-color.org>,
/// <https://bixense.com/clicolors>.
///
/// # Examples
///
/// ```
/// use deadheat_words::colour::Colours;
///
/// let mut colours = Colours::default();
/// assert!(colours.are_shown(true) && !colours.are_shown(false));
/// colours.take("NO_COLOR", "1");
/// assert!(!colours.are_shown(true));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Colours {
    forbidden: bool,
    forced: bool,
    unknown_here: bool,
}

impl Colours {
    /// Takes a variable; those of others are left alone. One that is empty counts as not set.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_words::colour::Colours;
    ///
    /// let mut colours = Colours::default();
    /// colours.take("FORCE_COLOR", "1");
    /// assert!(colours.are_shown(false));
    /// ```
    pub fn take(&mut self, name: &str, value: &str) {
        match name {
            "NO_COLOR" => self.forbidden = !value.is_empty(),
            "CLICOLOR_FORCE" | "FORCE_COLOR" => self.forced |= !matches!(value, "" | "0" | "false"),
            "CLICOLOR" => self.unknown_here |= value == "0",
            "TERM" => self.unknown_here |= value == "dumb",
            _ => {}
        }
    }

    /// Whether what is written is to have colours, on a terminal or elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_words::colour::Colours;
    ///
    /// assert!(!Colours::default().are_shown(false));
    /// ```
    pub fn are_shown(self, on_a_terminal: bool) -> bool {
        let Colours {
            forbidden,
            forced,
            unknown_here,
        } = self;
        !forbidden && (forced || on_a_terminal && !unknown_here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_forbids_counts_before_what_forces_and_that_before_the_terminal() {
        let shown = |variables: &[(&str, &str)]| {
            let mut colours = Colours::default();
            for (name, value) in variables {
                colours.take(name, value);
            }
            (colours.are_shown(true), colours.are_shown(false))
        };
        let (nowhere, everywhere, on_a_terminal) = ((false, false), (true, true), (true, false));
        assert_eq!(shown(&[]), on_a_terminal);
        assert_eq!(shown(&[("TERM", "xterm"), ("NO_COLOR", "")]), on_a_terminal);
        assert_eq!(shown(&[("FORCE_COLOR", "0")]), on_a_terminal);
        assert_eq!(shown(&[("FORCE_COLOR", "3")]), everywhere);
        assert_eq!(
            shown(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]),
            everywhere
        );
        assert_eq!(shown(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]), nowhere);
        assert_eq!(shown(&[("TERM", "dumb")]), nowhere);
        assert_eq!(shown(&[("CLICOLOR", "0")]), nowhere);
    }
}
