//! Nothing N×M is ever stored, and a state is there once: the peak memory of whole processes, over every objective
//! of the engine, and over runs of the program itself.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use losslab::engine::cpu::CpuEngine;
use losslab::engine::{Engine, Parameter, Problem, State};
use losslab::features::Matrix;
use losslab::objectives::{Knobs, OBJECTIVES, Term};
use losslab::optimizer::{Decay, Method, Moves};
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
            moves: Moves::default(),
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

/// The peak of a run of the program over `n` rows and as many classes, from start to summary. On the cpu engine, because
/// the drivers of a GPU, if only looked at, take what they take.
fn peak_of_a_run(objective: &str, n: usize) -> u64 {
    let n = n.to_string();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_losslab"))
        .args([
            "run",
            "--objective",
            objective,
            "--classes",
            &n,
            "--per-class",
            "1",
            "--dim",
            "64",
            "--steps",
            "2",
            "--engine",
            "cpu",
        ])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        // The mark only rises; it is gone with the process, so it is read as often as it takes to see the last of it.
        let facts = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        if let Some(line) = facts.lines().find(|line| line.starts_with("VmHWM:")) {
            peak = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10;
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(status.success() && peak > 0, "{objective}");
    println!("{objective:20} {n:>6} rows and classes: {} MiB", peak >> 20);
    peak
}

/// What a run may take: the program itself, 32 MiB of partial sums that do not grow, and 18 matrices of n×d. Features
/// and class weights with two moments each are six of them.
fn allowed(n: usize) -> u64 {
    (24 << 20) + (32 << 20) + 18 * (n * D * 4) as u64
}

#[test]
fn a_run_of_the_program_stays_small() {
    assert_eq!(allowed(32_768), MOST);
    for objective in ["arcface", "supcon", "softmax"] {
        assert!(peak_of_a_run(objective, 4096) <= allowed(4096), "{objective}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes in a build for development")]
fn a_run_of_32768_classes_stays_below_200_mib() {
    for objective in ["arcface", "supcon"] {
        assert!(peak_of_a_run(objective, 32_768) <= MOST, "{objective}");
    }
}
