//! Every option of an experiment, once: a flag of the command line, a key of the TOML file.
//!
//! [`Options`] is what was typed; what it means is an [`Experiment`]. What a value may be is checked
//! by `check`, so that the lab, which makes experiments without typing, is held to the same.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::expression;
use super::{Constraint, EngineKind, Experiment, ImbalanceKind, Init, Model, OptimizerKind, Source};
use crate::optimizer::{Moves, Schedule};

/// What makes features, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// The features themselves are the parameters
    Free,
    /// A product of matrices on free features
    Linear,
    /// A multilayer perceptron on inputs
    Mlp,
}

/// Options of an experiment that somebody gave; the others are `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[command(allow_negative_numbers = true, next_help_heading = "Experiment")]
pub struct Options {
    /// The objective: a sum of terms like "softmax + 0.1*opl(gamma=0.5)"
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub objective: Option<String>,
    /// Features to start from: an npz, npy or csv file
    #[arg(long, value_name = "FILE")]
    pub features: Option<PathBuf>,
    /// A set by name: synthetic, or one of those that "losslab list data" shows
    #[arg(long, value_name = "NAME")]
    pub data: Option<String>,
    /// Leave out rows of the file that hold a NaN or Inf
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub drop_bad_rows: Option<bool>,
    /// The largest array to read or to start, in bytes (512 MiB)
    #[arg(long, value_name = "BYTES")]
    pub max_array_bytes: Option<u64>,
    /// Number of classes (4)
    #[arg(long, value_name = "C")]
    pub classes: Option<usize>,
    /// Instances of each class (50)
    #[arg(long, value_name = "N")]
    pub per_class: Option<usize>,
    /// Instances of each class, one number a class
    #[arg(long, value_name = "N1,N2,...", value_delimiter = ',')]
    pub class_sizes: Option<Vec<usize>>,
    /// How many times fewer instances the smallest class has (1: all have as many)
    #[arg(long, value_name = "R")]
    pub imbalance: Option<f64>,
    /// How sizes fall (exponential)
    #[arg(long, value_name = "KIND")]
    pub imbalance_kind: Option<ImbalanceKind>,
    /// Share of the labels moved to another class (0)
    #[arg(long, value_name = "P")]
    pub label_noise: Option<f64>,
    /// Where features start (gaussian)
    #[arg(long, value_name = "INIT")]
    pub init: Option<Init>,
    /// Length of the start, of the matrices of a linear model too (1)
    #[arg(long, value_name = "X")]
    pub init_scale: Option<f64>,
    /// What makes the features: themselves (free), matrices under them, or a network on given data
    #[arg(long, value_name = "MODEL")]
    pub model: Option<ModelKind>,
    /// Matrices of a linear model (the class weights included), or hidden layers (2)
    #[arg(long, value_name = "L")]
    pub depth: Option<usize>,
    /// Units of a hidden layer (128)
    #[arg(long, value_name = "H")]
    pub width: Option<usize>,
    /// Dimension of the features (3)
    #[arg(long, value_name = "D")]
    pub dim: Option<usize>,
    /// Rows an instance has (1)
    #[arg(long, value_name = "V")]
    pub views: Option<usize>,
    /// The optimiser (adam)
    #[arg(long, value_name = "NAME")]
    pub optimizer: Option<OptimizerKind>,
    /// The learning rate (0.05; 0.02 in the lab; 0.005 for an mlp)
    #[arg(long, value_name = "X")]
    pub lr: Option<f64>,
    /// Momentum of sgd (0.9)
    #[arg(long, value_name = "M")]
    pub momentum: Option<f64>,
    /// Decay of features or of the network, in sum form: x/2 times the sum of squares (0)
    #[arg(long, value_name = "X")]
    pub weight_decay: Option<f64>,
    /// Decay of class weights and of each matrix of a linear model, in sum form (0)
    #[arg(long, value_name = "X")]
    pub weight_decay_weights: Option<f64>,
    /// Decay of the bias, in sum form (0)
    #[arg(long, value_name = "X")]
    pub weight_decay_bias: Option<f64>,
    /// What steps move, the rest stays where it is (all)
    #[arg(long, value_name = "WHAT")]
    pub moves: Option<Moves>,
    /// Whether raw class objectives have a bias (true)
    #[arg(long, value_name = "BOOL")]
    pub bias: Option<bool>,
    /// How the rate changes (cosine; constant in the lab)
    #[arg(long, value_name = "NAME")]
    pub schedule: Option<Schedule>,
    /// Where rows may be (the sphere when every term is a cosine objective)
    #[arg(long, value_name = "WHERE")]
    pub constraint: Option<Constraint>,
    /// Instances a step sees (all), without replacement, in a new order every epoch
    #[arg(long, value_name = "B")]
    pub batch: Option<usize>,
    /// Share of each class's instances held out, and judged at the end (0)
    #[arg(long, value_name = "P")]
    pub holdout: Option<f64>,
    /// Steps to make (2000)
    #[arg(long, value_name = "K")]
    pub steps: Option<u64>,
    /// The key of all random numbers (0)
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Who runs the steps (auto)
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineKind>,
    /// Threads of the cpu engine (all)
    #[arg(long, value_name = "T")]
    pub threads: Option<usize>,
}

