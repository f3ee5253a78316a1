//! Mollweide's map of the sphere: all of it in an ellipse twice as wide as high, equal areas as equal areas.
//!
//! A direction of longitude λ and latitude φ lies at x = (2√2/π) λ cos θ, y = √2 sin θ, where the auxiliary angle θ
//! solves 2θ + sin 2θ = π sin φ. The area of the ellipse is 4π, that of the unit sphere.

use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};

/// Half the width of the map.
pub const WIDTH: f64 = 2.0 * SQRT_2;
/// Half its height.
pub const HEIGHT: f64 = SQRT_2;
/// Degrees between two lines of the graticule.
const SPACING: i32 = 30;
/// Degrees between two places on one of its lines.
const GRAIN: usize = 2;

/// Where a longitude in −π..π and a latitude in −π/2..π/2 lie.
pub fn place(longitude: f64, latitude: f64) -> [f64; 2] {
    let theta = auxiliary(latitude);
    [WIDTH / PI * longitude * theta.cos(), HEIGHT * theta.sin()]
}

/// The longitude and the latitude of a place on the map; nothing beside it.
pub fn unplace([x, y]: [f64; 2]) -> Option<[f64; 2]> {
    if x * x / (WIDTH * WIDTH) + y * y / (HEIGHT * HEIGHT) > 1.0 {
        return None;
    }
    let theta = (y / HEIGHT).clamp(-1.0, 1.0).asin();
    let longitude = PI * x / (WIDTH * theta.cos().max(1e-12));
    let latitude = ((2.0 * theta + (2.0 * theta).sin()) / PI).clamp(-1.0, 1.0).asin();
    Some([longitude.clamp(-PI, PI), latitude])
}

/// θ of 2θ + sin 2θ = π sin φ: Newton's method in ψ = 2θ, which slows down at the poles, where it is known.
fn auxiliary(latitude: f64) -> f64 {
    let goal = PI * latitude.clamp(-FRAC_PI_2, FRAC_PI_2).sin();
    if goal.abs() >= PI * (1.0 - 1e-14) {
        return FRAC_PI_2.copysign(goal);
    }
    // Near a pole π − ψ ≈ ∛(6(π − goal)); elsewhere the latitude itself is a fair guess.
    let gap = PI - goal.abs();
    let mut psi = if gap < 0.2 { PI - (6.0 * gap).cbrt() } else { 2.0 * latitude.abs() };
    for _ in 0..40 {
        let step = (psi + psi.sin() - goal.abs()) / (1.0 + psi.cos()).max(1e-12);
        psi = (psi - step).clamp(0.0, PI);
        if step.abs() < 1e-14 {
            break;
        }
    }
    (psi / 2.0).copysign(goal)
}

/// Where a direction lies that points so far to the right, up and toward the eye; the middle of the map is what faces
/// the eye. Not a number where there is no direction.
pub fn seen([right, up, near]: [f32; 3]) -> [f32; 2] {
    let [right, up, near] = [right, up, near].map(f64::from);
    let length = (right * right + up * up + near * near).sqrt();
    if length.is_nan() || length <= 0.0 || length.is_infinite() {
        return [f32::NAN; 2];
    }
    place(right.atan2(near), (up / length).clamp(-1.0, 1.0).asin()).map(|x| x as f32)
}

/// A vector whose first axis is the middle of the map and whose third points north, as right, up and near.
pub fn upright([x, y, z]: [f32; 3]) -> [f32; 3] {
    [y, z, x]
}

/// Meridians and parallels as unit vectors, the first axis on the equator, the third north: a line each.
pub fn graticule() -> Vec<Vec<[f32; 3]>> {
    let unit = |longitude: f64, latitude: f64| {
        let (sin, cos) = latitude.to_radians().sin_cos();
        let (across, along) = longitude.to_radians().sin_cos();
        [cos * along, cos * across, sin].map(|x| x as f32)
    };
    let steps = |from: i32, to: i32| (from..=to).step_by(GRAIN).map(f64::from);
    let meridians = (-180 / SPACING..180 / SPACING)
        .map(|k| steps(-90, 90).map(|latitude| unit(f64::from(k * SPACING), latitude)).collect());
    let parallels = (1 - 90 / SPACING..90 / SPACING)
        .map(|k| steps(-180, 180).map(|longitude| unit(longitude, f64::from(k * SPACING))).collect());
    meridians.chain(parallels).collect()
}

