//! Nothing N×M is ever stored: the peak memory of a whole process, over every objective.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use losslab::engine::cpu::CpuEngine;
use losslab::engine::{Engine, Parameter, Problem, State};
use losslab::features::Matrix;
use losslab::objectives::{Knobs, OBJECTIVES, Term};
use losslab::optimizer::{Decay, Method};
use losslab::random;

/// Anchors and class weights: their score matrix would take 256 MiB.
const N: usize = 8192;
const D: usize = 64;
/// What the process may have taken at its worst.
const MOST: u64 = 200 << 20;

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[test]
fn two_steps_of_every_objective_stay_small() {
    for &objective in OBJECTIVES {
        let rows =
            |seed: u64| Matrix::from_fn(N, D, |i, k| random::normal(seed, 0, i as u32, 1, k as u32) as f32);
        let problem = Problem {
            terms: vec![Term { objective, weight: 1.0, knobs: Knobs::defaults(objective.knobs(), N) }],
            labels: (0..N as u32).map(|i| i / 2).collect(),
            instances: (0..N as u32).map(|i| i / 2).collect(),
            classes: N,
            margins: None,
            seed: 0,
            batch: None,
            method: Method::Adam,
            decay: Decay::default(),
            sphere: false,
        };
        let state = State {
            step: 0,
            features: Parameter::new(rows(1)),
            weights: Parameter::new(rows(2)),
            bias: Some(Parameter::new(Matrix::zeros(1, N))),
            network: None,
        };
        let mut engine = CpuEngine::new(problem, state, None);
        let advance = engine.advance(&[0.01; 2]).unwrap();
        assert_eq!(advance.records.len(), 2, "{}", objective.name());
        let peak = peak();
        println!("{:20} {:4} MiB so far", objective.name(), peak >> 20);
        assert!(peak <= MOST, "{}: {} MiB", objective.name(), peak >> 20);
    }
}
