//! In what way a run failed.

use crate::base::verdict::Verdict;
use crate::invariant::Check;
use crate::record::run::Run;

/// In what way a run failed: enough that another bug is not taken for the same one.
pub(crate) type Signature = (Verdict, Vec<(Check, String)>, Option<String>);

pub(crate) fn signature(run: &Run) -> Signature {
    let mut violations: Vec<_> = run
        .violations
        .iter()
        .map(|violation| {
            let text = violation
                .text
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .collect();
            (violation.check, text)
        })
        .collect();
    violations.sort();
    violations.dedup();
    (
        run.verdict,
        violations,
        run.panic.as_ref().map(|panic| panic.place.clone()),
    )
}
