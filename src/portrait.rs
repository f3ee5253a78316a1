//! Figures of a representation: from rows, labels and names to what `figure` paints.

pub mod comparison;
mod density;
pub mod film;
pub mod map;
mod over;
pub mod screen;

pub use density::density;

use crate::features::Matrix;
use crate::figure::{
    Angles, Curves, Floor, Gram, ProjectedPoint, ProjectedWeight, Projection, Series, YScale, significant,
};
use crate::geometry::projection::{self, Source};
use crate::geometry::{Classes, Undefined, angles, gram};
use crate::objectives::Floor as Proved;
use crate::theory::{Fit, Members, Target};

/// Pairs an angle histogram looks at.
const PAIRS: u64 = 2_000_000;
/// Bins of an angle histogram: three degrees each.
const BINS: usize = 60;

/// A representation to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Sitter<'a> {
    /// N×d.
    pub points: &'a Matrix,
    /// The class each row belongs to.
    pub truth: Option<&'a [u32]>,
    /// The label each row was given, where it may differ.
    pub given: Option<&'a [u32]>,
    /// C×d class weights.
    pub weights: Option<&'a Matrix>,
    /// Names of the classes, by number; empty for plain numbers.
    pub names: &'a [String],
    /// Whether rows are unit vectors, so that the sphere's outline belongs to the picture.
    pub sphere: bool,
    /// The title of the figures.
    pub title: &'a str,
    /// The proved arrangement laid over the rows.
    pub fit: Option<&'a Fit>,
}

impl Sitter<'_> {
    fn classes(&self) -> Result<Classes, Undefined> {
        let Some(truth) = self.truth else { return Err(Undefined("there are no labels".into())) };
        Classes::new(self.points, truth)
    }

    fn name(&self, class: u32) -> String {
        self.names.get(class as usize).cloned().unwrap_or_else(|| class.to_string())
    }

    /// Two dimensions of the rows by the projection called `kind`, or the one that fits d.
    pub fn projection(&self, kind: Option<&str>) -> Result<Projection, Undefined> {
        let kind = kind.and_then(projection::kind).unwrap_or(projection::default_for(self.points.cols));
        let classes = self.classes().ok();
        let source = Source { classes: classes.as_ref(), ..Source::of_points(self.points) };
        let seen = (kind.build)(&source)?;
        let flat = map::flat(seen.map);
        let class = |labels: Option<&[u32]>, i: usize| labels.map_or(0, |labels| labels[i] as usize);
        let points = seen.project(self.points).into_iter().enumerate().map(|(i, at)| {
            let own = class(self.truth, i);
            let given = class(self.given.or(self.truth), i);
            ProjectedPoint { at: flat(at), class: own, given: (given != own).then_some(given) }
        });
        let points: Vec<_> = points.collect();
        // Weights of raw losses are longer or shorter than rows; their direction is what matters.
        let weights = self.weights.map(|weights| {
            let place =
                |(class, w): (usize, &[f32])| ProjectedWeight { at: flat(seen.project_one(w)), class };
            weights.rows_iter().enumerate().map(place).collect()
        });
        let shown = |axis: usize| match seen.shares.get(axis).filter(|_| !seen.map) {
            Some(share) => axis_label(seen.name, axis, *share),
            None => String::new(),
        };
        let hidden = if seen.map { seen.hidden } else { 1.0 - seen.shares.iter().take(2).sum::<f64>() };
        let most = points.iter().map(|p| p.class).max().unwrap_or(0);
        let at_origin = is_at_origin(&seen);
        Ok(Projection {
            title: self.title.to_owned(),
            subtitle: format!(
                "{} points in {} dimensions, {}",
                self.points.rows, self.points.cols, seen.name
            ),
            hidden_variance: Some(hidden.clamp(0.0, 1.0)),
            x_label: shown(0),
            y_label: shown(1),
            class_names: if self.truth.is_some() {
                (0..=most as u32).map(|class| self.name(class)).collect()
            } else {
                vec!["points".into()]
            },
            points,
            weights: weights.unwrap_or_default(),
            radius: (self.sphere && at_origin && !seen.map).then_some(1.0),
            map: seen.map.then(|| map::of(&flat)),
            targets: self
                .fit
                .map_or(Vec::new(), |fit| seen.project(&fit.places).into_iter().map(&flat).collect()),
            target_name: self.fit.map_or(String::new(), |fit| format!("target: {}", fit.name)),
            ..Projection::default()
        })
    }

    /// Cosines of the class means.
    pub fn gram(&self) -> Result<Gram, Undefined> {
        let classes = self.classes()?;
        let gram = gram::class_gram(&classes, false)?;
        let count = gram.labels.len();
        let row = |k: usize| (0..count).map(|l| gram.cosine(k, l)).collect();
        Ok(Gram {
            title: self.title.to_owned(),
            subtitle: "cosines of the class means".into(),
            class_names: gram.labels.iter().map(|&label| self.name(label)).collect(),
            cosines: (0..count).map(row).collect(),
            target: None,
            difference: None,
        })
    }

    /// Angles of pairs within and between classes; with `target` degrees marked.
    pub fn angles(&self, target: Option<(f64, String)>) -> Result<Angles, Undefined> {
        let counted = angles::histogram(self.points, self.truth, BINS, PAIRS)?;
        let sampled = counted.within.is_sample() || counted.between.is_sample();
        Ok(Angles {
            title: self.title.to_owned(),
            subtitle: if sampled { "a sample of the pairs".into() } else { "all pairs".into() },
            within: counted.within.bins,
            between: counted.between.bins,
            target,
        })
    }
}

