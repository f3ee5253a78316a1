//! From the picture's three coordinates to cells of the screen: turn, zoom, and which point is under a cell.

use super::layout::Area;
use crate::geometry::mollweide;
use crate::snapshot::Picture;

/// Pieces of a line on a map.
const PIECES: usize = 24;

/// How the picture is turned. Angles in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Around the upright axis.
    pub yaw: f32,
    /// Around the axis to the right.
    pub pitch: f32,
    /// 1 fits everything.
    pub zoom: f32,
    /// How far the picture is moved to the right and up, in its own units.
    pub pan: (f32, f32),
}

impl Default for Camera {
    fn default() -> Self {
        Self { yaw: 0.6, pitch: 0.35, zoom: 1.0, pan: (0.0, 0.0) }
    }
}

impl Camera {
    /// Turned by angles, the pitch kept between the poles.
    pub fn turn_by(&mut self, yaw: f32, pitch: f32) {
        self.yaw = (self.yaw + yaw).rem_euclid(std::f32::consts::TAU);
        let pole = std::f32::consts::FRAC_PI_2;
        self.pitch = (self.pitch + pitch).clamp(-pole, pole);
    }

    /// Nearer or farther, between a tenth and fifty times.
    pub fn zoom_by(&mut self, factor: f32) {
        self.zoom = (self.zoom * factor).clamp(0.1, 50.0);
    }

    /// The camera a map is seen by: turned as this one is turned from where it starts, and then with the picture's
    /// first axis in the middle and the third to the north.
    fn upright(self) -> Self {
        let start = Self::default();
        Self {
            yaw: self.yaw - start.yaw - std::f32::consts::FRAC_PI_2,
            pitch: self.pitch - start.pitch,
            ..self
        }
    }

    /// Where a place lies on paper, to the right and up: as [`Camera::turn`] has it, or on the map of directions.
    pub fn see(&self, p: [f32; 3], map: bool) -> [f32; 3] {
        if !map {
            return self.turn(p);
        }
        let [x, y] = mollweide::seen(self.upright().turn(p));
        [x, y, 0.0]
    }

    /// A place as seen: to the right, up, and toward the eye. The picture's third axis points up.
    pub fn turn(&self, p: [f32; 3]) -> [f32; 3] {
        Turn::of(*self).apply(p)
    }
}

/// A camera's angles as sines and cosines, taken once for many places.
#[derive(Clone, Copy, Debug)]
struct Turn {
    yaw: (f32, f32),
    pitch: (f32, f32),
}

impl Turn {
    fn of(camera: Camera) -> Self {
        Self { yaw: camera.yaw.sin_cos(), pitch: camera.pitch.sin_cos() }
    }

    fn apply(&self, p: [f32; 3]) -> [f32; 3] {
        let (sin, cos) = self.yaw;
        let (right, back) = (cos * p[0] - sin * p[1], sin * p[0] + cos * p[1]);
        let (sin, cos) = self.pitch;
        [right, cos * p[2] + sin * back, sin * p[2] - cos * back]
    }
}

/// A camera over an area of the screen.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    turn: Turn,
    flat: bool,
    map: bool,
    origin: [f32; 3],
    centre: (f32, f32),
    /// Rows a unit of length takes.
    pub scale: f32,
    /// The distance at which depth is full.
    pub reach: f32,
}

impl Sight {
    /// Fits a picture into an area. A picture of two dimensions is not turned.
    pub fn new(camera: Camera, picture: &Picture, area: Area) -> Self {
        let flat = picture.shares.len() < 3;
        let reach = if picture.sphere || picture.map { 1.0 } else { picture.reach.max(1e-6) };
        let (across, up) =
            if picture.map { (mollweide::WIDTH as f32, mollweide::HEIGHT as f32) } else { (1.0, 1.0) };
        let room = (f32::from(area.width) / 4.0 - 0.6) / across;
        let room = room.min((f32::from(area.height) / 2.0 - 0.6) / up);
        let scale = room.max(0.5 / across) * camera.zoom / reach;
        Self {
            turn: Turn::of(if picture.map { camera.upright() } else { camera }),
            flat,
            map: picture.map,
            origin: if picture.sphere || picture.map { picture.origin } else { [0.0; 3] },
            centre: (
                f32::from(area.x) + f32::from(area.width) / 2.0 + 2.0 * scale * camera.pan.0,
                f32::from(area.y) + f32::from(area.height) / 2.0 - scale * camera.pan.1,
            ),
            scale,
            reach,
        }
    }

