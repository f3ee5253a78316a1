//! losslab: see what a loss does to a representation.

pub mod data;
pub mod features;
