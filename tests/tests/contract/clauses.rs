//! The contract T1 to T15 of `deadheat-timeout`, sentence by sentence, through its public API and in
//! simulated time; and under any order and lateness where a clause must hold whatever coincides.
//!
//! One file a clause. A test's name carries the clause and says what holds.

mod support;

mod t01_deadline;
mod t02_enter;
mod t03_zero_or_past;
mod t04_fire;
mod t05_cancel_request;
mod t05_chains;
mod t05_combinators;
mod t06_errors;
mod t06_exit;
mod t07_never_swallowed;
mod t08_reschedule;
mod t09_reading;
mod t10_nesting;
mod t11_explicit_error;
mod t12_wait_for;
mod t13_shield;
mod t14_uncancel;
mod t15_native;
