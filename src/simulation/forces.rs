//! Who pulls whom at one state: what arrows and inspector show. Pure functions; a [`Study`] is made where the run is
//! while that is quick, else on the analyst's thread, always by a CPU engine beside the one that runs.

use std::sync::Arc;

use crate::describe;
use crate::engine::cpu::pulls::{By, Part, Pulled, Pulls};
use crate::engine::cpu::{CpuEngine, Sum};
use crate::engine::{Engine as _, MarginsAt, Parameter, Problem, State};
use crate::features::Matrix;
use crate::geometry::projection::Projection;
use crate::objectives::Family;
use crate::snapshot::{Arrow, Arrows, Cast, Forces, Inspected, Inspection, Share};
use crate::theory::Brief;

/// Rows that have arrows, at most.
pub const MOST_ARROWS: usize = 256;
/// The same where each has one for every class: more would be a thicket.
pub const MOST_FANS: usize = 64;
/// Arrows of one row, the longest.
const MOST_OF_A_ROW: usize = 8;
/// Numbers that the pushes of all studied rows may take, rows times classes times dimensions.
const ROOM: usize = 1 << 22;
/// Links of a row that are kept.
const MOST_LINKS: usize = 40;
/// Multiplications that take no longer than a few milliseconds.
const QUICK: u64 = 1 << 22;
/// Beyond so many multiplications nothing is studied: some seconds of one thread.
const MOST_WORK: u64 = 1 << 36;

/// What is to be known of the forces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The arrows.
    pub arrows: Arrows,
    /// The row to be told in numbers.
    pub inspected: Option<u32>,
}

impl Asked {
    /// Whether there is nothing to do.
    pub fn nothing(self) -> bool {
        self == Self::default()
    }
}

/// A state whose forces are to be known.
#[derive(Clone, Debug)]
pub struct Study {
    /// What is minimised.
    pub brief: Arc<Brief>,
    /// Where it is.
    pub state: Arc<State>,
    /// Labels.
    pub cast: Arc<Cast>,
    /// What is asked.
    pub asked: Asked,
}

/// What came of a study. Vectors are in the space of the features.
#[derive(Clone, Debug, Default)]
pub struct Studied {
    /// The step of the state.
    pub step: u64,
    /// What was asked.
    pub asked: Asked,
    /// Row (none for a class weight), class, whether it is a push of the class, and N times the force of each arrow,
    /// a row of `along` each.
    pub arrows: Vec<(Option<u32>, u32, bool)>,
    /// See there.
    pub along: Matrix,
    /// Rows or weights with arrows, and all there are.
    pub shown: (usize, usize),
    /// The row in numbers.
    pub inspection: Inspection,
}

impl Study {
    /// Multiplications of the statistics that the couplings need.
    fn work(&self) -> u64 {
        let (n, d) = (self.state.features.value.rows as u64, self.state.features.value.cols as u64);
        let problem = &self.brief.problem;
        let against = |family| if family == Family::Class { problem.classes as u64 } else { n };
        let terms = problem.terms.iter().map(|term| against(term.objective.family()));
        let network = self.state.network.as_ref().map_or(0, |network| {
            network.layers.iter().map(|layer| layer.matrix.value.data.len() as u64).sum()
        });
        terms.fold(n.saturating_mul(network), |sum, m| {
            sum.saturating_add(n.saturating_mul(m).saturating_mul(d))
        })
    }

    /// Whether it is done in the time of a few steps of a small run.
    pub fn is_quick(&self) -> bool {
        let per_row = (self.brief.problem.classes * self.state.features.value.cols) as u64;
        let rows = if self.asked.arrows == Arrows::Off { 1 } else { MOST_ARROWS as u64 };
        self.work().saturating_add(rows.saturating_mul(per_row)) <= QUICK
    }

    /// Does it.
    pub fn make(&self) -> Studied {
        let nothing = Studied {
            step: self.state.step,
            asked: self.asked,
            along: self.no_arrows(),
            ..Studied::default()
        };
        if self.asked.nothing() {
            return nothing;
        }
        if self.work() > MOST_WORK {
            let why = "its forces would take minutes to compute at this size, and are left out";
            return Studied { inspection: Inspection::Refused(why.into()), ..nothing };
        }
        let mut engine = CpuEngine::new(self.brief.problem.clone(), still(&self.state), None);
        let margins = MarginsAt::Step(self.state.step);
        let rows = self.rows();
        let pulls = if rows.is_empty() { Pulls::default() } else { engine.pulls(&rows, margins) };
        let mut studied = Studied { shown: (self.arrow_rows().len(), self.total()), ..nothing };
        if self.asked.arrows == Arrows::Weights {
            self.pull_weights(&mut engine, margins, &mut studied);
        } else {
            for pulled in pulls.rows.iter().filter(|_| self.asked.arrows != Arrows::Off) {
                self.arrows_of(pulled, &mut studied);
            }
        }
        if let Some(row) = self.asked.inspected {
            studied.inspection = match pulls.rows.iter().find(|pulled| pulled.row == row) {
                Some(pulled) => {
                    let sums = engine.arithmetic(row as usize, margins);
                    let sums: Vec<Sum> = sums.into_iter().map(|sum| sum.cut(MOST_LINKS)).collect();
                    let p_own = sums.iter().find_map(Sum::p_own);
                    let known = Inspected { p_own, sums, ..self.inspect(pulled, pulls.losses.as_deref()) };
                    Inspection::Known(Box::new(known))
                }
                None => Inspection::Refused(format!("there is no row {row}")),
            };
        }
        studied
    }