/// A setting that cannot be: which option, and one sentence on why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Fault {
    /// The option, without dashes in front.
    pub option: &'static str,
    /// What is wrong, and what would be right.
    pub sentence: String,
}

impl Fault {
    /// A fault of an option.
    pub fn new(option: &'static str, sentence: impl Into<String>) -> Self {
        Self { option, sentence: sentence.into() }
    }
}

impl Options {
    /// Puts what was given over `experiment`.
    ///
    /// An option displaces what stood in its way before (class sizes displace a number of classes and
    /// the other way round); two that contradict each other here are a fault. What is faulty is left out.
    #[must_use = "faults are for the user"]
    pub fn apply(self, experiment: &mut Experiment) -> Vec<Fault> {
        let faults = [
            self.apply_objective(experiment),
            self.apply_source(experiment),
            self.apply_sizes(experiment),
            self.apply_model(experiment),
        ];
        if let Some(kind) = self.optimizer {
            experiment.optimizer = kind;
            experiment.momentum = Experiment::MOMENTUM;
        }
        let e = experiment;
        set(&mut e.drop_bad_rows, self.drop_bad_rows);
        set_open(&mut e.max_array_bytes, self.max_array_bytes);
        set(&mut e.label_noise, self.label_noise);
        set(&mut e.init, self.init);
        set(&mut e.init_scale, self.init_scale);
        set_open(&mut e.dim, self.dim);
        set(&mut e.views, self.views);
        set_open(&mut e.lr, self.lr);
        set(&mut e.momentum, self.momentum);
        set(&mut e.weight_decay, self.weight_decay);
        set(&mut e.weight_decay_weights, self.weight_decay_weights);
        set(&mut e.weight_decay_bias, self.weight_decay_bias);
        set(&mut e.moves, self.moves);
        set_open(&mut e.bias, self.bias);
        set_open(&mut e.schedule, self.schedule);
        set_open(&mut e.constraint, self.constraint);
        set_open(&mut e.batch, self.batch);
        set(&mut e.holdout, self.holdout);
        set(&mut e.steps, self.steps);
        set(&mut e.seed, self.seed);
        set(&mut e.engine, self.engine);
        set_open(&mut e.threads, self.threads);
        faults.into_iter().filter_map(Result::err).collect()
    }

    fn apply_objective(&self, experiment: &mut Experiment) -> Result<(), Fault> {
        if let Some(text) = &self.objective {
            experiment.objective =
                expression::parse(text).map_err(|error| Fault::new("objective", error.to_string()))?;
        }
        Ok(())
    }

    fn apply_source(&self, experiment: &mut Experiment) -> Result<(), Fault> {
        match (&self.features, &self.data) {
            (Some(_), Some(_)) => {
                return Err(Fault::new("features", "--features and --data exclude each other"));
            }
            (Some(path), None) => experiment.source = Source::File(path.clone()),
            (None, Some(name)) if name == Source::SYNTHETIC => experiment.source = Source::Synthetic,
            (None, Some(name)) => experiment.source = Source::Bundled(name.clone()),
            (None, None) => {}
        }
        Ok(())
    }

    fn apply_sizes(&self, experiment: &mut Experiment) -> Result<(), Fault> {
        let whole = self.classes.is_some() || self.per_class.is_some() || self.imbalance.is_some();
        if let Some(sizes) = &self.class_sizes {
            if whole || self.imbalance_kind.is_some() {
                return Err(Fault::new(
                    "class-sizes",
                    "--class-sizes says everything about sizes, so --classes, --per-class and --imbalance \
                     cannot stand beside it",
                ));
            }
            experiment.class_sizes = Some(sizes.clone());
            (experiment.classes, experiment.per_class) = (None, None);
            (experiment.imbalance, experiment.imbalance_kind) = (1.0, ImbalanceKind::Exponential);
        } else if whole {
            experiment.class_sizes = None;
        }
        set_open(&mut experiment.classes, self.classes);
        set_open(&mut experiment.per_class, self.per_class);
        set(&mut experiment.imbalance, self.imbalance);
        set(&mut experiment.imbalance_kind, self.imbalance_kind);
        Ok(())
    }

