//! What must hold in every run.

pub(crate) mod checks;
