//! What a loss is here: statistics of a row of scores, and the coupling of one pair given them.
//!
//! An [`Objective`] says how a pair enters the statistics of its anchor ([`Objective::exponents`],
//! [`Objective::terms`]), what follows from them ([`Objective::finish_batch`],
//! [`Objective::finish_row`]) and how hard the pair pulls ([`Objective::coupling`], the *force
//! law*). Everything else (normalising, scores, merging, gradient, update) is shared and lives in
//! the engines. Each objective also stands here a second time, as its paper prints it
//! ([`Objective::reference`]): that form judges the fast one.
//!
//! The losses themselves stand in [`crate::objectives`].

pub mod across;
pub mod both;
pub mod codes;
pub(crate) mod cross_entropy;
pub(crate) mod distance;
pub mod floor;
pub mod knobs;
pub mod margins;
pub mod row;
pub mod scene;
pub mod stats;
pub mod unconstrained;

pub use across::{Across, AcrossStats};
pub use both::{Columns, Ends, Rows};
pub(crate) use distance::COINCIDENT;
pub use floor::{Case, Floor, Frame, Origin};
pub use knobs::{Default, Hard, Knob, Knobs, Range};
pub use row::{Coupled, Tile};
pub use scene::Scene;
pub use stats::{Anchor, Batch, Row, Stats, Stretch, Target, TargetLogit};
pub use unconstrained::RowLoss;

use crate::lanes::{LANES, Lanes, Mask};
use crate::tape::Var;

/// Who the candidates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The candidates are the class weights; the target is the weight of the anchor's label.
    Class,
    /// The candidates are the features themselves; a row never meets itself.
    Pair,
}

/// What a score is. The coupling is the derivative of the loss with respect to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// h·w + b of the rows as they are.
    Raw,
    /// The cosine u·v of the normalised rows.
    Cosine,
    /// ‖u − v‖² of the normalised rows, by direct difference.
    SquaredDistance,
}

/// What the coupling of a pair must know besides the pair: how much must be swept before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing that is swept: [`Objective::finish_batch`] needs no statistics for it. (Here and with a
    /// factor, the loss of a pair objective follows from the total alone: [`Objective::loss`].)
    Nothing,
    /// A factor. With a [`Objective::ceiling`] the coupling is `row.value[0]`, the same number for all
    /// anchors, times something that needs nothing: an engine may put the factor in afterwards.
    Factor,
    /// The statistics of its anchor (in the pair family, of both anchors).
    Row,
    /// Numbers of the whole batch, from the statistics of all anchors.
    Batch,
}

/// What makes two rows of a pair objective positives of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// The same class.
    Class,
    /// The same instance (views).
    Instance,
    /// Nothing: the objective treats all pairs alike and needs no labels.
    None,
}

/// How random margins reach the anchors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomMargins {
    /// Mean of the normal distribution.
    pub mean: f64,
    /// Its standard deviation.
    pub sigma: f64,
    /// Whether the smallest target cosine gets the largest margin.
    pub sorted: bool,
}

/// Where the pair scores of an objective are counted before its coupling is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Histogram {
    /// The score at the centre of the first bin.
    pub low: f64,
    /// The score at the centre of the last bin.
    pub high: f64,
    /// How many bins, each for positives and for negatives: at most 4,096.
    pub bins: usize,
}

impl Histogram {
    /// Between which two bins a score lies (the lower), and how far toward the upper: 0 to 1.
    #[inline(always)]
    pub fn place(&self, score: f32) -> (usize, f32) {
        let spacing = ((self.high - self.low) / (self.bins as f64 - 1.0)) as f32;
        let at = ((score - self.low as f32) / spacing).clamp(0.0, (self.bins - 1) as f32);
        let bin = (at as usize).min(self.bins - 2);
        (bin, at - bin as f32)
    }

    /// Counts a score, split linearly between its two bins.
    pub fn deposit(&self, counts: &mut [f64], score: f32) {
        let (bin, share) = self.place(score);
        counts[bin] += f64::from(1.0 - share);
        counts[bin + 1] += f64::from(share);
    }
}