    fn apply_model(&self, experiment: &mut Experiment) -> Result<(), Fault> {
        let (old_depth, old_width) = match experiment.model {
            Model::Free => (Model::DEPTH, Model::WIDTH),
            Model::Linear { depth } => (depth, Model::WIDTH),
            Model::Mlp { depth, width } => (depth, width),
        };
        let kind = self.model.unwrap_or(match experiment.model {
            Model::Free => ModelKind::Free,
            Model::Linear { .. } => ModelKind::Linear,
            Model::Mlp { .. } => ModelKind::Mlp,
        });
        if self.depth.is_some() && kind == ModelKind::Free {
            return Err(Fault::new("depth", "--depth needs --model linear or --model mlp"));
        }
        if self.width.is_some() && kind != ModelKind::Mlp {
            return Err(Fault::new("width", "--width needs --model mlp"));
        }
        let depth = self.depth.unwrap_or(old_depth);
        let width = self.width.unwrap_or(old_width);
        experiment.model = match kind {
            ModelKind::Free => Model::Free,
            ModelKind::Linear => Model::Linear { depth },
            ModelKind::Mlp => Model::Mlp { depth, width },
        };
        Ok(())
    }

    /// The options that make `experiment` out of the default one. Those that do not apply, and those left
    /// open, are not among them.
    pub fn of(experiment: &Experiment) -> Self {
        let e = experiment;
        let synthetic = e.source == Source::Synthetic;
        let (features, data) = match &e.source {
            Source::Synthetic => (None, Some(Source::SYNTHETIC.to_owned())),
            Source::Bundled(name) => (None, Some(name.clone())),
            Source::File(path) => (Some(path.clone()), None),
        };
        let by_count = e.class_sizes.is_none() && synthetic;
        let (model, depth, width) = match e.model {
            Model::Free => (ModelKind::Free, None, None),
            Model::Linear { depth } => (ModelKind::Linear, Some(depth), None),
            Model::Mlp { depth, width } => (ModelKind::Mlp, Some(depth), Some(width)),
        };
        Self {
            objective: Some(expression::print(&e.objective)),
            drop_bad_rows: features.is_some().then_some(e.drop_bad_rows),
            features,
            data,
            max_array_bytes: e.max_array_bytes,
            classes: e.classes,
            per_class: e.per_class,
            class_sizes: e.class_sizes.clone(),
            imbalance: (by_count || e.imbalance != 1.0).then_some(e.imbalance),
            imbalance_kind: (e.imbalance != 1.0 || e.imbalance_kind != ImbalanceKind::Exponential)
                .then_some(e.imbalance_kind),
            label_noise: Some(e.label_noise),
            init: (synthetic || e.init != Init::Gaussian).then_some(e.init),
            init_scale: (synthetic || e.init_scale != 1.0).then_some(e.init_scale),
            model: Some(model),
            depth,
            width,
            dim: e.dim,
            views: Some(e.views),
            optimizer: Some(e.optimizer),
            lr: e.lr,
            momentum: (e.optimizer == OptimizerKind::Sgd || e.momentum != Experiment::MOMENTUM)
                .then_some(e.momentum),
            weight_decay: Some(e.weight_decay),
            weight_decay_weights: Some(e.weight_decay_weights),
            weight_decay_bias: Some(e.weight_decay_bias),
            moves: (e.moves != Moves::All).then_some(e.moves),
            bias: e.bias,
            schedule: e.schedule,
            constraint: e.constraint,
            batch: e.batch,
            holdout: Some(e.holdout),
            steps: Some(e.steps),
            seed: Some(e.seed),
            engine: Some(e.engine),
            threads: e.threads,
        }
    }

    /// The names of all options, without dashes in front, in the order of the help.
    pub fn names() -> Vec<String> {
        let command = <Self as clap::Args>::augment_args(clap::Command::new("options"));
        command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
    }
}

fn set<T>(to: &mut T, from: Option<T>) {
    if let Some(value) = from {
        *to = value;
    }
}

fn set_open<T>(to: &mut Option<T>, from: Option<T>) {
    if from.is_some() {
        *to = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_makes_the_same_experiment() {
        let mut experiment = Experiment {
            class_sizes: Some(vec![3, 4]),
            optimizer: OptimizerKind::Sgd,
            momentum: 0.5,
            model: Model::Linear { depth: 3 },
            bias: Some(false),
            ..Experiment::default()
        };
        for _ in 0..2 {
            let mut back = Experiment::default();
            assert_eq!(Options::of(&experiment).apply(&mut back), []);
            assert_eq!(back, experiment);
            experiment = Experiment::default();
        }
    }

    #[test]
    fn a_later_layer_displaces_and_a_contradiction_within_one_is_a_fault() {
        let mut experiment = Experiment { classes: Some(5), per_class: Some(9), ..Experiment::default() };
        let sizes = Options { class_sizes: Some(vec![1, 2]), ..Options::default() };
        assert_eq!(sizes.clone().apply(&mut experiment), []);
        assert_eq!((experiment.classes, experiment.class_sizes.as_deref()), (None, Some(&[1, 2][..])));
        assert_eq!(Options { classes: Some(3), ..Options::default() }.apply(&mut experiment), []);
        assert_eq!((experiment.classes, experiment.class_sizes.as_deref()), (Some(3), None));
        let both = Options { classes: Some(2), ..sizes };
        assert_eq!(both.apply(&mut experiment)[0].option, "class-sizes");
    }
}