    fn no_arrows(&self) -> Matrix {
        Matrix::zeros(0, self.state.features.value.cols)
    }

    /// Rows, or class weights, that could have arrows.
    fn total(&self) -> usize {
        match self.asked.arrows {
            Arrows::Weights => self.brief.problem.classes,
            _ => self.state.features.value.rows,
        }
    }

    /// The rows with arrows: some at even distances, those that are shown. A fan is of the picked row alone.
    fn arrow_rows(&self) -> Vec<u32> {
        let there = |row: &u32| (*row as usize) < self.state.features.value.rows;
        if let (Arrows::ByClass, Some(row)) = (self.asked.arrows, self.asked.inspected.filter(there)) {
            return vec![row];
        }
        let per_row = (self.brief.problem.classes * self.state.features.value.cols).max(1);
        let most = match self.asked.arrows {
            Arrows::Off | Arrows::Weights => 0,
            Arrows::ByClass => MOST_FANS,
            _ => MOST_ARROWS,
        };
        let shown = super::picture::shown_rows(self.state.features.value.rows, None);
        let most = most.min((ROOM / per_row).max(usize::from(most > 0))).min(shown.len());
        let mut rows: Vec<u32> = (0..most).map(|k| shown[k * shown.len() / most]).collect();
        if let Some(row) = self.asked.inspected.filter(|row| most > 0 && there(row))
            && let Err(place) = rows.binary_search(&row)
        {
            rows.insert(place, row);
        }
        rows
    }

    /// The rows whose pulls must be known.
    fn rows(&self) -> Vec<u32> {
        let mut rows = self.arrow_rows();
        if rows.is_empty() {
            rows.extend(self.asked.inspected);
        }
        rows
    }

    fn arrows_of(&self, pulled: &Pulled, to: &mut Studied) {
        let n = self.state.features.value.rows as f32;
        let class = self.cast.truth.get(pulled.row as usize).copied().unwrap_or(0);
        let mut add = |class: u32, pushes: bool, vector: &[f32]| {
            to.arrows.push((Some(pulled.row), class, pushes));
            to.along.rows += 1;
            to.along.data.extend(vector.iter().map(|x| n * x));
        };
        match self.asked.arrows {
            Arrows::Net => add(class, false, &pulled.net()),
            Arrows::ByClass => {
                let mut parts: Vec<(u32, &Part)> = pulled
                    .parts
                    .iter()
                    .filter_map(|part| match part.by {
                        By::Class(class) => Some((class, part)),
                        By::Decay => None,
                    })
                    .collect();
                parts.sort_by(|a, b| length(&b.1.moves).total_cmp(&length(&a.1.moves)));
                parts
                    .into_iter()
                    .take(MOST_OF_A_ROW)
                    .for_each(|(class, part)| add(class, !part.pulls, &part.moves));
            }
            Arrows::Sphere | Arrows::Radius => {
                let push = pulled.push();
                let along = outward(&push, self.state.features.value.row(pulled.row as usize));
                let across: Vec<f32> = push.iter().zip(&along).map(|(p, a)| p - a).collect();
                add(class, false, if self.asked.arrows == Arrows::Radius { &along } else { &across });
            }
            Arrows::Off | Arrows::Weights => {}
        }
    }

    /// −∂L/∂weights with decay; on the sphere what runs along it.
    fn pull_weights(&self, engine: &mut CpuEngine, margins: MarginsAt, to: &mut Studied) {
        let problem = &self.brief.problem;
        let weights = &self.state.weights.value;
        let Some(slope) = engine.evaluate(margins).ok().and_then(|found| found.gradient.weights) else {
            to.shown = (0, 0);
            return;
        };
        let n = self.state.features.value.rows as f32;
        to.shown = (weights.rows, weights.rows);
        for (class, slope) in slope.chunks(weights.cols.max(1)).enumerate() {
            let at = weights.row(class);
            let decay = problem.decay.weights;
            let force = slope.iter().zip(at).map(|(g, &w)| (-g - decay * f64::from(w)) as f32);
            let mut force: Vec<f32> = force.collect();
            if problem.sphere {
                let along = outward(&force, at);
                force.iter_mut().zip(along).for_each(|(f, a)| *f -= a);
            }
            to.arrows.push((None, class as u32, false));
            to.along.rows += 1;
            to.along.data.extend(force.iter().map(|x| n * x));
        }
    }

