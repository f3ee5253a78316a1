//! Who pulls a row and who pushes it: the gradient of single rows, kept apart by the class it comes from.
//!
//! The numbers are the couplings that move the row ([`super::term::couplings`]); nothing is derived a second time.

use super::term::{self, Couplings};
use super::{CpuEngine, MarginsAt};
use crate::objectives::{Family, Score};

/// Who acts on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The weight of a class, or (pair objectives) all rows of it.
    Class(u32),
    /// The decay of the row itself.
    Decay,
}

/// What one of them does to a row; a class that pulls and pushes has a part for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Who acts.
    pub by: By,
    /// Whether the loss falls as the row comes nearer: a pull, else a push.
    pub pulls: bool,
    /// −∂L/∂row, d numbers, with what normalising or the sphere will take away again.
    pub push: Vec<f32>,
    /// The share of it that moves the row, d numbers.
    pub moves: Vec<f32>,
}

/// All that acts on one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulled {
    /// The row.
    pub row: u32,
    /// Classes that act, ascending, the pull of each before its push; then the decay.
    pub parts: Vec<Part>,
    /// −∂L/∂cosine with the own class, weight of the term included, one a term (pair objectives: the sum over the
    /// rows of the own class); `None` for a score that is no function of the cosine.
    pub own: Vec<Option<f64>>,
}

impl Pulled {
    /// Where a plain step goes, a unit of rate: the sum of what moves the row.
    pub fn net(&self) -> Vec<f32> {
        sum(self.parts.iter().map(|part| part.moves.as_slice()))
    }

    /// The sum of all pushes, before anything is taken away.
    pub fn push(&self) -> Vec<f32> {
        sum(self.parts.iter().map(|part| part.push.as_slice()))
    }
}

fn sum<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut total: Vec<f64> = Vec::new();
    for vector in vectors {
        total.resize(vector.len(), 0.0);
        total.iter_mut().zip(vector).for_each(|(t, &x)| *t += f64::from(x));
    }
    total.into_iter().map(|x| x as f32).collect()
}

/// What acts on some rows, and how much each row of the data adds to the loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulls {
    /// The rows asked for.
    pub rows: Vec<Pulled>,
    /// N times each row's share of the weighted loss; `None` where the loss is no sum over rows.
    pub losses: Option<Vec<f64>>,
}

/// Gradients of one row by class and way, 2C×d each: of the row as it is, and of the unit row. Pulls of a class come
/// before its pushes.
struct Sums {
    raw: Vec<f64>,
    unit: Vec<f64>,
    acts: Vec<bool>,
}

/// The place of the pull or the push of a class.
fn place(class: usize, pulls: bool) -> usize {
    2 * class + usize::from(!pulls)
}

impl CpuEngine {
    /// What acts on each of `rows` at the present state, over all data.
    pub fn pulls(&mut self, rows: &[u32], margins: MarginsAt) -> Pulls {
        self.in_pool(|engine| engine.pulls_here(rows, margins))
    }

