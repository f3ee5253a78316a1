//! `losslab eval`: an objective, and its gradient, on somebody's own features.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use super::number;
use super::reading::Reading;
use crate::data::write::{Array, write_npz};
use crate::engine::{EngineError, Evaluation, MarginsAt};
use crate::experiment::start::{Asker, Start, engine, start};
use crate::experiment::{EngineKind, Experiment, Options};
use crate::objectives::Family;

/// Arguments of `eval`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The objective: a sum of terms like "softmax + 0.1*opl(gamma=0.5)"
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    objective: String,
    /// Features: an npz, npy or csv file
    #[arg(long, value_name = "FILE")]
    features: PathBuf,
    /// Write the gradient with respect to the arrays as given to this npz
    #[arg(long, value_name = "FILE.npz")]
    grad: Option<PathBuf>,
    /// Who evaluates
    #[arg(long, value_name = "ENGINE")]
    engine: Option<EngineKind>,
    /// The key of random margins
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Threads of the cpu engine
    #[arg(long, value_name = "T")]
    threads: Option<usize>,
    /// How the file is read.
    #[command(flatten)]
    reading: Reading,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Evaluates and prints.
pub fn run(arguments: &Arguments) -> u8 {
    match evaluate(arguments) {
        Ok(()) => super::FINE,
        Err((code, sentence)) => {
            super::complain(&sentence);
            code
        }
    }
}

/// The exit code and sentence of an engine that cannot run.
pub(super) fn engine_failure(error: &EngineError) -> (u8, String) {
    let code = if matches!(error, EngineError::Unsupported(_)) { super::WRONG } else { super::NO_GPU };
    (code, error.to_string())
}

fn evaluate(arguments: &Arguments) -> Result<(), (u8, String)> {
    let wrong = |sentence: String| (super::WRONG, sentence);
    let begun = prepare(arguments).map_err(wrong)?;
    for notice in &begun.notices {
        super::complain(notice);
    }
    let (mut runner, notices) =
        super::hushed(|| engine(&begun.experiment, &begun.problem, begun.state.clone()))
            .map_err(|error| engine_failure(&error))?;
    for notice in &notices {
        super::complain(notice);
    }
    let got = runner.evaluate(MarginsAt::Step(0)).map_err(|error| engine_failure(&error))?;
    let terms = begun.problem.terms.iter().zip(&got.terms);
    let loss: f64 = terms.clone().map(|(term, loss)| term.weight * loss).sum();
    if let Some(path) = &arguments.grad {
        write_gradient(path, &begun, &got, runner.name()).map_err(wrong)?;
    }
    let terms: Vec<_> = terms
        .map(|(term, &loss)| {
            json!({"name": term.objective.name(), "weight": number(term.weight), "loss": number(loss)})
        })
        .collect();
    let points = &begun.state.features.value;
    if arguments.json {
        let object = json!({
            "objective": arguments.objective,
            "loss": number(loss),
            "terms": terms,
            "engine": runner.name(),
            "n": points.rows,
            "d": points.cols,
            "c": begun.problem.classes,
        });
        super::say(&format!("{object}\n"));
        return Ok(());
    }
    let mut text = format!("{}\nloss {loss:.9}\n", arguments.objective);
    for term in terms.iter().filter(|_| terms.len() > 1) {
        let name = term["name"].as_str().unwrap_or("?");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {} * {name}  {}", term["weight"], term["loss"]);
    }
    let _ = writeln!(
        text,
        "{} rows, {} dimensions, {} classes, {} engine",
        points.rows,
        points.cols,
        begun.problem.classes,
        runner.name()
    );
    super::say(&text);
    Ok(())
}

/// Reads the file as it is: nothing is moved to the sphere, no weights are made up.
fn prepare(arguments: &Arguments) -> Result<Start, String> {
    let mut experiment = Experiment::default();
    let options = Options {
        objective: Some(arguments.objective.clone()),
        features: Some(arguments.features.clone()),
        engine: Some(arguments.engine.unwrap_or(EngineKind::Cpu)),
        seed: arguments.seed,
        threads: arguments.threads,
        drop_bad_rows: Some(arguments.reading.drop_bad_rows),
        max_array_bytes: arguments.reading.max_array_bytes,
        constraint: Some(crate::experiment::Constraint::None),
        ..Options::default()
    };
    if let Some(fault) = options.apply(&mut experiment).first() {
        return Err(fault.to_string());
    }
    let mut begun = start(&experiment, Asker::Lab).map_err(|error| error.to_string())?;
    if !begun.has_bias {
        begun.state.bias = None;
    }
    if begun.problem.uses_weights() && !begun.has_weights {
        let needs = begun.problem.terms.iter().find(|term| term.objective.family() == Family::Class);
        return Err(format!(
            "{}: {} compares rows with class weights and there is no \"weights\" array",
            arguments.features.display(),
            needs.map_or("the objective", |term| term.objective.name())
        ));
    }
    Ok(begun)
}

fn write_gradient(
    path: &std::path::Path,
    begun: &Start,
    got: &Evaluation,
    engine: &str,
) -> Result<(), String> {
    let gradient = &got.gradient;
    let (points, weights) = (&begun.state.features.value, &begun.state.weights.value);
    // An array that is there and that the objective does not look at has a gradient too: zero.
    let idle = |there: bool, size: usize| there.then(|| vec![0.0; size]);
    let of_weights = gradient.weights.clone().or_else(|| idle(begun.has_weights, weights.data.len()));
    let of_bias = gradient.bias.clone().or_else(|| idle(begun.has_bias, begun.problem.classes));
    let mut parts: Vec<(&str, Vec<usize>, &[f64])> =
        vec![("features", vec![points.rows, points.cols], &gradient.features)];
    if let Some(of_weights) = &of_weights {
        parts.push(("weights", vec![weights.rows, weights.cols], of_weights));
    }
    if let Some(of_bias) = &of_bias {
        parts.push(("bias", vec![of_bias.len()], of_bias));
    }
    let narrow: Vec<Vec<f32>> =
        parts.iter().map(|(_, _, data)| data.iter().map(|&x| x as f32).collect()).collect();
    let arrays: Option<Vec<(&str, Array<'_>)>> = parts
        .iter()
        .zip(&narrow)
        .map(|((name, shape, wide), narrow)| {
            let array = if engine == "reference" {
                Array::shaped_f64(shape, wide)
            } else {
                Array::shaped(shape, narrow)
            };
            array.map(|array| (*name, array))
        })
        .collect();
    let arrays = arrays.expect("a gradient has the shape of its parameters");
    write_npz(path, &arrays).map_err(|error| error.to_string())
}
