//! What a search finds: plain data, put into words elsewhere.

/// How an engine computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// In f32, sums perhaps in f64.
    Single,
    /// In f64. Parameters must still be numbers of f32, which is what a state holds.
    Double,
}

impl Precision {
    /// The largest number there is.
    pub fn most(self) -> f64 {
        match self {
            Self::Single => f64::from(f32::MAX),
            Self::Double => f64::MAX,
        }
    }

    pub(super) fn holds(self, x: f64) -> bool {
        x.abs() <= self.most()
    }
}

/// A part of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A row that the objective sees, by its number in the data.
    Point(u32),
    /// What goes into the network for a row: a free feature beneath linear layers.
    Input(u32),
    /// The weight of a class.
    Weight(u32),
    /// The bias of a class.
    Bias(u32),
    /// A unit of a layer (both counted from 0): its row of the layer's matrix, or its bias.
    Unit {
        /// The layer, from the inputs on.
        layer: u32,
        /// The unit.
        unit: u32,
    },
}

/// Which of a parameter's numbers a step could not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The parameter itself.
    Value,
    /// The momentum, or Adam's first moment.
    First,
    /// Adam's second moment: squares of the gradient.
    Second,
}

/// The number that was beyond the engine's precision, recomputed in f64 (where it may still be infinite or no number).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// What a network gives for a row, at a unit of a layer.
    Output {
        /// The layer, counted from 0.
        layer: u32,
        /// The unit.
        unit: u32,
        /// What it would give.
        value: f64,
    },
    /// x·w + b of a pair.
    Score(f64),
    /// What a pair puts into an exponential, from its score.
    Exponent {
        /// The score: a cosine or a squared distance.
        score: f64,
    },
    /// The anchor's own part of the loss; the pair is the one with the largest score.
    Loss {
        /// That score.
        score: f64,
    },
    /// ∂L/∂score of a pair.
    Coupling {
        /// The score.
        score: f64,
    },
    /// The loss of the term: a sum whose parts are finite; the pair is the one with the largest coupling.
    Sum,
    /// The gradient, though each pair's part of it is finite; the other is who adds most.
    Gradient,
    /// λ times a parameter, as decay adds it to the gradient.
    Decay {
        /// λ, with the share by which a batch stands for all rows.
        factor: f64,
        /// The parameter.
        value: f64,
    },
    /// What the step would have written.
    Update {
        /// Which number.
        written: Written,
        /// What it would be.
        value: f64,
        /// The gradient it moves along, decay included.
        gradient: f64,
    },
    /// What the network would give for a row after the step, at a unit of a layer.
    OutputAfter {
        /// The layer, counted from 0.
        layer: u32,
        /// The unit.
        unit: u32,
        /// What it would give.
        value: f64,
    },
    /// The sum of the squares of the gradient; the parameter is the one with the longest.
    Squares {
        /// The length of that gradient.
        gradient: f64,
    },
    /// Nothing: recomputed, all of it is finite. The parameter is the one with the longest gradient.
    Nothing {
        /// The length of that gradient.
        gradient: f64,
    },
    /// The step is too large to be computed again; the parameter is the longest one.
    TooLarge,
}

/// Why a step could not be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The step.
    pub step: u64,
    /// The objective of the term it was in, if it was in one.
    pub term: Option<&'static str>,
    /// What number it was.
    pub what: What,
    /// Whose it was.
    pub whom: Option<Whom>,
    /// The other end of the pair. For a gradient and an update: who adds most to it.
    pub with: Option<Whom>,
    /// Lengths of the two, as the step found them.
    pub lengths: [Option<f64>; 2],
    /// The median length of all of the first one's kind.
    pub typical: Option<f64>,
    /// How many of its kind did not stay finite, out of how many that were looked at.
    pub share: Option<(usize, usize)>,
    /// Pairs looked at and pairs there are, where the search stopped before its end.
    pub searched: Option<(u64, u64)>,
    /// The rate of the step.
    pub rate: f64,
    /// How far a step takes a free row at that rate, in lengths of a row (the median of all); `None` where rows are not
    /// free, and where the step was not computed again.
    pub stride: Option<f64>,
    /// λ of the first one's kind of parameter, with the share by which a batch stands for all rows.
    pub decay: f64,
    /// How the engine computes.
    pub precision: Precision,
}

impl Diagnosis {
    /// The largest number that could have been: what a step writes is a number of f32 on every engine.
    pub fn most(&self) -> f64 {
        match self.what {
            What::Update { .. } | What::Decay { .. } => Precision::Single.most(),
            _ => self.precision.most(),
        }
    }
}
