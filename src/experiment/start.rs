//! From an experiment to what an engine needs.
//!
//! Filled in by the reader of experiments: class sizes, labels, starts, the engine itself.