    fn pulls_here(&mut self, rows: &[u32], margins: MarginsAt) -> Pulls {
        self.refresh();
        let Self { problem, counts, state, work, .. } = self;
        let (n, d, classes) = (state.features.value.rows, state.features.value.cols, problem.classes);
        let places: Vec<usize> = rows.iter().map(|&row| row as usize).filter(|&row| row < n).collect();
        let parts = 2 * classes;
        let empty =
            || Sums { raw: vec![0.0; parts * d], unit: vec![0.0; parts * d], acts: vec![false; parts] };
        let mut sums: Vec<Sums> = places.iter().map(|_| empty()).collect();
        let mut own: Vec<Vec<Option<f64>>> = vec![Vec::new(); places.len()];
        let mut losses = Some(vec![0.0f64; n]);
        let labels = &problem.labels;
        work.each_term(problem, counts, state, None, margins, |sides, buffers, _, cosine| {
            let (couplings, loss) = term::couplings(sides, buffers, &places);
            let objective = sides.term.objective;
            let weight = sides.term.weight;
            let all: f64 = buffers.rows.iter().map(|row| row.loss).sum();
            match &mut losses {
                Some(losses) if (all - loss).abs() <= 1e-5 * loss.abs().max(1e-9) => {
                    for (to, row) in losses.iter_mut().zip(&buffers.rows) {
                        *to += weight * row.loss * n as f64;
                    }
                }
                losses => *losses = None,
            }
            for (((&i, of_term), sums), own) in places.iter().zip(&couplings).zip(&mut sums).zip(&mut own) {
                let Couplings { pairs, arc } = of_term;
                let x = sides.x.row(i);
                let (to, distance) = match objective.score() {
                    Score::Raw => (&mut sums.raw, false),
                    Score::Cosine => (&mut sums.unit, false),
                    Score::SquaredDistance => (&mut sums.unit, true),
                };
                let mut with_own = 0.0;
                for (j, &coupling) in pairs.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                    let class = match objective.family() {
                        Family::Class => j,
                        Family::Pair => labels[j] as usize,
                    };
                    // A cosine that is to grow, or a distance that is to shrink.
                    let part = place(class, (coupling < 0.0) != distance);
                    sums.acts[part] = true;
                    if class == labels[i] as usize {
                        with_own -= f64::from(coupling) * if distance { -2.0 } else { 1.0 };
                    }
                    let to = &mut to[part * d..][..d];
                    let other = sides.y.row(j);
                    for ((to, &y), &x) in to.iter_mut().zip(other).zip(x) {
                        let along = if distance { 2.0 * (f64::from(x) - f64::from(y)) } else { f64::from(y) };
                        *to += f64::from(coupling) * along;
                    }
                }
                if *arc != 0.0 {
                    let class = labels[i] as usize;
                    let (mut pull, mut other) = (vec![0.0; d], vec![0.0; d]);
                    sides.pull_along_arc(&buffers.prepared, i, buffers.rows[i].arc, &mut pull, &mut other);
                    let part = place(class, *arc < 0.0);
                    let to = &mut sums.unit[part * d..][..d];
                    to.iter_mut().zip(&pull).for_each(|(to, &x)| *to += f64::from(x));
                    sums.acts[part] = true;
                    let sine = f64::from(buffers.prepared.sines[i]).max(1e-9);
                    with_own -= f64::from(*arc) / sine;
                }
                own.push(cosine.then_some(with_own));
            }
        });
        let sphere = problem.sphere && state.network.is_none();
        let decay = if state.network.is_some() { 0.0 } else { problem.decay.features };
        let pulled = places.iter().zip(sums).zip(own).map(|((&i, sums), own)| {
            let row = Standing::of(state.features.value.row(i), sphere);
            let acting = (0..parts).filter(|&part| sums.acts[part]);
            let mut parts: Vec<Part> = acting
                .map(|part| {
                    let of = part * d..(part + 1) * d;
                    let by = By::Class((part / 2) as u32);
                    row.part(by, part % 2 == 0, &sums.raw[of.clone()], &sums.unit[of])
                })
                .collect();
            if decay != 0.0 {
                let slope: Vec<f64> = row.at.iter().map(|x| decay * x).collect();
                parts.push(row.part(By::Decay, true, &slope, &vec![0.0; d]));
            }
            Pulled { row: i as u32, parts, own }
        });
        Pulls { rows: pulled.collect(), losses }
    }
}

/// A row, its length and direction, and whether it is kept at length 1.
struct Standing {
    at: Vec<f64>,
    unit: Vec<f64>,
    length: f64,
    sphere: bool,
}

impl Standing {
    fn of(row: &[f32], sphere: bool) -> Self {
        let at: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let length = at.iter().map(|x| x * x).sum::<f64>().sqrt().max(crate::optimizer::SHORTEST);
        Self { unit: at.iter().map(|x| x / length).collect(), at, length, sphere }
    }

    /// `vector` without its part along the row.
    fn across(&self, vector: &[f64]) -> Vec<f64> {
        let along: f64 = vector.iter().zip(&self.unit).map(|(x, u)| x * u).sum();
        vector.iter().zip(&self.unit).map(|(x, u)| x - along * u).collect()
    }

