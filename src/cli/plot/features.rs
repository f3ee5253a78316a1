//! The figures of features: projection, cosines between classes, angles.

use super::source::Material;
use crate::features::Matrix;
use crate::figure::{self, Figure, ProjectedPoint, ProjectedWeight, significant};
use crate::geometry::projection::{self, Projection, ProjectionKind, Source};
use crate::geometry::{angles as angle, gram as cosines};
use crate::portrait::{
    SIMPLEX, axis_label, density as density_of, is_at_origin, map, simplex_mark, target_angle,
};
use crate::theory::Members;

/// Bins of a histogram of angles: two degrees each.
const BINS: usize = 90;
/// Pairs of a kind that are looked at: beyond them a sample is.
const PAIRS: u64 = 4_000_000;

/// The points on the two axes that show most.
pub(super) fn projection(
    material: &Material,
    kind: Option<&'static ProjectionKind>,
    plane: Option<[u32; 3]>,
) -> Result<Figure, String> {
    let points = &material.features.points;
    let asked = kind.is_some();
    // A page has two axes: where those are not all, the plane with the most variance.
    let kind = kind.unwrap_or(if points.cols <= 2 { projection::default_for(points.cols) } else { pca() });
    let source = Source { classes: material.classes.as_ref(), plane, ..Source::of_points(points) };
    let made = (kind.build)(&source).map_err(|error| format!("{}: {error}", kind.name))?;
    let class = |row: usize| material.classes.as_ref().map_or(0, |classes| classes.of_row[row]);
    let place = map::flat(made.map);
    let drawn = made.project(points).into_iter().enumerate();
    let drawn = drawn.map(|(row, at)| ProjectedPoint { at: place(at), class: class(row), given: None });
    let (weights, scaled) = weights(material, &made);
    let axes = made.shares.iter().take(2).sum::<f64>();
    let hidden = if made.map { made.hidden } else { (1.0 - axes).clamp(0.0, 1.0) };
    let share = |k: usize| made.shares.get(k).filter(|_| !made.map);
    let label = |k: usize| share(k).map_or(String::new(), |share| axis_label(kind.name, k, *share));
    let [x_label, y_label] = [0, 1].map(label);
    let on_sphere = is_unit(points) && is_at_origin(&made);
    let names = material.class_names();
    let called = |label: u32| {
        let classes = material.classes.as_ref();
        let at = classes.and_then(|classes| classes.labels.binary_search(&label).ok());
        at.and_then(|at| names.get(at)).cloned().unwrap_or_else(|| label.to_string())
    };
    let of = made.plane.map_or(String::new(), |plane| format!(" of {}", plane.map(called).join(", ")));
    let notice = made.notice.as_ref().map_or(String::new(), |notice| format!(" ({notice})"));
    let which = asked.then(|| format!("{}{of}{notice}", kind.name));
    Ok(Figure::Projection(figure::Projection {
        title: material.title.clone(),
        view: which.unwrap_or_default(),
        subtitle: [Some(material.subtitle.clone()), scaled]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        hidden_variance: (points.cols > 2).then_some(hidden),
        x_label,
        y_label,
        class_names: if names.is_empty() { vec!["all rows".to_owned()] } else { names },
        points: drawn.collect(),
        weights,
        means: means(material, &made),
        origin: (!made.map).then(|| place(made.project_one(&vec![0.0; points.cols]))),
        radius: (on_sphere && !made.map).then_some(1.0),
        map: made.map.then(|| map::of(&place)),
        targets: targets(material, &made),
        target_name: material.fit.as_ref().map_or(String::new(), |fit| format!("target: {}", fit.name)),
        ..figure::Projection::default()
    }))
}

fn pca() -> &'static ProjectionKind {
    projection::kind("pca").unwrap_or(projection::PROJECTIONS[0])
}

fn is_unit(points: &Matrix) -> bool {
    points.norms().iter().all(|norm| (norm - 1.0).abs() < 1e-3)
}

/// Where the proved arrangement puts class means, instances or rows.
fn targets(material: &Material, made: &Projection) -> Vec<[f64; 2]> {
    let Some(fit) = &material.fit else { return Vec::new() };
    made.project(&fit.places).into_iter().map(map::flat(made.map)).collect()
}

/// The class means.
fn means(material: &Material, made: &Projection) -> Vec<ProjectedWeight> {
    let Some(classes) = &material.classes else { return Vec::new() };
    let mean = |class: usize| {
        let mean: Vec<f32> = classes.means.column(class).iter().map(|x| *x as f32).collect();
        ProjectedWeight { at: map::flat(made.map)(made.project_one(&mean)), class }
    };
    (0..classes.len()).map(mean).collect()
}

