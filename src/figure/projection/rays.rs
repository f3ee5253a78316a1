//! Lines from the origin to class means, class weights and the proved arrangement, as pictures of neural collapse have
//! them (Papyan, Han and Donoho 2020, figure 1): where all three fall together, all three are still seen.

use super::super::legend::{Entry, Sample};
use super::super::panel::Panel;
use super::super::picture::{Ink, Picture, Place};
use super::super::scale::Scale;
use super::Projection;
use crate::palette;

/// Beyond so many there are more lines than places between them.
const MOST: usize = 10;
/// A target of so many members has its edges drawn too.
const MOST_WITH_EDGES: usize = 6;

/// What a line leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::figure) enum Ray {
    /// The proved place of a class: broad and pale, beneath all else.
    Target,
    /// A class mean, in the colour of its class.
    Mean,
    /// A class weight: thin, dark and broken, over that of its mean.
    Weight,
}

/// Lengths drawn and left out of the line to a weight.
const BROKEN: [f64; 2] = [3.4, 3.4];

impl Ray {
    /// Draws one.
    pub(in crate::figure) fn draw(self, picture: &mut Picture, unit: f64, ends: [Place; 2], ink: Ink) {
        match self {
            Self::Target => picture.line(ends.to_vec(), 7.0 * unit, Ink::grey(0xdc)),
            Self::Mean => {
                picture.line(ends.to_vec(), 2.6 * unit, ink);
                picture.disc(ends[1], 3.4 * unit, Ink::WHITE);
                picture.disc(ends[1], 2.8 * unit, ink);
            }
            Self::Weight => {
                picture.dashed(&ends, &BROKEN.map(|length| length * unit), 1.3 * unit, Ink::grey(0x11));
            }
        }
    }
}

impl Projection {
    /// Where lines begin, where there are any: at the origin, if there are few classes and it lies among what is drawn.
    pub(super) fn rays_from(&self) -> Option<[f64; 2]> {
        let origin = self.origin.filter(|at| at.iter().all(|x| x.is_finite()))?;
        let known = (1..=MOST).contains(&self.means.len()) && self.map.is_none();
        let places = || self.points.iter().map(|p| p.at).chain(self.means.iter().map(|mean| mean.at));
        let among = |axis: usize| {
            let ends = super::extent(places().map(|at| at[axis]));
            ends.is_some_and(|(low, high)| {
                let beyond = 0.25 * (high - low);
                (low - beyond..=high + beyond).contains(&origin[axis])
            })
        };
        (known && self.radius.is_some() || known && among(0) && among(1)).then_some(origin)
    }

    /// The lines, those that lie lowest first, each with the class that it leads to and its end.
    fn rays(&self) -> Vec<(Ray, usize, [f64; 2])> {
        if self.rays_from().is_none() {
            return Vec::new();
        }
        let of = |ray: Ray, ends: Vec<(usize, [f64; 2])>| {
            let few = ends.len() <= MOST;
            let finite = move |(_, at): &(usize, [f64; 2])| few && at.iter().all(|x| x.is_finite());
            ends.into_iter().filter(finite).map(move |(class, at)| (ray, class, at))
        };
        let marks =
            |marks: &[super::ProjectedWeight]| marks.iter().map(|mark| (mark.class, mark.at)).collect();
        of(Ray::Target, self.targets.iter().copied().enumerate().collect())
            .chain(of(Ray::Mean, marks(&self.means)))
            .chain(of(Ray::Weight, marks(&self.weights)))
            .collect()
    }

    /// Whether there are lines of a kind.
    pub(super) fn has_rays(&self, ray: Ray) -> bool {
        self.rays().iter().any(|(kind, ..)| *kind == ray)
    }
}

/// What the legend says of the lines to class means; those to weights and targets stand with their marks.
pub(super) fn entry(projection: &Projection) -> Option<Entry> {
    projection
        .has_rays(Ray::Mean)
        .then(|| Entry { sample: Sample::Ray(Ray::Mean), name: "class mean, from the origin".to_owned() })
}

/// Draws all lines, under the points.
pub(super) fn draw(picture: &mut Picture, scale: Scale, panel: &Panel, projection: &Projection) {
    let Some(origin) = projection.rays_from() else { return };
    let from = panel.place(origin);
    let targets = &projection.targets;
    if (2..=MOST_WITH_EDGES).contains(&targets.len()) {
        for (k, a) in targets.iter().enumerate() {
            for b in targets[k + 1..].iter().filter(|b| a.iter().chain(*b).all(|x| x.is_finite())) {
                picture.line(vec![panel.place(*a), panel.place(*b)], 0.9 * scale.unit, Ink::grey(0xcc));
            }
        }
    }
    for (ray, class, end) in projection.rays() {
        let colour = palette::colour(class);
        let ink = Ink::opaque(colour.rgb).darkened(if colour.is_light() { 0.25 } else { 0.0 });
        ray.draw(picture, scale.unit, [from, panel.place(end)], ink);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ProjectedPoint, ProjectedWeight, draw};
    use super::*;
    use crate::figure::picture::Item;
    use crate::figure::{Map, Size};

    fn of(classes: usize) -> Projection {
        let at = |class: usize| {
            let (sin, cos) = (class as f64 / classes as f64 * std::f64::consts::TAU).sin_cos();
            [cos, sin]
        };
        let marks: Vec<ProjectedWeight> =
            (0..classes).map(|class| ProjectedWeight { at: at(class), class }).collect();
        Projection {
            origin: Some([0.0; 2]),
            points: (0..classes).map(|class| ProjectedPoint { at: at(class), class, given: None }).collect(),
            weights: marks.clone(),
            means: marks,
            targets: (0..classes).map(at).collect(),
            radius: Some(1.0),
            ..Projection::default()
        }
    }

    /// Lines from the middle of the panel to somewhere, by width.
    fn lines(projection: &Projection) -> Vec<f64> {
        let (picture, panel) = draw(projection, Size::default());
        let middle = panel.place([0.0; 2]);
        let begins = |points: &[Place]| points.first().is_some_and(|at| *at == middle);
        let width = |item: &Item| match item {
            Item::Line { points, width, .. } if begins(points) => Some(*width),
            _ => None,
        };
        picture.items.iter().filter_map(width).collect()
    }

    #[test]
    fn each_class_has_a_line_to_its_target_its_mean_and_its_weight_widest_first() {
        let found = lines(&of(4));
        assert_eq!(found.len(), 12, "{found:?}");
        assert!(found.is_sorted_by(|a, b| a >= b), "what lies over another is thinner: {found:?}");
        let names: Vec<String> = of(4).legend_entries().into_iter().map(|entry| entry.name).collect();
        assert!(names.iter().any(|name| name.starts_with("class mean")), "{names:?}");
    }

    #[test]
    fn many_classes_a_map_and_an_origin_far_away_have_none() {
        assert!(lines(&of(11)).is_empty());
        let mapped = Projection { map: Some(Map { half: [2.0, 1.0], graticule: Vec::new() }), ..of(4) };
        assert!(mapped.rays_from().is_none());
        let far = Projection { origin: Some([9.0, 0.0]), radius: None, ..of(4) };
        assert!(far.rays_from().is_none());
        let near = Projection { origin: Some([0.5, 0.0]), radius: None, ..of(4) };
        assert_eq!(near.rays_from(), Some([0.5, 0.0]));
        assert!(Projection { means: Vec::new(), ..of(4) }.rays_from().is_none(), "no classes, no means");
    }
}
