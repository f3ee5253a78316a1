//! losslab: see what a loss does to a representation.

pub mod features;
pub mod terminal;
