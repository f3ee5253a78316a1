//! What a run remembers of its steps, for `curves.csv` and the loss curve.

use std::fmt::Write;

use crate::engine::{self, State};
use crate::experiment::start::Start;
use crate::geometry::{METRICS, Measurements, measure_cheap};
use crate::theory::{Brief, certificate};

/// Rows `curves.csv` has at most; beyond, steps are thinned evenly.
const ROWS: u64 = 10_000;
/// Numbers of the representation that may be measured over a whole run.
const MEASURED: u64 = 20_000_000;
/// A GPU hands its state out no more often than this.
const GPU_EVERY: u64 = 64;

/// Losses of every step, and metrics of some.
pub(super) struct Record {
    /// The columns of terms: those of the start, then those that edits bring.
    names: Vec<String>,
    /// The column and the weight of each term of the present objective.
    terms: Vec<(usize, f64)>,
    /// Their `terms` are by column and weighted; not a number where a step has no such term.
    steps: Vec<engine::Record>,
    measured: Vec<(u64, Measurements)>,
    every: u64,
    /// Steps from one kept to the next: a power of two, so that what was kept stays evenly spaced.
    thin: u64,
    last: Option<(u64, Vec<f64>, f64)>,
    /// Where the run has one: what its certificate needs to know.
    certified: Option<Brief>,
}

impl Record {
    pub(super) fn new(begun: &Start, planned: u64) -> Self {
        let size = begun.state.features.value.data.len() as u64;
        let mut record = Self {
            names: Vec::new(),
            terms: Vec::new(),
            steps: Vec::new(),
            measured: Vec::new(),
            every: (size.saturating_mul(planned).div_ceil(MEASURED))
                .max(planned.div_ceil(ROWS))
                .max(1)
                .next_power_of_two(),
            thin: 1,
            last: None,
            certified: Some(Brief::new(&begun.experiment, &begun.problem, &begun.case))
                .filter(Brief::has_certificate),
        };
        record.turn_to(begun);
        record
    }

    /// Goes on with the objective of an edit.
    pub(super) fn turn_to(&mut self, begun: &Start) {
        let mut names: Vec<String> = Vec::new();
        self.terms.clear();
        for term in &begun.problem.terms {
            let same = names.iter().filter(|n| n.starts_with(term.objective.name())).count();
            let name = term.objective.name();
            // Two losses are also metrics, and a column has one meaning.
            let metric = METRICS.iter().any(|metric| metric.key == name);
            let name = if metric { format!("{name}_term") } else { name.to_owned() };
            let name = if same == 0 { name } else { format!("{name}_{}", same + 1) };
            let column = self.names.iter().position(|there| *there == name).unwrap_or(self.names.len());
            if column == self.names.len() {
                self.names.push(name.clone());
            }
            names.push(name);
            self.terms.push((column, term.weight));
        }
    }

    /// Losses of terms, weighted, each in its column.
    fn by_column(&self, losses: &[f64]) -> Vec<f64> {
        let mut columns = vec![f64::NAN; self.names.len()];
        for ((column, weight), loss) in self.terms.iter().zip(losses) {
            columns[*column] = weight * loss;
        }
        columns
    }

    /// Steps from one measurement to the next.
    pub(super) fn measures_every(&self, engine: &str) -> u64 {
        if engine == "gpu" { self.every.max(GPU_EVERY) } else { self.every }
    }

    /// Adds what steps saw. Beyond [`ROWS`] every other one is let go, as often as it takes: how many steps
    /// there will be is not known (a run may be interrupted), and memory stays bounded.
    pub(super) fn extend(&mut self, records: Vec<engine::Record>) {
        for record in records {
            if record.step.is_multiple_of(self.thin) {
                let terms = self.by_column(&record.terms);
                self.steps.push(engine::Record { terms, ..record });
            }
            // One row is for the last state.
            if self.steps.len() as u64 >= ROWS {
                self.thin *= 2;
                self.steps.retain(|kept| kept.step.is_multiple_of(self.thin));
            }
        }
    }

    /// Forgets everything from `step` on, which will be made again.
    pub(super) fn rewind(&mut self, step: u64) {
        self.steps.retain(|record| record.step < step);
        self.measured.retain(|(at, _)| *at <= step);
    }

    /// Measures the cheap metrics of a state.
    pub(super) fn measure(&mut self, begun: &Start, state: &State) {
        if self.measured.last().is_none_or(|(step, _)| *step != state.step) {
            let sample = begun.sample(state);
            let mut measured = measure_cheap(&sample);
            if let Some(brief) = &self.certified {
                brief.certify(&mut measured, sample.points, &state.weights.value, sample.bias);
            }
            self.measured.push((state.step, measured));
        }
    }

    /// Which columns of the curves were taken from samples, as a sentence.
    pub(super) fn sampled(&self) -> Option<String> {
        let (_, last) = self.measured.last()?;
        let keys: Vec<&str> =
            last.values.iter().map(|(key, _)| *key).filter(|key| last.is_sampled(key)).collect();
        (!keys.is_empty()).then(|| format!("taken from samples in curves.csv: {}", keys.join(", ")))
    }