/// What the histogram of a batch was finished to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tabulated {
    /// The coupling at the bin centres: of positives, then of negatives.
    pub table: Vec<f32>,
    /// The loss.
    pub loss: f64,
}

/// The words about an objective.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name as a title ("ArcFace").
    pub title: &'static str,
    /// The formula, in one line of text.
    pub formula: &'static str,
    /// Where it is from: authors, year, title.
    pub paper: &'static str,
    /// One sentence on what it does to a representation.
    pub effect: &'static str,
}

/// Sixteen pairs of one anchor as an objective sees them.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The scores.
    pub score: Lanes,
    /// Where the candidate is a positive of the anchor (its target, in the class family).
    pub positive: Mask,
    /// Where the candidate is a negative. Neither: the pair does not exist.
    pub negative: Mask,
    /// The anchor's target logit ([`Objective::target`]), the same in every lane.
    pub logit: Lanes,
    /// The candidates' constants ([`Objective::constant`]).
    pub constant: Lanes,
}

impl Pair {
    /// Where there is a pair at all.
    #[inline(always)]
    pub fn exists(&self) -> Mask {
        self.positive | self.negative
    }
}

/// Finished statistics of the anchors of sixteen pairs.
#[derive(Clone, Copy, Debug)]
pub struct RowLanes {
    /// [`Row::max`].
    pub max: [Lanes; 2],
    /// [`Row::value`].
    pub value: [Lanes; 4],
}

impl std::default::Default for RowLanes {
    #[inline(always)]
    fn default() -> Self {
        Self { max: [Lanes::ZERO; 2], value: [Lanes::ZERO; 4] }
    }
}

/// What the coupling may know of the whole batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchLanes<'a> {
    /// [`Batch::value`].
    pub value: [f32; 4],
    /// [`Tabulated::table`].
    pub table: &'a [f32],
}

/// A loss: unit structs implement it, [`crate::objectives::OBJECTIVES`] lists them.
///
/// The methods from [`Objective::exponents`] on are the fast form. They are written over
/// [`Lanes`] without branches, and the WGSL twin is their line-by-line translation. A loss is a
/// sum over anchors of [`Row::loss`] unless [`Objective::loss`] says otherwise; every method
/// carries its own factor 1/N.
pub trait Objective: Send + Sync {
    /// The name scripts use.
    fn name(&self) -> &'static str;

    /// The words about it.
    fn about(&self) -> About;

