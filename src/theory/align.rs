//! Orthogonal Procrustes: the rotation (or reflection) that brings an arrangement nearest to given vectors.

use nalgebra::DMatrix;

/// Tries of [`align_unordered`] from rotations of their own.
const TRIES: usize = 24;
/// Rounds of matching and turning in each.
const ROUNDS: usize = 30;

/// The rows of `shape` (m×r) turned into the space of `to` (m×d, r ≤ d) so that Σ‖turned − to‖² is least.
///
/// With UΣVᵀ the singular values of toᵀ·shape, the best isometry is UVᵀ (Schönemann, 1966).
pub fn align(shape: &DMatrix<f64>, to: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    if shape.ncols() > to.ncols() || shape.nrows() != to.nrows() {
        return None;
    }
    if shape.ncols() == 0 {
        return Some(DMatrix::zeros(to.nrows(), to.ncols()));
    }
    let svd = (to.transpose() * shape).svd(true, true);
    let turn = svd.u? * svd.v_t?;
    Some(shape * turn.transpose())
}

/// The same where it is open which vector belongs to which row: the nearest ones, matched and turned by turns.
///
/// The rows of the answer stand in the order of `to`.
pub fn align_unordered(shape: &DMatrix<f64>, to: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let count = shape.nrows();
    let mut best: Option<(f64, DMatrix<f64>)> = None;
    for attempt in 0..TRIES {
        // The first member goes to one row after the other, the rest by a shift: every start is another turn.
        let mut order: Vec<usize> =
            (0..count).map(|row| (row * (1 + attempt / count.max(1)) + attempt) % count).collect();
        if attempt == 0 {
            order = (0..count).collect();
        }
        if !is_permutation(&order) {
            continue;
        }
        for _ in 0..ROUNDS {
            let turned = align(&shape.select_rows(order.iter()), to)?;
            // The whole arrangement in its own order, turned alike.
            let mut whole = DMatrix::zeros(count, to.ncols());
            for (row, &member) in order.iter().enumerate() {
                whole.set_row(member, &turned.row(row));
            }
            let next = nearest(&whole, to);
            if next == order {
                break;
            }
            order = next;
        }
        let turned = align(&shape.select_rows(order.iter()), to)?;
        let distance = (&turned - to).norm();
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, turned));
        }
    }
    best.map(|(_, turned)| turned)
}

fn is_permutation(order: &[usize]) -> bool {
    let mut seen = vec![false; order.len()];
    order.iter().all(|&k| !std::mem::replace(&mut seen[k], true))
}

/// One member for each row: the nearest pairs first.
fn nearest(members: &DMatrix<f64>, to: &DMatrix<f64>) -> Vec<usize> {
    let count = members.nrows();
    let mut pairs: Vec<(f64, usize, usize)> = Vec::with_capacity(count * count);
    for row in 0..count {
        for member in 0..count {
            pairs.push(((to.row(row) - members.row(member)).norm_squared(), row, member));
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut of_row, mut taken) = (vec![usize::MAX; count], vec![false; count]);
    for (_, row, member) in pairs {
        if of_row[row] == usize::MAX && !taken[member] {
            of_row[row] = member;
            taken[member] = true;
        }
    }
    of_row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Matrix;
    use crate::geometry::frames;

    fn wide(matrix: &Matrix) -> DMatrix<f64> {
        DMatrix::from_fn(matrix.rows, matrix.cols, |i, k| f64::from(matrix.row(i)[k]))
    }

    #[test]
    fn a_turned_frame_is_found_again() {
        let shape = frames::simplex(4, 3).unwrap();
        let turned = wide(&frames::rotate(&frames::simplex(4, 6).unwrap(), 5));
        assert!((align(&wide(&shape), &turned).unwrap() - &turned).norm() < 1e-6);
        assert!(align(&turned, &wide(&shape)).is_none(), "six axes do not fit into three");
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        for (frame, n, d) in [
            (frames::icosahedron as fn(usize, usize) -> _, 12, 3),
            (frames::cross_polytope, 8, 4),
            (frames::polygon, 7, 2),
        ] {
            let shape: Matrix = frame(n, d).unwrap();
            let shape = wide(&shape);
            let order: Vec<usize> = (0..n).map(|k| (k * 5 + 3) % n).collect();
            let scrambled = shape.select_rows(order.iter());
            let scrambled = Matrix::from_fn(n, d, |i, k| scrambled[(i, k)] as f32);
            let seen = wide(&frames::rotate(&scrambled, 9));
            let off = (align_unordered(&shape, &seen).unwrap() - &seen).norm();
            assert!(off < 1e-5, "{n} in {d}: {off}");
        }
    }
}
