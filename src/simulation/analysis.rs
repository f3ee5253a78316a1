//! The geometry of one state: numbers, angles, cosines, and the axes of the picture.
//!
//! Pure functions; the thread that calls them beside the run is [`super::analyst`].

use std::sync::Arc;

use super::forces::{Studied, Study};
use super::law;
use crate::engine::State;
use crate::experiment::holdout::Exam;
use crate::features::Matrix;
use crate::geometry::projection::{PROJECTIONS, Projection, Source};
use crate::geometry::{Classes, Sample, angles, gram, measure_cheap, spread};
use crate::snapshot::{Cast, Geometry, Law};
use crate::theory::Brief;
use crate::theory::remarks::{Situation, remarks};

/// Pairs of each kind that the angle histogram looks at.
const ANGLE_BUDGET: u64 = 100_000;

/// What is to be analysed.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which line and settings of which run the state belongs to.
    pub token: u64,
    /// The step of the state.
    pub step: u64,
    /// N×d features.
    pub points: Arc<Matrix>,
    /// C×d class weights, where a term uses them.
    pub weights: Option<Arc<Matrix>>,
    /// The bias, where there is one.
    pub bias: Option<Arc<Matrix>>,
    /// Labels.
    pub cast: Arc<Cast>,
    /// What is proved about the problem.
    pub brief: Arc<Brief>,
    /// What is minimised, at this state.
    pub loss: f64,
    /// What that was at the first step, where nothing was changed since.
    pub begun: Option<f64>,
    /// ‖gradient‖, once it is known.
    pub gradient_norm: Option<f64>,
    /// Whether class scores are cosines.
    pub cosine_scores: bool,
    /// Which projection.
    pub projection: usize,
    /// The axes of the last picture, to stay near.
    pub previous: Option<Arc<Projection>>,
    /// For the random projection and the tour.
    pub seed: u64,
    /// The classes that span the class plane.
    pub plane: Option<[u32; 3]>,
    /// How far along the tour is.
    pub phase: f64,
    /// The rows held out, and the parameters that are judged by them.
    pub exam: Option<(Exam, State)>,
    /// Forces to be found, where that is not done with the steps.
    pub study: Option<Study>,
    /// Force laws to be found, with those that are known.
    pub law: Option<(law::Wanted, Arc<Law>)>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// As in the job.
    pub token: u64,
    /// As in the job.
    pub projection: usize,
    /// The numbers.
    pub geometry: Geometry,
    /// The axes, or why there are none.
    pub axes: Result<Arc<Projection>, String>,
    /// The forces that were asked for.
    pub studied: Option<Studied>,
    /// The laws that were asked for.
    pub law: Option<Law>,
}

impl Job {
    /// The state, as metrics want it.
    pub fn sample(&self) -> Sample<'_> {
        Sample {
            points: &self.points,
            labels: self.cast.labelled.then_some(self.cast.labels.as_slice()),
            weights: self.weights.as_deref(),
            bias: self.bias.as_ref().map(|bias| bias.data.as_slice()),
            cosine_scores: self.cosine_scores,
            class_sizes: None,
        }
    }
}

/// Measures a state.
pub fn analyse(job: &Job) -> Analysis {
    let sample = job.sample();
    let labels = sample.labels;
    let classes = labels.and_then(|labels| Classes::new(&job.points, labels).ok());
    let mut measured = measure_cheap(&sample);
    let nothing = Matrix::zeros(0, job.points.cols);
    let weights = job.weights.as_deref().unwrap_or(&nothing);
    if job.brief.has_certificate() {
        job.brief.certify(&mut measured, &job.points, weights, sample.bias);
    }
    let remarks = remarks(&Situation {
        problem: &job.brief.problem,
        case: &job.brief.case,
        floor: &job.brief.theory.floor,
        loss: job.loss,
        begun: job.begun,
        points: &job.points,
        weights,
        frame_distance: measured.get("nc2_etf_distance"),
        gradient_norm: job.gradient_norm,
    });
    let geometry = Geometry {
        loss: job.loss,
        step: job.step,
        measured,
        fit: job.brief.fit(&job.points, job.weights.as_deref()),
        remarks,
        held: job.exam.as_ref().and_then(|(exam, candidate)| exam.judge(candidate.clone()).ok()),
        angles: angles::histogram(&job.points, labels, 180, ANGLE_BUDGET).ok(),
        gram: classes.as_ref().and_then(|classes| gram::class_gram(classes, false).ok()),
        means: classes.as_ref().map_or_else(Matrix::default, |classes| {
            Matrix::from_fn(classes.len(), job.points.cols, |class, i| classes.means[(i, class)] as f32)
        }),
        spreads: classes.as_ref().map_or(Vec::new(), |classes| spread::spreads(&job.points, classes)),
    };
    Analysis {
        token: job.token,
        projection: job.projection,
        geometry,
        axes: axes(job, classes.as_ref()),
        studied: job.study.as_ref().map(Study::make),
        law: job.law.as_ref().map(|(wanted, before)| wanted.make(before)),
    }
}

/// The axes of the picture.
pub fn axes(job: &Job, classes: Option<&Classes>) -> Result<Arc<Projection>, String> {
    let kind = PROJECTIONS[job.projection.min(PROJECTIONS.len() - 1)];
    let source = Source {
        points: &job.points,
        classes,
        plane: job.plane,
        previous: job.previous.as_deref(),
        seed: job.seed,
        phase: job.phase,
    };
    (kind.build)(&source).map(Arc::new).map_err(|reason| reason.to_string())
}