    /// Where a place lies, in columns and rows (not whole), and how near: −1 (back) to 1 (front).
    pub fn place(&self, p: [f32; 3]) -> (f32, f32, f32) {
        self.direction_at([p[0] - self.origin[0], p[1] - self.origin[1], p[2] - self.origin[2]])
    }

    /// The same for a place relative to the centre of the picture.
    pub fn direction_at(&self, p: [f32; 3]) -> (f32, f32, f32) {
        if self.map {
            // A vector without a direction has no place on a map; what is not a number is drawn nowhere.
            let [x, y] = mollweide::seen(self.turn.apply(p));
            return (self.centre.0 + 2.0 * self.scale * x, self.centre.1 - self.scale * y, 1.0);
        }
        let [right, up, near] = if self.flat { [p[0], p[1], 0.0] } else { self.turn.apply(p) };
        let depth = (near / self.reach).clamp(-1.0, 1.0);
        (self.centre.0 + 2.0 * self.scale * right, self.centre.1 - self.scale * up, depth)
    }

    /// Where the middle of the picture lies, in columns and rows.
    pub fn middle(&self) -> (f32, f32) {
        self.centre
    }

    /// The line between two places: straight, or on a map the great circle, in pieces where it leaves one side and
    /// comes back on the other.
    pub fn line(&self, from: [f32; 3], to: [f32; 3]) -> Vec<[(f32, f32, f32); 2]> {
        if !self.map {
            return vec![[self.place(from), self.place(to)]];
        }
        let unit = |p: [f32; 3]| {
            let p: [f32; 3] = std::array::from_fn(|k| p[k] - self.origin[k]);
            let length = p.iter().map(|x| x * x).sum::<f32>().sqrt();
            p.map(|x| x / length)
        };
        let (from, to) = (unit(from), unit(to));
        let at = |k: usize| {
            let share = k as f32 / PIECES as f32;
            self.direction_at(std::array::from_fn(|axis| from[axis] + share * (to[axis] - from[axis])))
        };
        let widest = 2.0 * self.scale * mollweide::WIDTH as f32 / 2.0;
        let pieces = (0..PIECES).map(|k| [at(k), at(k + 1)]);
        // Not a number, on a line that passes the origin, is not near either.
        pieces.filter(|[a, b]| (a.0 - b.0).abs() < widest).collect()
    }

    /// Zooms a camera, whose sight this is, so that what lies under a cell stays there.
    pub fn zoom_at(&self, camera: &mut Camera, factor: f32, column: u16, row: u16) {
        let before = camera.zoom;
        camera.zoom_by(factor);
        let (x, y) = (f32::from(column) + 0.5, f32::from(row) + 0.5);
        // Where the cell lies from the middle of the area, in units of the picture, before and after.
        let shrunk = before / camera.zoom - 1.0;
        let right = ((x - self.centre.0) / (2.0 * self.scale) + camera.pan.0) * shrunk;
        let up = ((self.centre.1 - y) / self.scale + camera.pan.1) * shrunk;
        let far = 4.0 * self.reach;
        camera.pan = ((camera.pan.0 + right).clamp(-far, far), (camera.pan.1 + up).clamp(-far, far));
    }