    /// Its parameters, in the order of [`Knobs`].
    fn knobs(&self) -> &'static [Knob] {
        &[]
    }

    /// Who the candidates are.
    fn family(&self) -> Family;

    /// What a score is.
    fn score(&self) -> Score;

    /// What makes positives, for the pair family.
    fn grouping(&self, _knobs: &Knobs) -> Grouping {
        Grouping::Class
    }

    /// The random margins to draw each step, if any.
    fn margins(&self, _knobs: &Knobs) -> Option<RandomMargins> {
        None
    }

    /// The loss as its paper prints it, in f64, over the whole score matrix.
    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t>;

    /// What is proved about the least value of the loss.
    fn floor(&self, _knobs: &Knobs, _case: &Case) -> Floor {
        Floor::Unknown("no lower bound is proved for this objective".into())
    }

    /// What is proved about where it ends, in a sentence or two: floor, frame, conditions.
    fn proved(&self) -> &'static str {
        "Nothing is proved about its least value here."
    }

    /// The row's loss of the unconstrained features model, where the objective is one of its losses: decay then
    /// decides about lengths, thresholds and the certificate.
    fn row_loss(&self) -> Option<RowLoss> {
        None
    }

    /// How often the scores are folded before the coupling is known: 1 or 2.
    fn sweeps(&self) -> usize {
        1
    }

    /// The histogram to count scores in instead of folding them, if any.
    fn histogram(&self, _knobs: &Knobs) -> Option<Histogram> {
        None
    }

    /// Turns the counts (of positives, of negatives) of a batch into the coupling's table.
    fn tabulate(&self, _knobs: &Knobs, _counts: [&[f64]; 2], _batch: &Batch) -> Tabulated {
        Tabulated::default()
    }

    /// The constant of a candidate, from the number of its rows in the data (class family).
    fn constant(&self, _knobs: &Knobs, _count: f32) -> f32 {
        0.0
    }

    /// The anchor's target logit and how it moves (class family).
    fn target(&self, _knobs: &Knobs, target: &Target) -> TargetLogit {
        TargetLogit { logit: target.score, slope: 1.0, arc: 0.0 }
    }

    /// The target logits of a stretch of anchors, whose scores are known. Not to be overridden.
    fn targets(&self, knobs: &Knobs, stretch: &Stretch<'_>, anchors: &mut [Anchor]) {
        for (r, (anchor, &label)) in anchors.iter_mut().zip(stretch.labels).enumerate() {
            anchor.target = self.target(
                knobs,
                &Target {
                    score: anchor.score,
                    sine: stretch.sines[r],
                    margin: stretch.margins.map_or(0.0, |margins| margins[r]),
                    constant: stretch.constants[label as usize],
                },
            );
        }
    }

    /// What a pair puts into the two exponentials e^x: x, or [`crate::lanes::LOWEST`] for nothing.
    #[inline(always)]
    fn exponents(&self, _knobs: &Knobs, _pair: &Pair) -> [Lanes; 2] {
        [Lanes::splat(crate::lanes::LOWEST); 2]
    }

    /// How many of the exponentials are used: 0, 1 or 2.
    fn exponentials(&self) -> usize {
        0
    }

    /// What a pair adds to the four sums of its anchor, `e` being e^(x − max) for each exponent.
    ///
    /// `row` is what the earlier sweep finished to. Pairs that do not exist are left out by the
    /// caller, here and in the other methods over lanes.
    fn terms(&self, knobs: &Knobs, sweep: usize, pair: &Pair, e: [Lanes; 2], row: &RowLanes) -> [Lanes; 4];

    /// How many of the four sums are in use: the first so many. The others stay 0.
    fn sums(&self) -> usize {
        4
    }

    /// Which exponential each sum is a multiple of, so that merging can rescale it.
    fn scaled_by(&self) -> [Option<usize>; 4] {
        [None; 4]
    }

    /// What must be known before the coupling is. The less it is, the fewer sweeps an engine makes.
    fn needs(&self) -> Needs {
        Needs::Batch
    }

    /// The largest values the exponents can have, where they never lie more than
    /// [`DEEPEST`](crate::lanes::DEEPEST) below them. Then e^(x − ceiling) cannot vanish, nobody need
    /// look for the largest exponent, and a pair has the same exponentials seen from either end.
    fn ceiling(&self, _knobs: &Knobs) -> Option<[f32; 2]> {
        None
    }

    /// Whether the loss is a function of the sums of its scores over positives and over negatives,
    /// with one coupling for all positives and one for all negatives. Then the sums of the groups'
    /// rows are enough and no pair need be looked at.
    fn linear(&self, _knobs: &Knobs) -> bool {
        false
    }

    /// Whether the coupling stays bounded where two rows coincide (squared distances). Then
    /// distances of pairs that are not near, and the gradient, may come from matrix products.
    fn regular(&self, _knobs: &Knobs) -> bool {
        false
    }

    /// Numbers of the whole batch, from the merged statistics of all its anchors.
    fn finish_batch(&self, _knobs: &Knobs, _total: &Stats, _batch: &Batch) -> [f64; 4] {
        [0.0; 4]
    }

    /// Finishes the statistics of one anchor after a sweep: its loss and what the coupling needs.
    ///
    /// `row` is the result of the earlier sweep (zeros before the first).
    fn finish_row(
        &self,
        _knobs: &Knobs,
        _sweep: usize,
        stats: &Stats,
        _anchor: &Anchor,
        _batch: &Batch,
        _row: &Row,
    ) -> Row {
        Row { max: stats.max, ..Row::default() }
    }

    /// The same for sixteen anchors or fewer, one a lane; overridden only to do them at once.
    fn finish_across(
        &self,
        knobs: &Knobs,
        sweep: usize,
        found: &AcrossStats,
        anchors: &[Anchor],
        batch: &Batch,
        rows: &mut [Row; LANES],
    ) {
        for (l, (row, anchor)) in rows.iter_mut().zip(anchors).enumerate() {
            *row = self.finish_row(knobs, sweep, &found.of(l), anchor, batch, row);
        }
    }

    /// The loss of the batch, given the sum of the rows' losses. (`total` is not merged for objectives
    /// that need [`Needs::Row`]: theirs is that sum.)
    fn loss(&self, _knobs: &Knobs, rows: f64, _total: &Stats, _batch: &Batch) -> f64 {
        rows
    }

    /// The coupling ∂L/∂score of each pair, as seen from its anchor.
    fn coupling(
        &self,
        knobs: &Knobs,
        pair: &Pair,
        e: [Lanes; 2],
        row: &RowLanes,
        batch: &BatchLanes<'_>,
    ) -> Lanes;

    /// The WGSL text of the fast form, in pieces; without it the objective runs on the CPU only.
    fn shader(&self) -> Option<&'static [&'static str]> {
        None
    }

    /// Folds a stretch of one anchor's scores into its statistics. With a buffer to `keep` them in
    /// (else empty) the first exponentials stay there for [`Objective::couple`]. Not to be overridden.
    fn fold(
        &self,
        knobs: &Knobs,
        sweep: usize,
        tile: &Tile<'_>,
        row: &Row,
        stats: &mut Stats,
        keep: &mut [f32],
    ) {
        row::fold(self, knobs, sweep, tile, row, stats, keep);
    }

    /// Puts the couplings of a stretch of one anchor in the place of its scores (class family). Not to
    /// be overridden.
    fn couple(&self, knobs: &Knobs, tile: &Tile<'_>, row: &Row, batch: &BatchLanes<'_>, to: Coupled<'_>) {
        row::couple(self, knobs, tile, row, batch, to);
    }

    /// The same for sixteen anchors at once, one a lane (class family). Not to be overridden.
    fn fold_across(
        &self,
        knobs: &Knobs,
        across: &Across<'_>,
        sweep: usize,
        rows: &RowLanes,
        keep: &mut [Lanes],
    ) -> AcrossStats {
        across::fold(self, knobs, across, sweep, rows, keep)
    }

    /// Writes the couplings of sixteen anchors into `kept`, which holds their exponentials. Not to be
    /// overridden.
    fn couple_across(
        &self,
        knobs: &Knobs,
        across: &Across<'_>,
        rows: &RowLanes,
        batch: &BatchLanes<'_>,
        kept: &mut [Lanes],
    ) {
        across::couple(self, knobs, across, rows, batch, kept);
    }

    /// Folds a stretch of pairs into the statistics of both their ends (pair family, with a ceiling or
    /// without exponentials, first sweep). Not to be overridden.
    fn fold_both(&self, knobs: &Knobs, tile: &Tile<'_>, stats: &mut Stats, columns: Columns<'_>) {
        both::fold(self, knobs, tile, stats, columns);
    }

    /// Writes the couplings of a stretch of pairs as seen from both ends, added (pair family). Not to
    /// be overridden.
    fn couple_both(&self, knobs: &Knobs, tile: &Tile<'_>, ends: &Ends<'_>, out: &mut [f32]) {
        both::couple(self, knobs, tile, ends, out);
    }

    /// Both in one go, where the coupling needs [`Needs::Nothing`] or a [`Needs::Factor`], which is left
    /// out. Not to be overridden.
    fn sweep_both(
        &self,
        knobs: &Knobs,
        tile: &Tile<'_>,
        batch: &BatchLanes<'_>,
        stats: &mut Stats,
        out: &mut [f32],
    ) {
        both::sweep(self, knobs, tile, batch, stats, out);
    }
}

/// One summand of an objective expression.
#[derive(Clone, Copy)]
pub struct Term {
    /// The loss.
    pub objective: &'static dyn Objective,
    /// Its weight: any finite number.
    pub weight: f64,
    /// Its parameters.
    pub knobs: Knobs,
}

impl std::fmt::Debug for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}*{}{:?}", self.weight, self.objective.name(), self.knobs)
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.objective.name() == other.objective.name()
            && self.weight == other.weight
            && self.knobs == other.knobs
    }
}