    /// Adds the last state, whose loss is over all data.
    pub(super) fn close(&mut self, step: u64, terms: &[f64], loss: f64) {
        self.last = Some((step, self.by_column(terms), loss));
    }

    /// ‖gradient‖ at the last step.
    pub(super) fn last_gradient_norm(&self) -> Option<f64> {
        self.steps.last().map(|record| record.gradient_norm)
    }

    /// The loss at the first step.
    pub(super) fn first_loss(&self) -> Option<f64> {
        self.steps.first().map(Self::loss)
    }

    fn loss(record: &engine::Record) -> f64 {
        record.terms.iter().filter(|loss| !loss.is_nan()).sum::<f64>() + record.decay
    }

    /// The loss curve.
    pub(super) fn curve(&self) -> Vec<[f64; 2]> {
        let steps = self.steps.iter().map(|record| [record.step as f64, Self::loss(record)]);
        steps.chain(self.last.iter().map(|(step, _, loss)| [*step as f64, *loss])).collect()
    }

    /// The whole record as CSV: a row a step, thinned evenly; empty where nothing was measured.
    pub(super) fn csv(&self) -> String {
        let mut keys: Vec<&str> = METRICS.iter().filter(|m| m.cheap).map(|m| m.key).collect();
        keys.extend(self.certified.as_ref().map(|_| certificate::KEY));
        let mut text = String::from("step,loss");
        for column in self.names.iter().map(String::as_str).chain(["decay", "grad_norm", "lr"]) {
            text.push(',');
            text += column;
        }
        for key in &keys {
            text.push(',');
            text += key;
        }
        text.push('\n');
        let mut measured = self.measured.iter().peekable();
        let mut tail = |step: u64, text: &mut String| {
            while measured.next_if(|(at, _)| *at < step).is_some() {}
            let row = measured.peek().filter(|(at, _)| *at == step).map(|(_, row)| row);
            for key in &keys {
                text.push(',');
                if let Some(value) = row.and_then(|row| row.get(key)) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{value}");
                }
            }
            text.push('\n');
        };
        for record in &self.steps {
            let _ = write!(text, "{},{}", record.step, Self::loss(record));
            self.write_terms(&record.terms, &mut text);
            let _ = write!(text, ",{},{},{}", record.decay, record.gradient_norm, record.rate);
            tail(record.step, &mut text);
        }
        if let Some((step, terms, loss)) = &self.last {
            let _ = write!(text, "{step},{loss}");
            let data: f64 = terms.iter().filter(|loss| !loss.is_nan()).sum();
            self.write_terms(terms, &mut text);
            let _ = write!(text, ",{},,", loss - data);
            tail(*step, &mut text);
        }
        text
    }
}

impl Record {
    /// A cell a column; empty where a step had no such term.
    fn write_terms(&self, terms: &[f64], text: &mut String) {
        for column in 0..self.names.len() {
            text.push(',');
            if let Some(loss) = terms.get(column).filter(|loss| !loss.is_nan()) {
                // Writing to a string cannot fail.
                let _ = write!(text, "{loss}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::experiment::start::{Asker, start};

    fn steps(from: u64, to: u64) -> Vec<engine::Record> {
        (from..to)
            .map(|step| engine::Record { step, terms: vec![1.0], ..engine::Record::default() })
            .collect()
    }

    #[test]
    fn rows_thin_out_evenly_by_the_steps_made_not_by_those_planned() {
        let experiment = Experiment { steps: 100_000_000, ..Experiment::default() };
        let mut record = Record::new(&start(&experiment, Asker::Run).unwrap(), 100_000_000);
        record.extend(steps(0, 9_999));
        assert_eq!(record.steps.len(), 9_999, "every step while they fit");
        record.extend(steps(9_999, 25_000));
        let kept: Vec<u64> = record.steps.iter().map(|r| r.step).collect();
        assert!(kept.len() > 5_000 && kept.len() < 10_000, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[1] - pair[0] == 4), "evenly");
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 24_996));
    }

    #[test]
    fn samples_in_the_curves_are_named() {
        let of = |classes: usize| {
            let experiment =
                Experiment { classes: Some(classes), per_class: Some(1), ..Experiment::default() };
            let begun = start(&experiment, Asker::Run).unwrap();
            let mut record = Record::new(&begun, 2000);
            record.measure(&begun, &begun.state);
            record.sampled()
        };
        assert_eq!(of(100), None);
        // 20,000 rows against as many classes in three dimensions are more than a curve has time for.
        let said = of(20_000).unwrap();
        assert!(said.contains("accuracy") && said.contains("min_class_angle_deg"), "{said}");
        assert!(!said.contains("nc1") && !said.contains("norm_mean"), "{said}");
    }

    #[test]
    fn steps_that_will_be_made_again_are_forgotten() {
        let mut record = Record::new(&start(&Experiment::default(), Asker::Run).unwrap(), 2000);
        record.extend(steps(0, 10));
        record.rewind(4);
        record.extend(steps(4, 6));
        assert_eq!(record.steps.iter().map(|r| r.step).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    }
}