/// Cuts a line on the map where it leaves one side and comes back on the other, and where it has no place.
pub fn pieces(line: impl IntoIterator<Item = [f64; 2]>) -> Vec<Vec<[f64; 2]>> {
    let mut pieces: Vec<Vec<[f64; 2]>> = vec![Vec::new()];
    for at in line {
        let last = pieces.last().and_then(|piece| piece.last()).copied();
        let apart = last.is_some_and(|last: [f64; 2]| (last[0] - at[0]).abs() > WIDTH / 2.0);
        if apart || at.iter().any(|x| x.is_nan()) {
            pieces.push(Vec::new());
        }
        if let Some(piece) = pieces.last_mut().filter(|_| at.iter().all(|x| x.is_finite())) {
            piece.push(at);
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_map_comes_back_as_its_direction() {
        for longitude in [-3.0, -1.2, 0.0, 0.4, 2.9] {
            for latitude in [-1.5, -0.7, 0.0, 0.3, 1.4] {
                let [x, y] = place(longitude, latitude);
                let [back, up] = unplace([x, y]).unwrap();
                assert!(
                    (back - longitude).abs() < 1e-6 && (up - latitude).abs() < 1e-6,
                    "{longitude} {latitude}"
                );
            }
        }
        assert_eq!(unplace([WIDTH, HEIGHT]), None);
    }

    fn near(found: [f64; 2], expected: [f64; 2]) {
        let off = (found[0] - expected[0]).abs().max((found[1] - expected[1]).abs());
        assert!(off < 1e-9, "{found:?} {expected:?}");
    }

    #[test]
    fn known_places_are_where_mollweide_has_them() {
        near(place(0.0, 0.0), [0.0, 0.0]);
        near(place(PI, 0.0), [WIDTH, 0.0]);
        near(place(FRAC_PI_2, 0.0), [SQRT_2, 0.0]);
        near(place(1.0, FRAC_PI_2), [0.0, HEIGHT]);
        near(place(1.0, -FRAC_PI_2), [0.0, -HEIGHT]);
        // θ = 30°: sin φ = (60° + sin 60°)/180° = 1/3 + √3/(2π).
        let latitude = (1.0 / 3.0 + 3.0_f64.sqrt() / (2.0 * PI)).asin();
        near(place(FRAC_PI_2, latitude), [SQRT_2 * 3.0_f64.sqrt() / 2.0, SQRT_2 / 2.0]);
    }

    #[test]
    fn areas_stay_what_they_are_up_to_the_poles() {
        // The determinant of ∂(x, y)/∂(λ, φ) is the area element cos φ of the sphere.
        for latitude in [-1.5, -1.2, -0.4, 0.0, 0.3, 1.0, 1.4, 1.55] {
            for longitude in [-3.0, -1.0, 0.0, 0.5, 2.9] {
                let h = 1e-6;
                let slope = |a: [f64; 2], b: [f64; 2]| [(a[0] - b[0]) / (2.0 * h), (a[1] - b[1]) / (2.0 * h)];
                let east = slope(place(longitude + h, latitude), place(longitude - h, latitude));
                let north = slope(place(longitude, latitude + h), place(longitude, latitude - h));
                let area = east[0] * north[1] - east[1] * north[0];
                assert!((area - latitude.cos()).abs() < 1e-6, "{latitude} {longitude}: {area}");
            }
        }
        // A cap around the pole of height h has area 2πh; on the map it is a segment of the ellipse.
        let (_, top) = (0.0, place(0.0, 1.2)[1]);
        let strip = |k: usize| {
            let y: f64 = top + (HEIGHT - top) * (k as f64 + 0.5) / 1e5;
            2.0 * WIDTH * (1.0 - (y / HEIGHT).powi(2)).sqrt() * (HEIGHT - top) / 1e5
        };
        let area: f64 = (0..100_000).map(strip).sum();
        assert!((area - 2.0 * PI * (1.0 - 1.2_f64.sin())).abs() < 1e-5, "{area}");
    }

    #[test]
    fn the_eye_sees_the_middle_and_nothing_has_no_place() {
        assert_eq!(seen([0.0, 0.0, 5.0]), [0.0, 0.0]);
        let [x, y] = seen([3.0, 0.0, 0.0]);
        assert!((f64::from(x) - SQRT_2).abs() < 1e-6 && y == 0.0);
        for nothing in [[0.0; 3], [f32::NAN, 0.0, 1.0], [f32::INFINITY, 0.0, 0.0]] {
            assert!(seen(nothing)[0].is_nan());
        }
        assert_eq!(seen(upright([1.0, 0.0, 0.0])), [0.0, 0.0]);
    }

    #[test]
    fn every_line_of_the_graticule_lies_within_the_ellipse_and_breaks_at_its_edge() {
        for line in graticule() {
            let mapped = line.iter().map(|p| seen(upright(*p)).map(f64::from));
            for piece in pieces(mapped) {
                for [x, y] in &piece {
                    assert!((x / WIDTH).powi(2) + (y / HEIGHT).powi(2) <= 1.0 + 1e-6);
                }
                for two in piece.windows(2) {
                    assert!((two[0][0] - two[1][0]).hypot(two[0][1] - two[1][1]) < 0.35);
                }
            }
        }
        let jump = pieces([[2.5, 0.0], [2.7, 0.1], [-2.7, 0.2], [-2.5, 0.2], [f64::NAN, 0.0], [0.0, 0.0]]);
        assert_eq!(jump.len(), 2, "{jump:?}");
    }
}