/// The weights of the classes present, at the mean length of the rows, and what was done to their length.
fn weights(material: &Material, made: &Projection) -> (Vec<ProjectedWeight>, Option<String>) {
    let (Some(weights), Some(classes)) = (&material.features.weights, &material.classes) else {
        return (Vec::new(), None);
    };
    let mean = |norms: &[f64]| norms.iter().sum::<f64>() / norms.len().max(1) as f64;
    let factor = mean(&material.features.points.norms()) / mean(&weights.norms());
    if !factor.is_finite() || factor <= 0.0 {
        return (Vec::new(), None);
    }
    let present = classes.labels.iter().enumerate().filter(|(_, label)| (**label as usize) < weights.rows);
    let drawn = present.map(|(class, &label)| {
        let row: Vec<f32> = weights.row(label as usize).iter().map(|x| x * factor as f32).collect();
        ProjectedWeight { at: map::flat(made.map)(made.project_one(&row)), class }
    });
    let said = ((factor - 1.0).abs() > 5e-3 && !made.map).then(|| format!("weights × {factor:.3}"));
    (drawn.collect(), said)
}

/// Cosines between the class means, seen from their mean.
pub(super) fn gram(material: &Material) -> Result<Figure, String> {
    let gram = cosines::class_gram(material.classes()?, true).map_err(|error| error.to_string())?;
    let count = gram.labels.len();
    let rows = (0..count).map(|k| (0..count).map(|l| gram.cosine(k, l)).collect()).collect();
    Ok(Figure::Gram(figure::Gram {
        title: material.title.clone(),
        subtitle: format!("cosines of centred class means · {}", material.subtitle),
        class_names: material.class_names(),
        cosines: rows,
        target: simplex_mark(gram.simplex_cosine, count, material.features.points.cols, material.target()),
        difference: None,
    }))
}

/// Cosines of the class means less those of the proved arrangement; of a bare file, of the simplex.
pub(super) fn difference(material: &Material) -> Result<Figure, String> {
    let target = material.brief.as_ref().and_then(|brief| brief.theory.target.as_ref());
    let target = target.filter(|target| target.members == Members::Classes);
    if material.brief.is_some() && target.is_none() {
        return Err(
            "no arrangement of the classes is proved for this run, so there is no difference to it".into()
        );
    }
    // The simplex is one of centred means; what is proved about a run is about means as they stand.
    let gram =
        cosines::class_gram(material.classes()?, target.is_none()).map_err(|error| error.to_string())?;
    let count = gram.labels.len();
    let aim = |k: usize, l: usize| match target {
        Some(target) => target.cosine(k, l),
        None => gram.simplex_cosine,
    };
    let off = |k: usize, l: usize| if k == l { 0.0 } else { gram.cosine(k, l) - aim(k, l) };
    let rows: Vec<Vec<f64>> = (0..count).map(|k| (0..count).map(|l| off(k, l)).collect()).collect();
    let most = rows.iter().flatten().fold(0.0f64, |most, off| most.max(off.abs()));
    let name = target.map_or("simplex", |target| target.name);
    Ok(Figure::Gram(figure::Gram {
        title: material.title.clone(),
        subtitle: format!(
            "cosines of class means − {name} · most {} · {}",
            significant(most, 3),
            material.subtitle
        ),
        class_names: material.class_names(),
        cosines: rows,
        target: None,
        difference: Some(round_above(most.max(1e-12))),
    }))
}

/// The least of 1, 1.5, 2, 3, 4, 5, 6, 8 and 10 times a power of ten that is no less than a positive number: where a
/// colour bar ends.
fn round_above(x: f64) -> f64 {
    let power = 10f64.powf((x.log10() - 1e-9).floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|end| *end >= x)
        .unwrap_or(x)
}

/// Where rows lie on the circle or the sphere, class by class.
pub(super) fn density(material: &Material) -> Result<Figure, String> {
    let points = &material.features.points;
    let made = density_of(points, material.classes.as_ref()).map_err(|error| error.to_string())?;
    Ok(Figure::Density(figure::Density {
        title: material.title.clone(),
        subtitle: format!("{} · {}", made.subtitle, material.subtitle),
        class_names: material.class_names(),
        ..made
    }))
}

/// Angles between rows as seen from the origin.
pub(super) fn angles(material: &Material) -> Result<Figure, String> {
    let features = &material.features;
    let angles = angle::histogram(&features.points, features.labels.as_deref(), BINS, PAIRS)
        .map_err(|error| error.to_string())?;
    let sampled = (angles.within.is_sample() || angles.between.is_sample())
        .then(|| format!("a sample of {} million pairs", PAIRS / 1_000_000));
    let classes = material.classes.as_ref().map_or(0, crate::geometry::Classes::len);
    let fits = classes >= 2 && classes <= features.points.cols + 1;
    let simplex = || ((-1.0 / (classes as f64 - 1.0)).acos().to_degrees(), SIMPLEX.to_owned());
    let target = match material.target() {
        Some(proved) => target_angle(Some(proved)),
        None => fits.then(simplex),
    };
    Ok(Figure::Angles(figure::Angles {
        title: material.title.clone(),
        subtitle: [Some(material.subtitle.clone()), sampled]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        within: angles.within.bins,
        between: angles.between.bins,
        target,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_bar_ends_at_a_round_number_no_less_than_the_greatest_difference() {
        let near = |x: f64, end: f64| assert!((round_above(x) / end - 1.0).abs() < 1e-12, "{x}");
        for (x, end) in
            [(0.704, 0.8), (0.8, 0.8), (3.2e-7, 4e-7), (1.0, 1.0), (0.1, 0.1), (0.91, 1.0), (1.2, 1.5)]
        {
            near(x, end);
        }
    }
}
