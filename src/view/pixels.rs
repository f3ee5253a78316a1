//! The view in real pixels: the scene that cells show, as a sketch for terminals that take pictures.

use ratatui::style::{Color, Modifier, Style};

use super::projection;
use super::raster::{Glyph, Raster, Trace};
use super::theme::Theme;
use crate::app::look::is_light;
use crate::app::{App, Area, Pane, places};
use crate::figure::Sketch;
use crate::palette::SHAPES;

type Rgb = (u8, u8, u8);

/// What a sketch is drawn in where the style names no colour of its own.
#[derive(Clone, Copy)]
struct Paint {
    /// What is behind everything.
    paper: Rgb,
    /// Text in the terminal's own colour.
    plain: Rgb,
    quiet: Rgb,
}

impl Paint {
    fn of(app: &App) -> Self {
        let paper = app.look.paper();
        let (plain, quiet) = if is_light(paper) {
            ((30, 30, 30), (128, 128, 128))
        } else {
            ((225, 225, 225), (110, 110, 110))
        };
        Self { paper, plain, quiet }
    }

    fn colour(self, style: Style) -> Rgb {
        match style.fg {
            Some(Color::Rgb(r, g, b)) => (r, g, b),
            Some(Color::DarkGray) => self.quiet,
            _ => self.plain,
        }
    }
}

/// The cells that a picture of the view covers; nothing where the view is not on the screen, something lies over it, or
/// there are several.
pub fn sketch_area(app: &App) -> Option<Area> {
    if app.overlay.is_some() || app.compares() || app.snapshot.picture.points.is_empty() {
        return None;
    }
    let shown = places::scene(places::inside(app.layout()?.area(Pane::View)?));
    (shown.width > 0 && shown.height > 0).then_some(shown)
}

/// The view as it would be in cells of so many pixels, and the cells it covers; nothing as [`sketch_area`].
pub fn sketch(app: &App, cell: (u16, u16)) -> Option<(Area, Sketch)> {
    let shown = sketch_area(app)?;
    let (theme, paint) = (Theme::full(app), Paint::of(app));
    let mut raster = Raster::recording(shown, theme);
    projection::scene(app, &mut raster, shown, theme);
    let (w, h) = (f64::from(cell.0), f64::from(cell.1));
    let sides = (u32::from(shown.width) * u32::from(cell.0), u32::from(shown.height) * u32::from(cell.1));
    let mut sketch = Sketch::new(sides.0, sides.1, paint.paper);
    let at = |(x, y): (f32, f32)| {
        [(f64::from(x) - f64::from(shown.x)) * w, (f64::from(y) - f64::from(shown.y)) * h]
    };
    let (traces, glyphs) = raster.traces();
    let mut traces: Vec<&Trace> = traces.iter().collect();
    traces.sort_by_key(|trace| match trace {
        Trace::Dot(_, rank, _) | Trace::Line(_, _, _, rank, _) => *rank,
    });
    let unit = h / 18.0;
    for trace in traces {
        match trace {
            Trace::Dot(place, _, style) => sketch.disc(at(*place), 0.9 * unit, paint.colour(*style)),
            Trace::Line(from, to, true, _, style) => {
                sketch.dashed(at(*from), at(*to), 1.2 * unit, paint.colour(*style));
            }
            Trace::Line(from, to, false, _, style) => {
                sketch.line(at(*from), at(*to), 1.4 * unit, paint.colour(*style));
            }
        }
    }
    for glyph in glyphs {
        symbol(&mut sketch, paint, glyph, at(glyph.at), unit);
    }
    Some((shown, sketch))
}

fn symbol(sketch: &mut Sketch, paint: Paint, glyph: &Glyph, at: [f64; 2], unit: f64) {
    let (rgb, em) = (paint.colour(glyph.style), 14.0 * unit);
    let reversed = glyph.style.add_modifier.contains(Modifier::REVERSED);
    let shape = SHAPES.into_iter().find(|shape| [shape.glyph(), shape.ascii()].contains(&glyph.symbol));
    match (glyph.symbol, shape) {
        ('○' | 'O', _) => sketch.ring(at, 8.0 * unit, 1.6 * unit, rgb),
        // The brackets around the letter of a class weight are its ring.
        ('[' | ']', _) => {}
        (_, Some(shape)) => {
            let radius = if reversed { 6.5 } else { 4.2 } * unit;
            sketch.mark(shape, at, radius, rgb);
            if reversed {
                sketch.ring(at, 9.0 * unit, 1.4 * unit, paint.plain);
            }
            if glyph.style.add_modifier.contains(Modifier::UNDERLINED) {
                sketch.ring(at, 6.0 * unit, 1.2 * unit, paint.plain);
            }
        }
        (letter, None) if reversed => {
            sketch.disc(at, 8.0 * unit, paint.plain);
            sketch.disc(at, 7.0 * unit, rgb);
            sketch.word(at, em, &letter.to_string(), paint.paper);
        }
        // What points at a picked class, in any font.
        ('▸', None) => sketch.word(at, em, ">", rgb),
        ('◂', None) => sketch.word(at, em, "<", rgb),
        (letter, None) => sketch.word(at, em, &letter.to_string(), rgb),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::experiment::Experiment;
    use crate::simulation::Run;

    #[test]
    fn a_point_is_where_the_cells_have_it_in_the_colour_of_its_class() {
        let mut run = Run::new(&Experiment { per_class: Some(1), ..Experiment::default() }).unwrap();
        run.advance(3);
        run.read_back();
        let app = App::new(Arc::new(run.snapshot()), (80, 24));
        let (area, sketch) = sketch(&app, (10, 20)).unwrap();
        let seen = sketch.indexed().unwrap();
        let sight = app.sight().unwrap();
        let (w, h) = (usize::from(area.width) * 10, usize::from(area.height) * 20);
        assert_eq!((seen.size.width() as usize, seen.size.height() as usize), (w, h));
        let theme = Theme::full(&app);
        // The point nearest to the eye is not covered by another point.
        let picture = &app.snapshot.picture;
        let depth = |k: &usize| sight.place(picture.points[*k]).2;
        let k = (0..picture.points.len()).max_by(|a, b| depth(a).total_cmp(&depth(b))).unwrap();
        let (x, y, near) = sight.place(picture.points[k]);
        let (x, y) = (((x - f32::from(area.x)) * 10.0) as usize, ((y - f32::from(area.y)) * 20.0) as usize);
        let class = app.snapshot.cast.truth[picture.rows[k] as usize] as usize;
        let wanted = Paint::of(&app).colour(theme.class(class, near));
        let found = (y.saturating_sub(2)..(y + 3).min(h)).any(|y| {
            (x.saturating_sub(2)..(x + 3).min(w)).any(|x| {
                let [r, g, b] = seen.palette.colours()[usize::from(seen.pixels[y * w + x])];
                (r, g, b) == wanted
            })
        });
        assert!(found, "class {class} at {x}, {y}");
    }

    #[test]
    fn what_lies_over_the_view_takes_the_picture_away() {
        let mut app = App::new(Arc::new(Run::new(&Experiment::default()).unwrap().snapshot()), (80, 24));
        assert!(sketch(&app, (8, 16)).is_some());
        app.overlay = Some(crate::app::Overlay::Help(0));
        assert!(sketch(&app, (8, 16)).is_none());
        app.overlay = None;
        app.size = (10, 10);
        assert!(sketch(&app, (8, 16)).is_none());
    }
}
