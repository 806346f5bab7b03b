#![no_main]
//! A scenario that is read is printed and read back as an equal one.
libfuzzer_sys::fuzz_target!(|data: &[u8]| deadheat_scenarios::fuzzing::parser(data));
