//! Forces as they are shown: arrows on points, one point in numbers, and the force law. Plain data; what computes them
//! stands in [`crate::simulation::forces`] and [`crate::simulation::law`].

use crate::engine::cpu::Sum;
use crate::engine::cpu::pulls::By;
use crate::objectives::Term;

/// Which forces are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrows {
    /// None.
    #[default]
    Off,
    /// What moves each row.
    Net,
    /// What each class does to it, an arrow for its pull and one for its push.
    ByClass,
    /// The part of the push that runs along the sphere.
    Sphere,
    /// The part of the push along the row's own direction, which unit length takes away again.
    Radius,
    /// What moves each class weight.
    Weights,
}

impl Arrows {
    /// All of them, in the order they are gone through.
    pub const ALL: [Self; 6] =
        [Self::Off, Self::Net, Self::ByClass, Self::Sphere, Self::Radius, Self::Weights];

    /// Its name: on the screen, in lessons and share strings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Net => "net",
            Self::ByClass => "by class",
            Self::Sphere => "along the sphere",
            Self::Radius => "along the radius",
            Self::Weights => "class weights",
        }
    }

    /// The one of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arrows| arrows.name() == name)
    }

    /// The one after it, the last being followed by none. Without class weights there is nothing to say of them.
    #[must_use]
    pub fn next(self, weights: bool) -> Self {
        let at = Self::ALL.iter().position(|arrows| *arrows == self).unwrap_or(0);
        let next = Self::ALL[(at + 1) % Self::ALL.len()];
        if next == Self::Weights && !weights { Self::Off } else { next }
    }

    /// What they show, as a sentence.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Off => "forces hidden",
            Self::Net => "forces, net: where a plain step takes each point",
            Self::ByClass => "forces by class: pulls are drawn whole, pushes broken",
            Self::Sphere => "forces along the sphere: what of a push can turn a point",
            Self::Radius => "forces along the radius: what unit length takes away",
            Self::Weights => "forces on the class weights: where a plain step takes them",
        }
    }
}

/// An arrow in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// The row it acts on; a class weight has none.
    pub row: Option<u32>,
    /// The class that gives it its colour: who acts, or whose point it is.
    pub class: u32,
    /// Whether it is the push of a class, away from it: drawn broken.
    pub pushes: bool,
    /// Where it begins, in the picture's coordinates.
    pub from: [f32; 3],
    /// The force times N, in the same coordinates.
    pub along: [f32; 3],
}

/// The arrows of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forces {
    /// Which.
    pub kind: Arrows,
    /// The step of the state they belong to: in a large run a little older than the points.
    pub step: u64,
    /// How many rows (or class weights) have arrows.
    pub shown: usize,
    /// Of how many.
    pub of: usize,
    /// The arrows.
    pub arrows: Vec<Arrow>,
}

impl Arrow {
    /// How hard it is: the length of what is shown of the force times N.
    pub fn length(&self) -> f32 {
        self.along.iter().map(|x| x * x).sum::<f32>().sqrt()
    }
}

impl Forces {
    /// The length of the longest arrow that has one; 0 without any.
    pub fn longest(&self) -> f32 {
        self.arrows.iter().map(Arrow::length).filter(|length| length.is_finite()).fold(0.0, f32::max)
    }

    /// What the length of an arrow is.
    pub fn unit(&self) -> &'static str {
        if self.kind == Arrows::Weights { "−N·∂L/∂w" } else { "−N·∂L/∂x" }
    }
}

/// Who acts on the picked row, and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Who; one that pulls and pushes has a share for each.
    pub by: By,
    /// N·‖force‖, above 0 where it pulls the row toward that class, below where it pushes it away.
    pub pull: f64,
    /// The part of it along the net force, N times: these add up to the net force.
    pub along: f64,
}

/// One row in numbers. Forces are N times −∂L/∂row, so that they do not shrink as rows are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The row.
    pub row: u32,
    /// The step of the state.
    pub step: u64,
    /// Its class.
    pub class: u32,
    /// Whether the centres are class weights; else class means.
    pub weighted: bool,
    /// The angle to the centre of the own class, in degrees.
    pub own_angle: Option<f64>,
    /// The mean of that angle over the rows of the class.
    pub class_angle: Option<f64>,
    /// The nearest other centre and the angle to it, in degrees.
    pub nearest: Option<(u32, f64)>,
    /// N times its share of the loss, and how many rows have more, plus one.
    pub loss: Option<(f64, usize)>,
    /// The probability of the own class.
    pub p_own: Option<f64>,
    /// N·‖net force‖: a plain step moves the row by rate/N of it.
    pub net: f64,
    /// Classes that act, by number, then the decay.
    pub shares: Vec<Share>,
    /// N times the part of all pushes across the row's direction.
    pub sphere: f64,
    /// N times the part along it, outward.
    pub radius: f64,
    /// N times what of that does move the row.
    pub kept_radius: f64,
    /// −N·∂L/∂cosine with the own class; `None` where a score is no function of the cosine.
    pub own_pull: Option<f64>,
    /// The arithmetic, a term each.
    pub sums: Vec<Sum>,
    /// Rows in all.
    pub rows: usize,
    /// Instances of a batch, where steps are made on batches.
    pub batch: Option<usize>,
    /// Whether a network makes the rows.
    pub network: bool,
}

impl Inspected {
    /// Who has the most to say about where it goes.
    pub fn strongest(&self) -> Option<&Share> {
        self.shares.iter().max_by(|a, b| a.pull.abs().total_cmp(&b.pull.abs()))
    }

    /// What the shares add up to.
    pub fn sum(&self) -> f64 {
        self.shares.iter().map(|share| share.along).sum()
    }
}

/// What was asked of the forces, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Inspection {
    /// Nobody asked.
    #[default]
    Nothing,
    /// On its way.
    Coming,
    /// Too much to compute: why.
    Refused(String),
    /// Here.
    Known(Box<Inspected>),
}

impl Inspection {
    /// The row in numbers, if it is this one.
    pub fn of(&self, row: Option<u32>) -> Option<&Inspected> {
        match self {
            Self::Known(inspected) if Some(inspected.row) == row => Some(inspected),
            _ => None,
        }
    }
}

/// The force law of one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct LawCurve {
    /// Its name.
    pub name: String,
    /// What it is the law of.
    pub terms: Vec<Term>,
    /// −N·∂L/∂cosine at each of the angles.
    pub pulls: Vec<f64>,
    /// The target's logit at each of the angles, where there is one target.
    pub logits: Option<Vec<f64>>,
    /// The angle past which it pushes away, in degrees.
    pub turn: Option<f64>,
}

/// Force laws, that of the run first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Law {
    /// Classes of the scene.
    pub classes: usize,
    /// Classes of the run.
    pub of: usize,
    /// Angles to the own class, in degrees, ascending.
    pub angles: Vec<f64>,
    /// The curves.
    pub curves: Vec<LawCurve>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_arrow_comes_round_and_has_a_name() {
        let mut kind = Arrows::Off;
        for want in &Arrows::ALL[1..] {
            kind = kind.next(true);
            assert_eq!((kind, Arrows::of_name(kind.name())), (*want, Some(*want)));
        }
        assert_eq!(kind.next(true), Arrows::Off);
        assert_eq!(Arrows::Radius.next(false), Arrows::Off, "no weights, no forces on them");
        assert_eq!(Arrows::of_name("sideways"), None);
    }
}
