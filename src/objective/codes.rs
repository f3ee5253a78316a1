//! How far apart points on the sphere can be: angles of the best codes known, and energies of Thomson's problem.
//!
//! What a loss has to do with it is said by the loss.

/// Smallest angles of the best spherical codes found, in degrees: points, dimension, angle.
const CODES: [(usize, usize, f64); 7] = [
    (7, 3, 77.869),
    (8, 3, 74.858),
    (9, 3, 70.529),
    (10, 3, 66.146),
    (11, 3, 63.435),
    (12, 3, 63.435),
    (10, 4, 80.406),
];

/// The largest smallest angle known of `count` points in `dim` dimensions, in degrees.
///
/// Rankin (1955): the simplex up to d + 1 points, a right angle up to 2d; on the circle the regular polygon; a few
/// more by search.
pub fn best_angle(count: usize, dim: usize) -> Option<f64> {
    match (count, dim) {
        (0 | 1, _) | (_, 0) => None,
        (n, d) if n <= d + 1 => Some((-1.0 / (n as f64 - 1.0)).acos().to_degrees()),
        (_, 1) => Some(0.0),
        (n, 2) => Some(360.0 / n as f64),
        (n, d) if n <= 2 * d => Some(90.0),
        _ => CODES.iter().find(|(n, d, _)| (*n, *d) == (count, dim)).map(|(.., angle)| *angle),
    }
}

/// The same as the end of a sentence, empty where nothing is known.
pub fn best_angle_words(count: usize, dim: usize) -> String {
    best_angle(count, dim).map_or(String::new(), |angle| {
        let text = format!("{angle:.2}");
        format!("; best known angle {}°", text.trim_end_matches('0').trim_end_matches('.'))
    })
}

/// Least energies found of charges on the sphere in three dimensions (Thomson, 1904; the sum over pairs of 1/distance).
const THOMSON: [(usize, f64); 5] =
    [(4, 3.674_235), (5, 6.474_691), (6, 9.985_281), (12, 49.165_253), (32, 412.261_275)];

/// The least known sum over pairs of 1/distance of `count` points on the sphere.
pub fn thomson(count: usize) -> Option<f64> {
    THOMSON.iter().find(|(n, _)| *n == count).map(|(_, energy)| *energy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_of_codes_everybody_knows() {
        assert!((best_angle(4, 3).unwrap() - 109.471).abs() < 1e-3, "the tetrahedron");
        assert!((best_angle(5, 2).unwrap() - 72.0).abs() < 1e-12, "the pentagon");
        assert_eq!((best_angle(6, 3), best_angle(7, 4)), (Some(90.0), Some(90.0)));
        assert_eq!((best_angle(40, 3), best_angle(1, 3)), (None, None));
        assert_eq!(best_angle_words(6, 3), "; best known angle 90°");
    }

    #[test]
    fn six_charges_sit_on_the_octahedron() {
        // Twelve pairs at √2, three at 2.
        assert!((thomson(6).unwrap() - (12.0 / 2f64.sqrt() + 1.5)).abs() < 1e-5);
    }
}
