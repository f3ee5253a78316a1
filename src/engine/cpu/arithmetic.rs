//! The arithmetic of one row as a person would write it down: its scores, what enters the exponentials, what each
//! weighs, and the couplings. Read from the loops that move the row; no formula lives here.

use super::term::{self, Couplings};
use super::tiles::with_tiles;
use super::{CpuEngine, MarginsAt};
use crate::lanes::{LANES, LOWEST};
use crate::objectives::{Family, Score};

/// A row and one of its candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The class weight (class family) or the row (pair family).
    pub candidate: u32,
    /// The class of it.
    pub class: u32,
    /// Whether it is the target, or a positive.
    pub positive: bool,
    /// The score.
    pub score: f64,
    /// What enters the exponential: of the target with its margin. `None` where the pair has none.
    pub exponent: Option<f64>,
    /// e^exponent over the sum of them: the first exponential's, or for pairs that are only in the second, that one's.
    pub weight: Option<f64>,
    /// N·∂L/∂score, the weight of the term included; in the pair family both directions together.
    pub coupling: f64,
}

/// One term of the objective at one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// The objective's name.
    pub name: &'static str,
    /// The weight of the term.
    pub factor: f64,
    /// Who the candidates are.
    pub family: Family,
    /// What a score is.
    pub score: Score,
    /// N·∂L/∂θ toward the target, where the pull goes along the arc and not by the score.
    pub arc: f64,
    /// The pairs, in the order of the candidates.
    pub links: Vec<Link>,
    /// How many pairs there are, those that were [left out](Sum::cut) too.
    pub count: usize,
    /// What the couplings of all of them add up to.
    pub total: f64,
}

impl Sum {
    /// The share of the own class in the first exponential (class family): p(own). `None` where the objective has no
    /// such thing.
    pub fn p_own(&self) -> Option<f64> {
        let own = self.links.iter().find(|link| link.positive)?;
        if self.family == Family::Class { own.weight } else { None }
    }

    /// The same with at most so many links: the target and the strongest. Pairs of rows come strongest first.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        let target = |link: &Link| self.family == Family::Class && link.positive;
        if self.family == Family::Pair || self.links.len() > most {
            self.links.sort_by(|a, b| {
                let strength = |link: &Link| (target(link), link.coupling.abs());
                strength(b).partial_cmp(&strength(a)).unwrap_or(std::cmp::Ordering::Equal)
            });
            self.links.truncate(most);
        }
        self
    }
}

impl CpuEngine {
    /// The arithmetic of row `i` at the present state, over all data: a [`Sum`] for each term.
    pub fn arithmetic(&mut self, i: usize, margins: MarginsAt) -> Vec<Sum> {
        self.in_pool(|engine| engine.arithmetic_here(i, margins))
    }

    fn arithmetic_here(&mut self, i: usize, margins: MarginsAt) -> Vec<Sum> {
        self.refresh();
        let Self { problem, counts, state, work, .. } = self;
        let n = state.features.value.rows;
        if i >= n || state.features.value.cols == 0 {
            return Vec::new();
        }
        let labels = &problem.labels;
        let mut sums = Vec::new();
        work.each_term(problem, counts, state, None, margins, |sides, buffers, _, _| {
            let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
            let (couplings, _) = term::couplings(sides, buffers, &[i]);
            let Some(Couplings { pairs, arc }) = couplings.into_iter().next() else { return };
            let used = objective.exponentials();
            let mut links: Vec<(Link, [f64; 2])> = Vec::new();
            with_tiles(|scores, _| {
                for (start, len) in sides.tiles(0) {
                    sides.scores(&buffers.panels, (i, 1), (start, len), scores);
                    let tile = sides.tile(&buffers.prepared, i, (start, len), scores);
                    tile.each(|chunk, pair| {
                        let first = chunk * LANES;
                        let exponents = objective.exponents(knobs, pair);
                        for l in (0..LANES).take_while(|l| first + l < len) {
                            let lane = |lanes: crate::lanes::Lanes| f64::from(lanes.0[l]);
                            let positive = pair.positive.0[l] != 0;
                            if !positive && pair.negative.0[l] == 0 {
                                continue;
                            }
                            let j = start + first + l;
                            let class = match objective.family() {
                                Family::Class => j as u32,
                                Family::Pair => labels[j],
                            };
                            let link = Link {
                                candidate: j as u32,
                                class,
                                positive,
                                score: f64::from(tile.scores[first + l]),
                                exponent: None,
                                weight: None,
                                coupling: f64::from(pairs[j]) * n as f64,
                            };
                            let in_use =
                                |k: usize| if k < used { lane(exponents[k]) } else { f64::from(LOWEST) };
                            links.push((link, [in_use(0), in_use(1)]));
                        }
                    });
                }
            });
            sums.push(Sum {
                name: objective.name(),
                factor: sides.term.weight,
                family: objective.family(),
                score: objective.score(),
                arc: f64::from(arc) * n as f64,
                count: links.len(),
                total: links.iter().map(|(link, _)| link.coupling).sum(),
                links: weighed(links),
            });
        });
        sums
    }
}