    /// From slopes in the row as it is and in the unit row.
    fn part(&self, by: By, pulls: bool, raw: &[f64], unit: &[f64]) -> Part {
        let push = raw.iter().zip(unit).map(|(r, u)| (-r - u / self.length) as f32).collect();
        let turned = self.across(unit);
        let mut moves: Vec<f64> = raw.iter().zip(&turned).map(|(r, u)| -r - u / self.length).collect();
        if self.sphere {
            moves = self.across(&moves);
        }
        Part { by, pulls, push, moves: moves.into_iter().map(|x| x as f32).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Parameter, State};
    use crate::experiment::{Experiment, expression};
    use crate::optimizer::{Method, normalise};
    use crate::simulation::setup::{Setup, set_up};

    fn setup(text: &str, decay: f64) -> Setup {
        let mut terms = expression::parse(text).unwrap();
        expression::resolve(&mut terms, 4);
        let mut setup = set_up(&Experiment {
            objective: terms,
            per_class: Some(6),
            weight_decay: decay,
            views: if ["nt-xent", "cacr"].contains(&text) { 2 } else { 1 },
            ..Experiment::default()
        })
        .unwrap();
        setup.problem.method = Method::Sgd { momentum: 0.0 };
        setup
    }

    fn gap(a: &[f32], b: &[f32]) -> f32 {
        let size = a.iter().map(|x| x.abs()).fold(1e-6, f32::max);
        a.iter().zip(b).map(|(x, y)| (x - y).abs() / size).fold(0.0, f32::max)
    }

    #[test]
    fn parts_of_every_objective_add_up_to_what_a_plain_step_does() {
        let names = crate::objectives::OBJECTIVES.iter().map(|o| o.name().to_owned());
        let sums = ["arcface(margin=0.4) + 0.5*uniformity".to_owned(), "softmax + alignment".to_owned()];
        for text in names.chain(sums) {
            let decay = if text == "softmax" { 0.02 } else { 0.0 };
            let Setup { problem, state, .. } = setup(&text, decay);
            let mut engine = CpuEngine::new(problem.clone(), state.clone(), Some(1));
            let rows: Vec<u32> = (0..24).collect();
            let pulls = engine.pulls(&rows, MarginsAt::Step(0));
            let rate = 0.01;
            engine.advance(&[rate]).unwrap();
            let after = engine.state().unwrap();
            for pulled in &pulls.rows {
                let net = pulled.net();
                let (from, to) = (
                    state.features.value.row(pulled.row as usize),
                    after.features.value.row(pulled.row as usize),
                );
                let mut want: Vec<f32> = from.iter().zip(&net).map(|(x, f)| x + rate as f32 * f).collect();
                if problem.sphere {
                    normalise(&mut want);
                }
                assert!(gap(to, &want) < 2e-6, "{text} row {}: {to:?} {want:?}", pulled.row);
                let moved: f32 = net.iter().map(|x| x.abs()).sum();
                assert!(moved > 0.0 || text == "scattering" || text == "mw", "{text}: nothing acts");
                let decays = pulled.parts.iter().filter(|part| part.by == By::Decay).count();
                assert_eq!(decays, usize::from(decay != 0.0));
            }
        }
    }

    #[test]
    fn of_two_opposite_classes_each_pulls_by_the_logistic_law() {
        // Softmax, weights ±1 on a line, the row at 0.5: p(own) = e^.5/(e^.5 + e^−.5), N = 1, so own and other both
        // give (1 − p)·1 in the same direction.
        let objective = crate::objectives::find("softmax").unwrap();
        let mut problem = setup("softmax", 0.0).problem;
        problem.terms.truncate(1);
        problem.terms[0].objective = objective;
        (problem.labels, problem.instances, problem.classes) = (vec![0], vec![0], 2);
        problem.sphere = false;
        let one = |data: Vec<f32>| {
            let rows = data.len();
            Parameter::new(crate::features::Matrix { rows, cols: 1, data })
        };
        let state = State { features: one(vec![0.5]), weights: one(vec![1.0, -1.0]), ..State::default() };
        let pulls = CpuEngine::new(problem, state, Some(1)).pulls(&[0], MarginsAt::Mean);
        let off = 1.0 / (1.0 + 1f32.exp());
        let parts = &pulls.rows[0].parts;
        assert_eq!(parts.iter().map(|part| part.pulls).collect::<Vec<_>>(), [true, false]);
        assert!(parts.iter().all(|part| (part.moves[0] - off).abs() < 1e-6), "{parts:?} {off}");
        // −ln p of the one row.
        let loss = pulls.losses.unwrap()[0];
        assert!((loss - f64::from((1.0 + (-1f32).exp()).ln())).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn what_a_class_pulls_and_what_it_pushes_are_two_parts_along_opposite_ways() {
        // Alignment draws rows of a class together, uniformity drives all rows apart: the own class does both.
        let Setup { problem, state, .. } = setup("alignment + uniformity", 0.0);
        let mut engine = CpuEngine::new(problem.clone(), state.clone(), Some(1));
        let pulled = engine.pulls(&[0], MarginsAt::Step(0)).rows.remove(0);
        let class = By::Class(problem.labels[0]);
        let own: Vec<&Part> = pulled.parts.iter().filter(|part| part.by == class).collect();
        assert_eq!(own.iter().map(|part| part.pulls).collect::<Vec<_>>(), [true, false]);
        let others = pulled.parts.iter().filter(|part| part.by != class);
        assert!(others.clone().count() == 3 && others.clone().all(|part| !part.pulls));
        // Toward the mean of the other rows of the class, and away from it.
        let rows = state.features.value.rows_iter().zip(&problem.labels).skip(1);
        let mean = sum(rows.filter(|(_, label)| By::Class(**label) == class).map(|(row, _)| row));
        let along = |part: &Part| part.moves.iter().zip(&mean).map(|(a, b)| a * b).sum::<f32>();
        assert!(along(own[0]) > 0.0 && along(own[1]) < 0.0, "{own:?}");
    }
}