/// Whether axes meet so near the origin that a circle around where they meet is the sphere's outline.
pub fn is_at_origin(seen: &projection::Projection) -> bool {
    seen.centre.iter().map(|x| x * x).sum::<f64>().sqrt() < 0.05
}

/// What axis `k` of a projection is called, for example "PC 1", "x₁" or "discriminant 1".
pub fn axis_name(projection: &str, k: usize) -> String {
    const LOW: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
    let low = |digit: char| digit.to_digit(10).map_or(digit, |digit| LOW[digit as usize]);
    match projection {
        "coordinates" => format!("x{}", (k + 1).to_string().chars().map(low).collect::<String>()),
        "pca" => format!("PC {}", k + 1),
        "lda" => format!("discriminant {}", k + 1),
        "class-plane" => format!("class plane, axis {}", k + 1),
        other => format!("{other} axis {}", k + 1),
    }
}

/// The same with the share of the variance along it.
pub fn axis_label(projection: &str, k: usize, share: f64) -> String {
    format!("{} ({:.0} %)", axis_name(projection, k), 100.0 * share)
}

/// The curve of a loss with its floor and, where everything may collapse, the loss at the origin, on a log axis where both are positive.
pub fn curves(title: &str, points: Vec<[f64; 2]>, floor: &Proved, collapsed: Option<f64>) -> Curves {
    let positive = points.iter().all(|point| point[1] > 0.0) && floor.value().is_none_or(|floor| floor > 0.0);
    let floor = floor_line(floor, None);
    let words = |value| format!("all at the origin {}", significant(value, 4));
    let origin = collapsed.map(|value| Floor { value, label: words(value), series: None });
    Curves {
        title: title.to_owned(),
        y_label: "loss".into(),
        y_scale: if positive { YScale::Log } else { YScale::Linear },
        series: vec![Series { name: "loss".into(), points }],
        floors: floor.into_iter().chain(origin).collect(),
        ..Curves::default()
    }
}

/// What is proved about a loss as a line of its curve, in the words of the screen.
pub fn floor_line(floor: &Proved, series: Option<usize>) -> Option<Floor> {
    let (value, label) = floor.value().zip(floor.label(|value| significant(value, 4)))?;
    Some(Floor { value, label, series })
}

/// The cosine of the simplex with its name, as a mark for a table of cosines: where the classes have the room for it, and
/// nothing else is proved about them.
pub fn simplex_mark(
    cosine: f64,
    classes: usize,
    dim: usize,
    target: Option<&Target>,
) -> Option<(f64, String)> {
    let fits = (2..=dim + 1).contains(&classes);
    let other = target.is_some_and(|target| target.name != SIMPLEX || target.members != Members::Classes);
    (fits && !other).then(|| (cosine, SIMPLEX.to_owned()))
}

/// What the regular simplex is called.
pub const SIMPLEX: &str = "simplex";

/// The least angle of a proved arrangement of classes, in degrees, with its name.
pub fn target_angle(target: Option<&Target>) -> Option<(f64, String)> {
    let target = target.filter(|target| target.members == Members::Classes)?;
    let angle = target.least_angle()?;
    Some((angle, target.name.to_owned()))
}
