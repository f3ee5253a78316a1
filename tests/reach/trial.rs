//! Running the program, and holding what it prints to a goal: one printed line a number.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One row in the making.
pub(crate) struct Trial {
    engine: String,
    misses: Cell<usize>,
    adapter: RefCell<Option<String>>,
}

impl Trial {
    pub(crate) fn new(engine: &str) -> Self {
        Self { engine: engine.to_owned(), misses: Cell::new(0), adapter: RefCell::new(None) }
    }

    /// Numbers that missed their goals.
    pub(crate) fn misses(&self) -> usize {
        self.misses.get()
    }

    /// The engine, and what it runs on where it says so.
    pub(crate) fn place(&self) -> String {
        match self.adapter.borrow().as_ref() {
            Some(adapter) => format!("{}: {adapter}", self.engine),
            None => self.engine.clone(),
        }
    }

    /// What `losslab run --json` prints last.
    pub(crate) fn run(&self, objective: &str, options: &str) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_losslab"));
        command.args(["run", "--engine", &self.engine, "--json", "--objective", objective]);
        let output = command.args(options.split_whitespace()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{objective} {options}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let value: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(value["engine"], self.engine.as_str(), "another engine ran");
        *self.adapter.borrow_mut() = value["adapter"].as_str().map(str::to_owned);
        value
    }

    /// The same with a run folder.
    pub(crate) fn run_into(&self, objective: &str, options: &str, folder: &Path) -> Value {
        self.run(objective, &format!("{options} --out {}", folder.display()))
    }

    /// What is allowed where a row allows so much on the CPU.
    fn allowed(&self, tolerance: f64) -> f64 {
        if self.engine == "gpu" { 10.0 * tolerance } else { tolerance }
    }

    fn verdict(&self, good: bool, what: &str, value: f64, goal: &str) {
        self.misses.set(self.misses.get() + usize::from(!good));
        let word = if good { "ok    " } else { "MISSED" };
        println!("  {word} {what}: {value:.6e}, goal {goal}");
    }

    /// Within so much of a value.
    pub(crate) fn near(&self, what: &str, value: f64, want: f64, tolerance: f64) {
        let allowed = self.allowed(tolerance);
        self.verdict((value - want).abs() <= allowed, what, value, &format!("{want:.9} ± {allowed:.0e}"));
    }

    /// Below a bound that is a tolerance.
    pub(crate) fn below(&self, what: &str, value: f64, bound: f64) {
        let allowed = self.allowed(bound);
        self.verdict(value < allowed, what, value, &format!("< {allowed}"));
    }

    /// Above a bound that every engine must keep.
    pub(crate) fn above(&self, what: &str, value: f64, bound: f64) {
        self.verdict(value > bound, what, value, &format!("> {bound}"));
    }

    /// The loss at the floor: above it by less than the tolerance, below it by rounding at most.
    pub(crate) fn floor(&self, what: &str, done: &Value, tolerance: f64) {
        let gap = number(done, "loss") - number(done, "floor");
        let allowed = self.allowed(tolerance);
        let good = gap < allowed && gap > -2e-6;
        self.verdict(good, &format!("{what}, loss above the floor"), gap, &format!("< {allowed:.0e}"));
    }

    /// A sentence, or the name of a frame, that must hold these words.
    pub(crate) fn says(&self, what: &str, text: &Value, words: &str) {
        let text = text.as_str().unwrap_or("nothing");
        let good = text.contains(words);
        self.misses.set(self.misses.get() + usize::from(!good));
        println!("  {} {what} says: {text}", if good { "ok    " } else { "MISSED" });
    }
}

/// The number at a path of keys with dots between.
pub(crate) fn number(value: &Value, path: &str) -> f64 {
    let found = path.split('.').fold(value, |value, key| &value[key]);
    found.as_f64().unwrap_or_else(|| panic!("{path} of {value}"))
}

/// The numbers at a path.
pub(crate) fn numbers(value: &Value, path: &str) -> Vec<f64> {
    let found = path.split('.').fold(value, |value, key| &value[key]);
    found
        .as_array()
        .unwrap_or_else(|| panic!("{path} of {value}"))
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

/// √Σx².
pub(crate) fn length(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The largest |x/y − 1|.
pub(crate) fn worst_ratio(seen: &[f64], predicted: &[f64]) -> f64 {
    assert_eq!(seen.len(), predicted.len());
    seen.iter().zip(predicted).map(|(x, y)| (x / y - 1.0).abs()).fold(0.0, f64::max)
}
