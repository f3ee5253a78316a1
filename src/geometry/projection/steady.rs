//! What keeps axes steady from frame to frame, whatever they are chosen for.

use nalgebra::Matrix3;

use crate::geometry::seeded::{dot, orthonormal};

/// A direction that the points left shows as an image of rounding size: the old axis stays there.
pub(super) fn keep_the_lost(images: &mut [Vec<f64>], axes: &[Vec<f64>]) {
    let largest = images.iter().map(|image| dot(image, image)).fold(0.0, f64::max);
    for (image, axis) in images.iter_mut().zip(axes) {
        if dot(image, image) <= 1e-24 * largest {
            image.clone_from(axis);
        }
    }
}

/// The orthonormal axes of the same span nearest to the former ones: with M = axes·formerᵀ = U Σ Vᵀ these are the
/// rows of (U Vᵀ)ᵀ·axes (the orthogonal Procrustes problem).
pub(super) fn turn_towards(axes: &[Vec<f64>], former: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let overlap = Matrix3::from_fn(|k, l| match (axes.get(k), former.get(l)) {
        (Some(axis), Some(before)) => dot(axis, before),
        // Fewer than three axes: the missing ones stay what they are.
        _ => f64::from(u8::from(k == l)),
    });
    if !overlap.iter().all(|x| x.is_finite()) {
        return axes.to_vec();
    }
    let Some(svd) = overlap.try_svd(true, true, f64::EPSILON, 1000) else { return axes.to_vec() };
    let (Some(u), Some(v_t)) = (svd.u, svd.v_t) else { return axes.to_vec() };
    let turn = u * v_t;
    let turned: Vec<Vec<f64>> = (0..axes.len())
        .map(|l| {
            let mut sum = vec![0.0; axes[0].len()];
            for (k, axis) in axes.iter().enumerate() {
                for (sum, x) in sum.iter_mut().zip(axis) {
                    *sum += turn[(k, l)] * x;
                }
            }
            sum
        })
        .collect();
    // Rounding would grow over thousands of frames.
    orthonormal(&turned, axes.len(), axes[0].len())
}
