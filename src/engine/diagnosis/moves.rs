//! The update tried out on copies, row by row: whose numbers do not stay finite, and go farthest.

use num_traits::Float;

use super::{Diagnosis, Precision, Search, What, Whom, Witness, Written};
use crate::engine::{Evaluation, Gradient, Parameter};
use crate::models::Network;
use crate::optimizer::{Method, RowState, project, update_row};

/// A matrix of parameters.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Points,
    Inputs,
    Weights,
    Bias,
    Layer(u32),
    LayerBias(u32),
}

impl Side {
    /// Whose a number is, by its row and column.
    fn whom(self, row: usize, column: usize) -> Whom {
        let (row, column) = (row as u32, column as u32);
        match self {
            Self::Points => Whom::Point(row),
            Self::Inputs => Whom::Input(row),
            Self::Weights => Whom::Weight(row),
            Self::Bias => Whom::Bias(column),
            Self::Layer(layer) => Whom::Unit { layer, unit: row },
            Self::LayerBias(layer) => Whom::Unit { layer, unit: column },
        }
    }
}

/// A matrix of parameters that a step moves.
struct Part<'a> {
    side: Side,
    parameter: &'a Parameter,
    /// Its rows that move, where those are not all.
    rows: Option<&'a [u32]>,
    /// A row for each of them, decay left out.
    gradient: &'a [f64],
    /// λ, with the share by which a batch stands for all rows.
    decay: f64,
    sphere: bool,
}

