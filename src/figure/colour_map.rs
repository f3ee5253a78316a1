//! The diverging colour map of cosines: blue for −1, white for 0, red-brown for 1.
//!
//! Blue against orange-red differs for every common colour blindness, and lightness falls on both sides.

use super::picture::Ink;

/// Anchors from −1 to 1 in equal steps.
const STOPS: [(f64, f64, f64); 9] = [
    (5.0, 48.0, 97.0),
    (33.0, 102.0, 172.0),
    (100.0, 164.0, 208.0),
    (190.0, 218.0, 236.0),
    (248.0, 248.0, 248.0),
    (253.0, 219.0, 185.0),
    (239.0, 160.0, 98.0),
    (199.0, 84.0, 33.0),
    (120.0, 36.0, 6.0),
];

/// The colour of a value from −1 to 1; values beyond take the end colours.
pub(super) fn diverging(value: f64) -> Ink {
    let last = STOPS.len() - 1;
    let at = f64::midpoint(value.clamp(-1.0, 1.0), 1.0) * last as f64;
    let lower = (at.floor() as usize).min(last - 1);
    let share = at - lower as f64;
    let (a, b) = (STOPS[lower], STOPS[lower + 1]);
    let mixed = |a: f64, b: f64| (a + share * (b - a)).round() as u8;
    Ink::opaque((mixed(a.0, b.0), mixed(a.1, b.1), mixed(a.2, b.2))).mapped()
}

/// Black or white, whichever is readable on a colour.
pub(super) fn readable_on(ink: Ink) -> Ink {
    let (r, g, b) = ink.rgb;
    let luminance = 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
    if luminance > 135.0 { Ink::TEXT } else { Ink::WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_differ_in_blue_and_red_and_lightness_falls_on_both_sides() {
        let (low, high) = (diverging(-1.0).rgb, diverging(1.0).rgb);
        assert!(low.2 > low.0 && high.0 > high.2);
        let light = |v: f64| {
            let (r, g, b) = diverging(v).rgb;
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        for k in 0..20 {
            let (near, far) = (f64::from(k) / 20.0, f64::from(k + 1) / 20.0);
            assert!(light(far) < light(near) && light(-far) < light(-near), "{near}");
        }
        assert_eq!(diverging(7.0), diverging(1.0));
    }

    #[test]
    fn numbers_are_light_on_dark_and_dark_on_light() {
        assert_eq!(readable_on(diverging(-1.0)), Ink::WHITE);
        assert_eq!(readable_on(diverging(1.0)), Ink::WHITE);
        assert_eq!(readable_on(diverging(0.0)), Ink::TEXT);
    }
}