    fn inspect(&self, pulled: &Pulled, losses: Option<&[f64]>) -> Inspected {
        let problem: &Problem = &self.brief.problem;
        let points = &self.state.features.value;
        let (row, n) = (pulled.row as usize, points.rows as f64);
        let class = problem.labels[row];
        let weighted = problem.uses_weights();
        let centres = if weighted {
            self.state.weights.value.clone()
        } else {
            describe::means(points, &problem.labels, problem.classes)
        };
        let here = points.row(row);
        let own = centres.row(class as usize);
        let of_class = points.rows_iter().zip(&problem.labels).filter(|(_, label)| **label == class);
        let angles: Vec<f64> = of_class.filter_map(|(row, _)| angle(row, own)).collect();
        let others = (0..centres.rows as u32).filter(|other| *other != class);
        let nearest = others
            .filter_map(|other| Some((other, angle(here, centres.row(other as usize))?)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let net = pulled.net();
        let size = length(&net);
        let share = |part: &Part| {
            let along = if size > 0.0 { n * dot(&part.moves, &net) / size } else { 0.0 };
            Share { by: part.by, pull: n * length(&part.moves) * if part.pulls { 1.0 } else { -1.0 }, along }
        };
        let push = pulled.push();
        let radius = outward(&push, here);
        let across: Vec<f32> = push.iter().zip(&radius).map(|(p, a)| p - a).collect();
        let own_pull: Option<f64> = pulled.own.iter().copied().sum();
        Inspected {
            row: pulled.row,
            step: self.state.step,
            class,
            weighted,
            own_angle: angle(here, own),
            class_angle: (!angles.is_empty()).then(|| angles.iter().sum::<f64>() / angles.len() as f64),
            nearest,
            loss: losses.map(|losses| {
                let loss = losses[row];
                (loss, 1 + losses.iter().filter(|other| **other > loss).count())
            }),
            p_own: None,
            net: n * size,
            shares: pulled.parts.iter().map(share).collect(),
            sphere: n * length(&across),
            radius: n * dot(&push, here) / length(here).max(crate::optimizer::SHORTEST),
            kept_radius: n * dot(&net, here) / length(here).max(crate::optimizer::SHORTEST),
            own_pull: own_pull.map(|pull| n * pull),
            sums: Vec::new(),
            rows: points.rows,
            batch: problem.batch,
            network: self.state.network.is_some(),
        }
    }
}

impl Studied {
    /// The arrows as they lie in a picture of the present points.
    pub fn project(&self, axes: &Projection, points: &Matrix, weights: Option<&Matrix>) -> Forces {
        let along = axes.project_directions(&self.along);
        let arrows = self.arrows.iter().zip(along).filter_map(|(&(row, class, pushes), along)| {
            let from = match row {
                Some(row) if (row as usize) < points.rows => points.row(row as usize),
                Some(_) => return None,
                None => weights.filter(|weights| (class as usize) < weights.rows)?.row(class as usize),
            };
            Some(Arrow { row, class, pushes, from: axes.project_one(from), along })
        });
        Forces {
            kind: self.asked.arrows,
            step: self.step,
            shown: self.shown.0,
            of: self.shown.1,
            arrows: arrows.collect(),
        }
    }
}

/// A state without the moments, which nobody looks at here.
fn still(state: &State) -> State {
    let bare = |of: &Parameter| Parameter { value: of.value.clone(), ..Parameter::default() };
    State {
        step: state.step,
        features: bare(&state.features),
        weights: bare(&state.weights),
        bias: state.bias.as_ref().map(bare),
        network: state.network.clone(),
    }
}

/// The part of a vector along a row.
fn outward(vector: &[f32], row: &[f32]) -> Vec<f32> {
    let square = dot(row, row).max(crate::optimizer::SHORTEST);
    let share = (dot(vector, row) / square) as f32;
    row.iter().map(|x| share * x).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
}

fn length(row: &[f32]) -> f64 {
    dot(row, row).sqrt()
}

/// The angle between two rows in degrees; `None` where one has no direction.
fn angle(a: &[f32], b: &[f32]) -> Option<f64> {
    let lengths = length(a) * length(b);
    (lengths > 0.0).then(|| (dot(a, b) / lengths).clamp(-1.0, 1.0).acos().to_degrees())
}

#[cfg(test)]
mod tests;
