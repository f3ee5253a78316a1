//! The points as the screen turns them: projected, and thinned where there are too many to draw.

use crate::features::Matrix;
use crate::geometry::projection::Projection;
use crate::snapshot::{Forces, Picture, Trails};

/// More points than this are thinned: no terminal has room for them.
pub const MOST_SHOWN: usize = 5000;

/// Projects rows and class weights. The picked row is among those shown.
pub fn paint(
    axes: &Projection,
    points: &Matrix,
    weights: Option<&Matrix>,
    labels: &[u32],
    picked: Option<u32>,
) -> Picture {
    let rows = shown_rows(points.rows, picked);
    let pick = |matrix: &Matrix| {
        let mut picked = Matrix::zeros(rows.len(), matrix.cols);
        for (to, &row) in rows.iter().enumerate() {
            picked.row_mut(to).copy_from_slice(matrix.row(row as usize));
        }
        picked
    };
    let whole = rows.len() == points.rows;
    let places = if whole { axes.project(points) } else { axes.project(&pick(points)) };
    let weights = weights.map(|weights| axes.project(weights)).unwrap_or_default();
    let reach = places.iter().chain(&weights).map(|p| length(*p)).fold(0.0, f32::max);
    Picture {
        projection: axes.name,
        chosen: 0,
        shares: axes.shares.clone(),
        hidden: axes.hidden,
        means: means(&places, &rows, labels),
        rows,
        points: places,
        forces: Forces::default(),
        weights,
        targets: Vec::new(),
        origin: axes.project_one(&vec![0.0; points.cols]),
        sphere: false,
        reach,
        map: axes.map,
        plane: axes.plane,
        notice: axes.notice.clone(),
        touring: false,
        phase: None,
        trails: Trails::default(),
    }
}

/// Rows at even distances, the first among them, and the picked one.
pub fn shown_rows(count: usize, picked: Option<u32>) -> Vec<u32> {
    let shown = count.min(MOST_SHOWN);
    let mut rows: Vec<u32> =
        (0..shown).map(|k| (k as u64 * count as u64 / shown.max(1) as u64) as u32).collect();
    if let Some(row) = picked.filter(|row| (*row as usize) < count)
        && let Err(place) = rows.binary_search(&row)
    {
        rows.insert(place, row);
    }
    rows
}

fn length(p: [f32; 3]) -> f32 {
    let square = p.iter().map(|x| x * x).sum::<f32>();
    if square.is_finite() { square.sqrt() } else { 0.0 }
}

/// The mean place of the shown rows of each class, ascending by class. Projecting is affine, so with all rows shown
/// this is the projection of the class mean.
fn means(places: &[[f32; 3]], rows: &[u32], labels: &[u32]) -> Vec<(u32, [f32; 3])> {
    let mut sums: std::collections::BTreeMap<u32, ([f64; 3], f64)> = std::collections::BTreeMap::new();
    for (place, &row) in places.iter().zip(rows) {
        let Some(&label) = labels.get(row as usize) else { continue };
        let (sum, count) = sums.entry(label).or_default();
        for (s, &x) in sum.iter_mut().zip(place) {
            *s += f64::from(x);
        }
        *count += 1.0;
    }
    sums.into_iter().map(|(label, (sum, count))| (label, sum.map(|x| (x / count) as f32))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_thinned_evenly_and_few_are_all_there() {
        assert_eq!(shown_rows(3, Some(9)), [0, 1, 2]);
        let rows = shown_rows(12_000, None);
        assert_eq!((rows.len(), rows[0], rows[1], rows[4999]), (5000, 0, 2, 11_997));
        assert!(shown_rows(0, Some(0)).is_empty());
        let rows = shown_rows(12_000, Some(1));
        assert_eq!((rows.len(), rows[0], rows[1], rows[2]), (5001, 0, 1, 2));
    }

    #[test]
    fn a_class_mean_lies_in_the_middle() {
        let places = [[0.0, 0.0, 0.0], [2.0, 4.0, 0.0], [9.0, 9.0, 9.0]];
        let found = means(&places, &[0, 1, 2], &[5, 5, 2]);
        assert_eq!(found, [(2, [9.0; 3]), (5, [1.0, 2.0, 0.0])]);
    }
}