/// A row after a step, and the gradient it moved along.
struct Tried {
    gradient: Vec<f64>,
    value: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

/// What of a row could not be written.
struct Missed {
    side: Side,
    place: usize,
    row: usize,
    column: usize,
    what: What,
    size: f64,
}

/// Moves a copy of a row in numbers of one kind.
fn tried<T: Float>(part: &Part<'_>, place: usize, row: usize, method: Method, rate: f64, step: u64) -> Tried {
    let d = part.parameter.value.cols;
    let cast = |x: f64| T::from(x).unwrap_or_else(T::nan);
    let copy =
        |m: &crate::features::Matrix| -> Vec<T> { m.row(row).iter().map(|&x| cast(f64::from(x))).collect() };
    let [mut value, mut first, mut second] =
        [&part.parameter.value, &part.parameter.first, &part.parameter.second].map(copy);
    let decay = cast(part.decay);
    let slope = part.gradient[place * d..(place + 1) * d].iter().zip(&value);
    let mut gradient: Vec<T> = slope.map(|(&g, &x)| cast(g) + decay * x).collect();
    let wide = |data: &[T]| data.iter().map(|x| x.to_f64().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    let along = wide(&gradient);
    let state = RowState { value: &mut value, first: &mut first, second: &mut second };
    update_row(state, &mut gradient, method, cast(rate), step, part.sphere);
    Tried { gradient: along, value: wide(&value), first: wide(&first), second: wide(&second) }
}

impl Search<'_> {
    /// What a step moves, as [`crate::optimizer::Moves`] and the objective say.
    fn parts<'a>(&'a self, gradient: &'a Gradient) -> Vec<Part<'a>> {
        let (problem, state) = (self.problem, self.state);
        let mut parts = Vec::new();
        let mut add = |side: Side, parameter, rows, gradient, sphere| {
            let decay = match side {
                Side::LayerBias(_) => 0.0,
                _ => self.decay_of(side.whom(0, 0)),
            };
            parts.push(Part { side, parameter, rows, gradient, decay, sphere });
        };
        if problem.moves.features() {
            match (&state.network, &gradient.network) {
                (Some(network), Some(of_network)) => {
                    if let Some(inputs) = &of_network.inputs {
                        add(Side::Inputs, &network.inputs, self.rows, inputs, false);
                    }
                    for (l, (layer, (matrix, bias))) in
                        network.layers.iter().zip(&of_network.layers).enumerate()
                    {
                        add(Side::Layer(l as u32), &layer.matrix, None, matrix, false);
                        if let (Some(parameter), Some(bias)) = (&layer.bias, bias) {
                            add(Side::LayerBias(l as u32), parameter, None, bias, false);
                        }
                    }
                }
                _ => add(Side::Points, &state.features, self.rows, &gradient.features, problem.sphere),
            }
        }
        if problem.moves.weights() {
            if let Some(of_weights) = &gradient.weights {
                add(Side::Weights, &state.weights, None, of_weights, problem.sphere);
            }
            if let (Some(bias), Some(of_bias)) = (&state.bias, &gradient.bias) {
                add(Side::Bias, bias, None, of_bias, false);
            }
        }
        parts
    }

    fn tried(&self, part: &Part<'_>, place: usize, row: usize) -> Tried {
        let (method, step) = (self.problem.method, self.state.step);
        match self.precision {
            Precision::Single => tried::<f32>(part, place, row, method, self.rate, step),
            Precision::Double => tried::<f64>(part, place, row, method, self.rate, step),
        }
    }

    /// What of a row a step cannot write, and what it would be in f64, before the sphere makes it short again.
    fn missed(&self, part: &Part<'_>, place: usize, row: usize, found: &Tried) -> Option<Missed> {
        // A state holds numbers of f32, whatever the engine.
        let odd = |x: &f64| !(*x as f32).is_finite();
        let missed = |column: usize, what: What, size: f64| Missed {
            side: part.side,
            place,
            row,
            column,
            what,
            size: if size.is_nan() { f64::INFINITY } else { size.abs() },
        };
        if let Some(column) = found.gradient.iter().position(odd) {
            let value = f64::from(part.parameter.value.row(row)[column]);
            let what = What::Decay { factor: part.decay, value };
            return Some(missed(column, what, part.decay * value));
        }
        let of = [
            (Written::First, &found.first),
            (Written::Second, &found.second),
            (Written::Value, &found.value),
        ];
        let (written, column) =
            of.into_iter().find_map(|(written, data)| data.iter().position(odd).map(|at| (written, at)))?;
        let mut gradient: Vec<f64> = found.gradient.clone();
        if part.sphere {
            let at: Vec<f64> = part.parameter.value.row(row).iter().map(|&x| f64::from(x)).collect();
            project(&at, &mut gradient);
        }
        let free = Part {
            gradient: &gradient,
            decay: 0.0,
            sphere: false,
            side: part.side,
            parameter: part.parameter,
            rows: None,
        };
        let exact = tried::<f64>(&free, 0, row, self.problem.method, self.rate, self.state.step);
        let numbers = match written {
            Written::First => &exact.first,
            Written::Second => &exact.second,
            Written::Value => &exact.value,
        };
        // The number that goes farthest says it best; the one that was met is one of them.
        let far =
            |column: &usize| if numbers[*column].is_nan() { f64::INFINITY } else { numbers[*column].abs() };
        let at = (0..numbers.len()).max_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(column);
        let column = if matches!(part.side, Side::Bias | Side::LayerBias(_)) { column } else { at };
        let what = What::Update { written, value: numbers[column], gradient: gradient[column] };
        Some(missed(column, what, numbers[column]))
    }

    /// What a step along a finite gradient cannot do.
    pub(super) fn moved(&self, witness: &mut dyn Witness, evaluation: &Evaluation) -> Diagnosis {
        let mut worst: Option<Missed> = None;
        let (mut odd, mut all) = (Vec::new(), Vec::new());
        let mut longest: Option<(f64, Whom, usize)> = None;
        let mut squares = 0.0;
        let mut after: Option<Network> = self.state.network.clone();
        for part in self.parts(&evaluation.gradient) {
            let d = part.parameter.value.cols.max(1);
            let count = part.gradient.len() / d;
            for place in 0..count {
                let row = part.rows.map_or(place, |rows| rows[place] as usize);
                let found = self.tried(&part, place, row);
                let square: f64 = found.gradient.iter().map(|g| g * g).sum();
                squares += square;
                if longest.is_none_or(|(most, ..)| square > most) {
                    longest = Some((square, part.side.whom(row, 0), place));
                }
                if let Some(network) = &mut after {
                    write(network, part.side, row, &found.value);
                }
                if let Some(missed) = self.missed(&part, place, row, &found) {
                    odd.push(part.side);
                    if worst.as_ref().is_none_or(|worst| missed.size > worst.size) {
                        worst = Some(missed);
                    }
                }
            }
            all.push((part.side, count));
        }
        if let Some(Missed { side, place, row, column, what, .. }) = worst {
            let whom = side.whom(row, column);
            let found = match whom {
                Whom::Point(_) => self.pulled(witness, place, what),
                Whom::Weight(class) => self.pulling(witness, class as usize, what),
                Whom::Input(_) => self.pulled_input(witness, place, what),
                Whom::Unit { layer, unit } => {
                    let of_bias = matches!(side, Side::LayerBias(_));
                    self.pulling_unit(evaluation, (layer as usize, unit as usize), of_bias, what)
                }
                Whom::Bias(_) => self.blank(what, Some(whom), None),
            };
            let of = all.iter().find(|(other, _)| *other == side).map_or(0, |(_, count)| *count);
            let share = Some((odd.iter().filter(|other| **other == side).count(), of));
            return Diagnosis { share: share.filter(|_| of > 1), ..found };
        }
        if let Some(found) = after.as_ref().and_then(|network| self.outputs_after(network)) {
            return found;
        }
        // What is left are sums that an engine takes in f32.
        let most = f64::from(f32::MAX);
        if let Some(term) = evaluation.terms.iter().position(|loss| loss.abs() > most) {
            return self.in_term(term, self.blank(What::Sum, None, None));
        }
        let gradient = longest.map_or(0.0, |(square, ..)| square.sqrt());
        let whom = longest.map(|(_, whom, _)| whom);
        let what = if squares > most { What::Squares { gradient } } else { What::Nothing { gradient } };
        match longest {
            Some((_, Whom::Point(_), place)) => self.pulled(witness, place, what),
            _ => self.blank(what, whom, None),
        }
    }
}

/// Puts a row of what moves into a network.
fn write(network: &mut Network, side: Side, row: usize, value: &[f64]) {
    let parameter = match side {
        Side::Inputs => Some(&mut network.inputs),
        Side::Layer(l) => network.layers.get_mut(l as usize).map(|layer| &mut layer.matrix),
        Side::LayerBias(l) => network.layers.get_mut(l as usize).and_then(|layer| layer.bias.as_mut()),
        _ => None,
    };
    if let Some(parameter) = parameter {
        for (to, &x) in parameter.value.row_mut(row).iter_mut().zip(value) {
            *to = x as f32;
        }
    }
}
