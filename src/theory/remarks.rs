//! Why a state is not at its floor, or at its floor and not at its frame: what can be said from the state itself.

use crate::engine::Problem;
use crate::features::Matrix;
use crate::objectives::{Case, Family, Floor, Frame, Score};

/// A loss this far above its floor is not there.
const AWAY: f64 = 1e-3;
/// And this near it is.
const NEAR: f64 = 1e-4;
/// A frame at more than this distance is unfinished.
const UNFINISHED: f64 = 0.01;
/// A loss this many times as large as where it began has been driven there: no step that goes down overshoots so far.
const DRIVEN: f64 = 10.0;

/// What is known of a state.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What is minimised.
    pub problem: &'a Problem,
    /// The situation of its floor.
    pub case: &'a Case,
    /// The floor.
    pub floor: &'a Floor,
    /// The loss, decay included.
    pub loss: f64,
    /// What it was at the first step, where nothing was changed since.
    pub begun: Option<f64>,
    /// N×d.
    pub points: &'a Matrix,
    /// C×d.
    pub weights: &'a Matrix,
    /// `nc2_etf_distance`, where it is defined.
    pub frame_distance: Option<f64>,
    /// ‖gradient‖, where it is known.
    pub gradient_norm: Option<f64>,
}

/// Whether a loss that began at one value has been driven up to the other by steps that are too long.
pub fn is_driven(begun: f64, loss: f64) -> bool {
    loss - begun > DRIVEN * (1.0 + begun.abs())
}

/// Whole sentences, most important first; none where there is nothing to explain.
pub fn remarks(at: &Situation) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(begun) = at.begun.filter(|begun| is_driven(*begun, at.loss)) {
        said.push(format!(
            "lower lr, the steps are too long: the loss is {:.1e} and began at {begun:.3}",
            at.loss
        ));
        return said;
    }
    let Floor::Proved { value, frame } = at.floor else { return said };
    let gap = at.loss - value;
    let cosine_classes = at
        .problem
        .terms
        .iter()
        .any(|term| term.objective.family() == Family::Class && term.objective.score() == Score::Cosine);
    if gap > AWAY {
        if let Some((past, margin)) = past_the_margin(at).filter(|(past, _)| *past > 0) {
            let (noun, verb) = if past == 1 { ("row", "lies") } else { ("rows", "lie") };
            said.push(format!(
                "{past} of {} {noun} {verb} past π − m = {:.3} from their class weight, where the margin no longer \
                 pulls: that is why the loss stays {gap:.4} above its floor",
                at.points.rows,
                std::f64::consts::PI - margin
            ));
        }
        if at.case.dim == 2 && at.problem.sphere && cosine_classes {
            said.push(
                "on a circle rows cannot pass each other or a class weight that repels them: those that begin on the \
                 wrong side stay there"
                    .into(),
            );
        }
    } else if gap < NEAR
        && cosine_classes
        && *frame == Frame::Simplex
        && let Some(distance) = at.frame_distance.filter(|distance| *distance > UNFINISHED)
    {
        let gradient = at.gradient_norm.map_or(String::new(), |norm| format!(" ({norm:.1e})"));
        let scale = scale(at.problem).map_or(String::new(), |scale| format!(" at scale {scale}"));
        said.push(format!(
            "the loss is within {:.0e} of its floor while the frame is {distance:.3} away: the gradient{gradient}{scale} is \
             too small for the frame to finish; a smaller scale shows it",
            gap.abs().max(1e-9)
        ));
    }
    said
}

/// The first scale among the knobs.
fn scale(problem: &Problem) -> Option<f64> {
    problem.terms.iter().find_map(|term| {
        let at = term.objective.knobs().iter().position(|knob| knob.name == "scale")?;
        Some(term.knobs.exact(at))
    })
}

/// How many rows are more than π − m from their class weight, and m, for objectives with a margin in angle.
fn past_the_margin(at: &Situation) -> Option<(usize, f64)> {
    let margin = at.problem.terms.iter().find_map(|term| {
        let angular = matches!(term.objective.name(), "arcface" | "elastic-arcface");
        let place = term.objective.knobs().iter().position(|knob| knob.name == "margin")?;
        angular.then(|| term.knobs.exact(place))
    })?;
    let lengths = at.weights.norms();
    let past = at.points.rows_iter().zip(&at.problem.labels).filter(|(row, label)| {
        let label = **label as usize;
        let length = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt() * lengths[label];
        let dot: f64 =
            row.iter().zip(at.weights.row(label)).map(|(&h, &w)| f64::from(h) * f64::from(w)).sum();
        length > 0.0 && dot / length < -margin.cos()
    });
    Some((past.count(), margin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{Experiment, expression, floor};

    fn of(text: &str, dim: usize, loss_above: f64, frame_distance: f64) -> Vec<String> {
        let experiment = Experiment {
            objective: expression::parse(text).unwrap(),
            classes: Some(3),
            per_class: Some(1),
            dim: Some(dim),
            ..Experiment::default()
        };
        let start = start(&experiment, Asker::Run).unwrap();
        let floor = floor::floor(&start.problem, &start.case);
        // Row 0 stands opposite its weight; the others on theirs.
        let points =
            Matrix::from_fn(3, dim, |i, k| if k == 0 && i > 0 { 1.0 } else { -f32::from(u8::from(k == 0)) });
        let weights = Matrix::from_fn(3, dim, |_, k| f32::from(u8::from(k == 0)));
        remarks(&Situation {
            problem: &start.problem,
            case: &start.case,
            floor: &floor,
            loss: floor.value().unwrap() + loss_above,
            begun: Some(1.0),
            points: &points,
            weights: &weights,
            frame_distance: Some(frame_distance),
            gradient_norm: Some(1e-7),
        })
    }

    #[test]
    fn rows_past_the_margin_are_counted_and_a_circle_is_named() {
        let said = of("arcface(scale=4, margin=0.5)", 2, 0.3, 0.5);
        assert!(said[0].starts_with("1 of 3 row lies past π − m = 2.642"), "{said:?}");
        assert!(said[1].contains("on a circle"));
        assert_eq!(of("arcface(scale=4, margin=0.5)", 4, 0.3, 0.5).len(), 1);
    }

    #[test]
    fn a_loss_far_above_its_beginning_was_driven_there() {
        let said = of("arcface(scale=4, margin=0.5)", 2, 2e3, 0.5);
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("e3 and began at 1.000") && said[0].starts_with("lower lr"), "{said:?}");
        assert!(of("normface", 4, 15.0, 0.001).is_empty());
    }

    #[test]
    fn a_large_scale_is_the_reason_for_an_unfinished_frame() {
        let said = of("normface(scale=16)", 4, 1e-6, 0.3);
        assert!(said[0].contains("at scale 16 is too small"), "{said:?}");
        assert!(of("normface(scale=16)", 4, 1e-6, 0.001).is_empty());
    }
}
