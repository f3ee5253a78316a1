//! losslab: see what a loss does to a representation.

pub mod app;
pub mod bench;
pub mod cli;
pub mod data;
pub mod engine;
pub mod experiment;
pub mod features;
pub mod figure;
pub mod geometry;
pub mod lab;
pub mod lanes;
pub mod models;
pub mod objective;
pub mod objectives;
pub mod optimizer;
pub mod palette;
pub mod portrait;
pub(crate) mod product;
pub mod random;
pub mod simulation;
pub mod snapshot;
pub mod tape;
pub mod terminal;
pub mod theory;
pub mod verify;
pub mod view;
