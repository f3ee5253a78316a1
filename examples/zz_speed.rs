use losslab::engine::{Engine, Parameter, Problem, State, cpu::CpuEngine};
use losslab::experiment::expression;
use losslab::features::Matrix;
use losslab::optimizer::{Decay, Method};
use losslab::random;
use std::time::Instant;
fn main() {
    let only: Option<usize> = std::env::args().nth(1).and_then(|s| s.parse().ok());
    let w: [(&str, usize, usize, usize, f64); 10] = [
        ("softmax", 600, 10, 3, 0.000192),
        ("softmax", 4096, 512, 64, 0.0072),
        ("arcface", 4096, 512, 64, 0.0148),
        ("arcface", 8192, 8192, 64, 0.707),
        ("softmax", 50000, 10, 3, 0.0065),
        ("supcon", 600, 10, 16, 0.0034),
        ("supcon", 4096, 512, 64, 0.363),
        ("cacr(positives=class)", 4096, 512, 64, 0.497),
        ("opl", 4096, 512, 64, 0.298),
        ("uniformity", 4096, 512, 64, 0.154),
    ];
    let mut log = 0.0;
    for (i, (name, n, c, d, torch)) in w.into_iter().enumerate() {
        if only.is_some_and(|o| o != i + 1) {
            continue;
        }
        let m = |seed: u64, r: usize| {
            Matrix::from_fn(r, d, |i, k| random::normal(seed, 0, i as u32, 1, k as u32) as f32)
        };
        let mut terms = expression::parse(name).unwrap();
        expression::resolve(&mut terms, c);
        let raw = name == "softmax";
        let problem = Problem {
            terms,
            labels: (0..n).map(|i| (i % c) as u32).collect(),
            instances: (0..n as u32).collect(),
            classes: c,
            margins: None,
            seed: 0,
            batch: None,
            method: Method::Sgd { momentum: 0.9 },
            decay: Decay::default(),
            sphere: false,
        };
        let state = State {
            step: 0,
            features: Parameter::new(m(1, n)),
            weights: Parameter::new(m(2, c)),
            bias: raw.then(|| Parameter::new(Matrix::zeros(1, c))),
        };
        let mut e = CpuEngine::new(problem, state, Some(2));
        e.advance(&[0.1; 2]).unwrap();
        let mut t = Vec::new();
        let begin = Instant::now();
        while begin.elapsed().as_secs_f64() < 1.0 || t.len() < 5 {
            let s = Instant::now();
            e.advance(&[0.1]).unwrap();
            t.push(s.elapsed().as_secs_f64());
        }
        t.sort_by(f64::total_cmp);
        let med = t[t.len() / 2];
        log += (torch / med).ln();
        println!(
            "{:2} {name:24} {n:6} {c:5} {d:3}  {:.6} s  min {:.6}  {:.1}x",
            i + 1,
            med,
            t[0],
            torch / med
        );
    }
    println!("geomean {:.2}", (log / 10.0f64).exp());
}
