//! Does `deadheat-timeout` keep its contract? Clause by clause, and as properties of random operations.
//!
//! What threads can do to it is in `interleavings`.

mod clauses;
mod machine_model;
mod reschedule_properties;
