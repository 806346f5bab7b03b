#![no_main]
//! The timeout state machine does what a naive one does.
libfuzzer_sys::fuzz_target!(|data: &[u8]| deadheat_scenarios::fuzzing::machine(data));
