#![no_main]
//! A token that is read is written again as the same text.
libfuzzer_sys::fuzz_target!(|data: &[u8]| deadheat_scenarios::fuzzing::token(data));