    /// The shown point nearest to a cell, if one is within two rows.
    pub fn nearest(&self, picture: &Picture, column: u16, row: u16) -> Option<u32> {
        let (x, y) = (f32::from(column) + 0.5, f32::from(row) + 0.5);
        let mut best: Option<(f32, u32)> = None;
        for (place, &number) in picture.points.iter().zip(&picture.rows) {
            let (column, row, depth) = self.place(*place);
            // Of points on the same cell the one in front is meant.
            let distance = ((column - x) / 2.0).powi(2) + (row - y).powi(2) - 0.05 * depth;
            if distance < 4.0 && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, number));
            }
        }
        best.map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_keeps_lengths_and_the_third_axis_points_up() {
        let camera = Camera { yaw: 0.0, pitch: 0.0, ..Camera::default() };
        assert_eq!(camera.turn([0.0, 0.0, 1.0]), [0.0, 1.0, 0.0]);
        assert_eq!(camera.turn([1.0, 0.0, 0.0]), [1.0, 0.0, 0.0]);
        assert_eq!(camera.turn([0.0, 1.0, 0.0]), [0.0, 0.0, -1.0]);
        let turned = Camera::default().turn([1.0, -2.0, 2.0]);
        assert!((turned.iter().map(|x| x * x).sum::<f32>().sqrt() - 3.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_under_the_pointer_stays_under_it() {
        let picture = Picture { shares: vec![0.5, 0.3, 0.2], sphere: true, ..Picture::default() };
        let area = Area { x: 3, y: 1, width: 44, height: 22 };
        let mut camera = Camera::default();
        let place = [0.2, -0.7, 0.4];
        let (x, y, _) = Sight::new(camera, &picture, area).place(place);
        // From the middle of the cell that the place is in, it moves by what it is off that middle.
        let (column, row) = (x as u16, y as u16);
        for factor in [1.1, 1.1, 1.1, 0.9, 2.0] {
            Sight::new(camera, &picture, area).zoom_at(&mut camera, factor, column, row);
        }
        let zoomed = Sight::new(camera, &picture, area).place(place);
        assert!(camera.zoom > 2.0);
        assert!((zoomed.0 - x).abs() < 1.0 && (zoomed.1 - y).abs() < 1.0, "{zoomed:?} {x} {y}");
    }

    #[test]
    fn a_map_has_its_first_axis_in_the_middle_and_turns_with_the_camera() {
        let picture = Picture { shares: vec![0.5, 0.3, 0.2], map: true, ..Picture::default() };
        let area = Area { x: 0, y: 0, width: 120, height: 20 };
        let sight = Sight::new(Camera::default(), &picture, area);
        let near = |p: [f32; 3], x: f32, y: f32| {
            let found = sight.place(p);
            assert!((found.0 - x).abs() < 0.05 && (found.1 - y).abs() < 0.05, "{p:?}: {found:?}");
        };
        near([3.0, 0.0, 0.0], 60.0, 10.0);
        // 90° to the east is half of the way to the edge, which fills the area's height here: 9.4 rows for √2.
        near([0.0, 0.5, 0.0], 60.0 + 2.0 * 9.4, 10.0);
        near([0.0, 0.0, 2.0], 60.0, 10.0 - 9.4);
        let turned = Camera { yaw: Camera::default().yaw + 1.0, ..Camera::default() };
        let (x, y, _) = Sight::new(turned, &picture, area).place([1.0, 0.0, 0.0]);
        assert!((x - 60.0).abs() > 5.0 && (y - 10.0).abs() < 1e-3, "{x} {y}");
        // A line over the far side leaves at one edge and comes back at the other.
        let line = sight.line([-1.0, 0.5, 0.0], [-1.0, -0.5, 0.0]);
        assert!(line.len() < PIECES && line.iter().all(|[a, b]| (a.0 - b.0).abs() < 20.0), "{line:?}");
        assert!(sight.place([0.0; 3]).0.is_nan());
    }

    #[test]
    fn a_click_finds_the_point_it_is_on() {
        let picture = Picture {
            rows: vec![3, 8],
            points: vec![[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]],
            shares: vec![0.5, 0.3, 0.2],
            sphere: true,
            ..Picture::default()
        };
        let area = Area { x: 0, y: 0, width: 44, height: 22 };
        let sight = Sight::new(Camera { yaw: 0.0, pitch: 0.0, ..Camera::default() }, &picture, area);
        let (x, y, _) = sight.place([1.0, 0.0, 0.0]);
        assert!((x - 42.8).abs() < 1e-3 && (y - 11.0).abs() < 1e-3, "{x} {y}");
        assert_eq!(sight.nearest(&picture, 42, 10), Some(3));
        assert_eq!(sight.nearest(&picture, 1, 11), Some(8));
        assert_eq!(sight.nearest(&picture, 20, 2), None);
    }
}
