//! What is written to be read again (tokens, traces, files of failing runs): is nothing lost or misread?

mod regressions;
mod regressions_damaged;
mod round_trips;