/// Gives every link its exponent and its share of the exponential it is in.
fn weighed(links: Vec<(Link, [f64; 2])>) -> Vec<Link> {
    let there = |x: f64| x > f64::from(LOWEST);
    let total = |k: usize| {
        let most = links.iter().map(|(_, x)| x[k]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = links.iter().filter(|(_, x)| there(x[k])).map(|(_, x)| (x[k] - most).exp()).sum();
        (most, sum)
    };
    let totals = [total(0), total(1)];
    let place = |x: [f64; 2]| (0..2).find(|&k| there(x[k]));
    links
        .into_iter()
        .map(|(link, x)| match place(x) {
            Some(k) => {
                let weight = (x[k] - totals[k].0).exp() / totals[k].1;
                Link { exponent: Some(x[k]), weight: Some(weight), ..link }
            }
            None => link,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, expression};
    use crate::simulation::setup::{Setup, set_up};

    fn engine(text: &str) -> CpuEngine {
        let mut terms = expression::parse(text).unwrap();
        expression::resolve(&mut terms, 4);
        let views = if ["nt-xent", "cacr"].contains(&text) { 2 } else { 1 };
        let experiment = Experiment { objective: terms, per_class: Some(6), views, ..Experiment::default() };
        let Setup { problem, state, .. } = set_up(&experiment).unwrap();
        CpuEngine::new(problem, state, Some(1))
    }

    #[test]
    fn cross_entropy_is_read_off_as_its_textbook_has_it() {
        // Of one row: −ln p(own) is its loss, and ∂L/∂logit is p − y, whatever the margin.
        for (text, scale) in [("softmax", 1.0), ("normface(scale=4)", 4.0), ("cosface(scale=4)", 4.0)] {
            let mut engine = engine(text);
            let losses = engine.pulls(&[3], MarginsAt::Mean).losses.unwrap();
            let sum = engine.arithmetic(3, MarginsAt::Mean).remove(0);
            let p = sum.p_own().unwrap();
            assert!((-p.ln() - losses[3]).abs() < 1e-5, "{text}: {p} {}", losses[3]);
            for link in &sum.links {
                let y = f64::from(u8::from(link.positive));
                let want = scale * (link.weight.unwrap() - y);
                assert!((link.coupling - want).abs() < 1e-5, "{text}: {link:?} {want}");
            }
            assert!(sum.total.abs() < 1e-5, "p − y adds up to 0: {}", sum.total);
            let cut = sum.clone().cut(2);
            assert!(cut.links.len() == 2 && cut.p_own() == sum.p_own() && cut.count == 4);
        }
    }

    #[test]
    fn the_arithmetic_of_every_objective_has_the_couplings_that_move_the_row() {
        for objective in crate::objectives::OBJECTIVES {
            let mut engine = engine(objective.name());
            let couplings = engine.couplings(5, MarginsAt::Mean).remove(0);
            let n = engine.problem.labels.len() as f64;
            let sum = engine.arithmetic(5, MarginsAt::Mean).remove(0);
            let others = couplings.pairs.len() - usize::from(objective.family() == Family::Pair);
            assert_eq!(sum.links.len(), others, "{}", objective.name());
            for link in &sum.links {
                let want = f64::from(couplings.pairs[link.candidate as usize]) * n;
                assert!((link.coupling - want).abs() <= 1e-6 * want.abs(), "{}", objective.name());
            }
            let weights: f64 = sum.links.iter().filter_map(|link| link.weight).sum();
            let whole = objective.exponentials() as f64;
            assert!(
                (weights - whole).abs() < 1e-6 || whole == 0.0 && weights == 0.0,
                "{}: {weights}",
                sum.name
            );
        }
    }
}
