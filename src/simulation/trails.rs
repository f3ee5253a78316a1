//! The ways that class means and some points have come: read from the states that going back in time keeps anyway.
//!
//! So a trail is always that of the present line up to the present step, however one came there: what was given up by
//! going back is not on it. What is taken from a state is kept as long as that state is; nothing is, and nothing costs,
//! while no trails are wanted.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::timeline::Timeline;
use crate::engine::State;
use crate::features::Matrix;
use crate::geometry::projection::Projection;
use crate::snapshot::{Cast, LEAST_PLACES, MOST_TRAIL_BYTES, TRAIL_STEPS, Trailed};

/// The most classes whose means leave a trail.
const MOST_CLASSES: usize = 64;
/// The most rows that do, beside the picked one.
const MOST_ROWS: usize = 40;
/// Numbers looked at in one go: the places of older states come with later goes.
const WORK: usize = 1 << 23;

/// Places of what leaves trails.
#[derive(Default)]
pub(super) struct Trails {
    /// What leaves one, the classes first.
    of: Vec<Trailed>,
    /// By step: the state, and a row for each of `of`.
    places: BTreeMap<u64, (Weak<State>, Matrix)>,
    picked: Option<u32>,
    /// The labels that `of` was chosen by.
    cast: Weak<Cast>,
}

impl Trails {
    /// Takes in the present state and the kept ones before it.
    pub(super) fn follow(
        &mut self,
        timeline: &Timeline,
        state: &Arc<State>,
        cast: &Arc<Cast>,
        picked: Option<u32>,
    ) {
        let points = &state.features.value;
        let same = self.cast.ptr_eq(&Arc::downgrade(cast)) && self.picked == picked;
        let fits = self.places.values().next().is_none_or(|(_, matrix)| matrix.cols == points.cols);
        if !same || !fits {
            let of = chosen(cast, points, picked);
            *self = Self { of, places: BTreeMap::new(), picked, cast: Arc::downgrade(cast) };
        }
        let mut wanted = vec![state.clone()];
        while let Some(last) = wanted.last().filter(|last| last.step > 0) {
            let Some(before) = timeline.frame_before(last.step - 1) else { break };
            let old = before.step + TRAIL_STEPS < state.step;
            if old && wanted.len() >= LEAST_PLACES || wanted.len() > TRAIL_STEPS as usize {
                break;
            }
            wanted.push(before);
        }
        let known = |(of, _): &(Weak<State>, Matrix), state: &Arc<State>| of.ptr_eq(&Arc::downgrade(state));
        self.places
            .retain(|step, place| wanted.iter().any(|state| state.step == *step && known(place, state)));
        let mut work = WORK;
        // The newest come first: `wanted` goes back in time.
        for state in &wanted {
            let size = state.features.value.data.len();
            if self.places.contains_key(&state.step) || state.features.value.cols != points.cols {
                continue;
            }
            if size > work && work < WORK {
                break;
            }
            work = work.saturating_sub(size);
            self.places.insert(state.step, (Arc::downgrade(state), self.taken(&state.features.value, cast)));
        }
    }

    /// Where everything that leaves a trail is.
    fn taken(&self, points: &Matrix, cast: &Cast) -> Matrix {
        let mut sums: BTreeMap<u32, (Vec<f64>, f64)> = BTreeMap::new();
        for of in &self.of {
            if let Trailed::Class(class) = of {
                sums.insert(*class, (vec![0.0; points.cols], 0.0));
            }
        }
        for (row, label) in points.rows_iter().zip(&cast.labels) {
            if let Some((sum, count)) = sums.get_mut(label) {
                *count += 1.0;
                sum.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
            }
        }
        let mut places = Matrix::zeros(self.of.len(), points.cols);
        for (to, of) in self.of.iter().enumerate() {
            match of {
                Trailed::Row(row) => places.row_mut(to).copy_from_slice(points.row(*row as usize)),
                Trailed::Class(class) => {
                    let Some((sum, count)) = sums.get(class) else { continue };
                    places.row_mut(to).iter_mut().zip(sum).for_each(|(x, sum)| *x = (sum / count) as f32);
                }
            }
        }
        places
    }

    /// The trails along axes.
    pub(super) fn seen(&self, axes: &Projection) -> crate::snapshot::Trails {
        let mut ways: Vec<(Trailed, Vec<[f32; 3]>)> = self.of.iter().map(|of| (*of, Vec::new())).collect();
        for (_, places) in self.places.values().filter(|(_, places)| places.cols == axes.centre.len()) {
            for ((_, way), place) in ways.iter_mut().zip(axes.project(places)) {
                way.push(place);
            }
        }
        crate::snapshot::Trails { steps: self.places.keys().copied().collect(), ways }
    }
}

/// What leaves a trail: class means, the picked row and rows at even distances, as many as there are bytes for.
fn chosen(cast: &Cast, points: &Matrix, picked: Option<u32>) -> Vec<Trailed> {
    let most = MOST_TRAIL_BYTES / (4 * (TRAIL_STEPS as usize + 1) * points.cols.max(1));
    let evenly = |count: usize, most: usize| {
        let shown = count.min(most);
        (0..shown).map(move |k| (k as u64 * count as u64 / shown.max(1) as u64) as u32)
    };
    let picked = picked.filter(|row| (*row as usize) < points.rows);
    let mut present = cast.labels.clone();
    present.sort_unstable();
    present.dedup();
    let room = most.saturating_sub(usize::from(picked.is_some()));
    let classes = evenly(present.len(), MOST_CLASSES.min(room)).map(|k| Trailed::Class(present[k as usize]));
    let mut of: Vec<Trailed> = if cast.labelled { classes.collect() } else { Vec::new() };
    of.extend(picked.map(Trailed::Row));
    let room = MOST_ROWS.min(most.saturating_sub(of.len()));
    of.extend(evenly(points.rows, room).filter(|row| Some(*row) != picked).map(Trailed::Row));
    of
}
