//! The map of directions on paper.

use crate::figure::Map;
use crate::geometry::mollweide::{self, HEIGHT, WIDTH, graticule, pieces};

/// The map as it lies when places are seen so: its outline, meridians and parallels.
pub fn of(see: impl Fn([f32; 3]) -> [f64; 2]) -> Map {
    let lines = graticule().into_iter().flat_map(|line| pieces(line.into_iter().map(&see)));
    Map { half: [WIDTH, HEIGHT], graticule: lines.collect() }
}

/// Where a vector lies on the map with its first axis in the middle and the third to the north.
pub fn upright(place: [f32; 3]) -> [f64; 2] {
    mollweide::seen(mollweide::upright(place)).map(f64::from)
}

/// Where places of a picture lie on paper: their first two coordinates, or on the map.
pub fn flat(map: bool) -> impl Fn([f32; 3]) -> [f64; 2] {
    move |p| if map { upright(p) } else { [f64::from(p[0]), f64::from(p[1])] }
}
