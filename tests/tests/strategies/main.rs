//! For property tests: are programs, inputs and models drawn as was asked, and do they shrink to what matters?

mod input_and_tape;
mod program_strategies;
mod state_machines;
