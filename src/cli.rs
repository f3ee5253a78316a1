//! The command line: one file a command.

pub mod doctor;
pub mod measure;
pub mod plot;
pub mod verify;
