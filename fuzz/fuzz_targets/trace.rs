#![no_main]
//! A trace that is read is written again as the same text.
libfuzzer_sys::fuzz_target!(|data: &[u8]| deadheat_scenarios::fuzzing::trace(data));
