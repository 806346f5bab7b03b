#![no_main]
//! Every check holds in any run of any program, and its token makes it again.
libfuzzer_sys::fuzz_target!(|data: &[u8]| deadheat_scenarios::fuzzing::program_and_tape(data));
