//! The points: on their sphere, in three dimensions, by class; class weights with the edges of the frame they form.
//! What the title says, the map of the sphere, trails and what is picked have files of their own.

mod labels;
mod map;
mod picked;
mod title;
mod trails;

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::pen;
use super::raster::Raster;
use super::theme::Theme;
use crate::app::{App, Area, Pane, Sight, places};
use crate::snapshot::Picture;

/// Edges between more classes than this would be a thicket.
const MOST_EDGES_CLASSES: usize = 8;
/// Above this many points a cell, symbols would cover each other: dots instead.
const CROWD: f32 = 0.9;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    draw_headed(app, buffer, area, "1 View", app.focus == Pane::View);
}

/// The shortest title that says what the view hides; empty where it hides nothing.
pub(super) fn least_title(app: &App) -> String {
    title::least(app)
}

/// The same under another head than the pane's own.
pub(super) fn draw_headed(app: &App, buffer: &mut Buffer, area: Area, head: &str, focused: bool) {
    let picture = &app.snapshot.picture;
    let theme = Theme::of(app);
    let title = title::title(app, usize::from(area.width).saturating_sub(8 + head.chars().count()));
    let inner = pen::headed(theme, buffer, head, focused, area, &title);
    // Where the title has no room for it, the distance to the target stands in the lower edge of the frame.
    // Unless it is taken by the words about forces.
    let edge = usize::from(area.width.saturating_sub(4));
    let taken = super::arrows::on_edge(app, &title, edge).map_or(0, |words| words.chars().count() + 4);
    let room = edge.saturating_sub(taken);
    let fits = |away: &String| !title.contains(away.as_str()) && away.chars().count() + 2 <= room;
    if let Some(away) = away(app).filter(fits) {
        let edge = Area { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let away = Span::styled(format!(" {away} "), theme.target());
        pen::right(buffer, edge, area.height.saturating_sub(1), away);
    }
    super::arrows::name_on_edge(app, buffer, area, &title, theme);
    if picture.points.is_empty() {
        let why = if app.snapshot.analysed { "  nothing to show" } else { "  being computed" };
        pen::line(buffer, inner, inner.height / 2, Span::styled(why, theme.quiet()));
        return;
    }
    if !app.pixels {
        let shown = places::scene(inner);
        let mut raster = Raster::new(shown, theme);
        scene(app, &mut raster, shown, theme);
        raster.paint(buffer);
    }
    legend(app, buffer, inner, theme);
}

/// Everything in the view, back to front, whatever it is painted with.
pub(super) fn scene(app: &App, raster: &mut Raster, inner: Area, theme: Theme) {
    let picture = &app.snapshot.picture;
    let sight = Sight::new(app.camera, picture, inner);
    if picture.map {
        map::draw(raster, &sight, theme);
    } else if picture.sphere {
        sphere(raster, &sight, picture, theme);
    } else {
        axes(raster, &sight, picture, theme);
    }
    if shows_target(app) {
        target(raster, &sight, picture, theme);
    } else {
        edges(raster, &sight, picture, theme);
    }
    trails::draw(app, raster, &sight, theme);
    super::arrows::draw(app, raster, &sight, inner, theme);
    let crowded = picture.points.len() as f32 > CROWD * f32::from(inner.width) * f32::from(inner.height);
    if crowded {
        for (k, point) in picture.points.iter().enumerate() {
            let (x, y, depth) = sight.place(*point);
            let rank = 3 + (depth + 1.0) as u8;
            raster.dot(x, y, rank, picked::style(app, theme, class_of(app, k), depth));
        }
    }
    if !crowded {
        symbols(app, raster, &sight, theme);
    }
    if shows_target(app) {
        rings(app, raster, &sight, theme);
    }
    // What is picked comes first, and the rest keeps out of its way.
    let mut labels = labels::Labels::new(inner);
    picked::draw(app, raster, &sight, &mut labels, theme);
    let weighted = !picture.weights.is_empty();
    let named = |class: usize| app.marked.is_some_and(|marked| marked.holds(class as u32));
    let others = centres(app).into_iter().filter(|(class, _)| !named(*class)).collect();
    labels::classes(others, weighted, raster, &sight, &mut labels, theme);
}

/// How far the state is from the arrangement that is drawn.
fn away(app: &App) -> Option<String> {
    let fit = app.snapshot.geometry.fit.as_ref().filter(|_| shows_target(app))?;
    Some(format!("○ {} {:.3} away", fit.name, fit.distance))
}

/// The class a shown point was drawn from: what the picture is about, whatever the label says.
pub(super) fn class_of(app: &App, shown: usize) -> usize {
    let picture = &app.snapshot.picture;
    let row = picture.rows.get(shown).map_or(0, |row| *row as usize);
    app.snapshot.cast.truth.get(row).map_or(0, |class| *class as usize)
}

/// The same of any row.
fn class_of_row(app: &App, row: u32) -> usize {
    app.snapshot.cast.truth.get(row as usize).map_or(0, |class| *class as usize)
}

/// The outline of the unit sphere, its equator and two meridians, faint behind.
pub(super) fn sphere(raster: &mut Raster, sight: &Sight, picture: &Picture, theme: Theme) {
    let (cx, cy, _) = sight.direction_at([0.0; 3]);
    let turn = |k: usize, of: usize| (k as f32 / of as f32 * std::f32::consts::TAU).sin_cos();
    let outline = theme.quiet();
    let sides = ((sight.scale * 24.0) as usize).clamp(48, 1200);
    for k in 0..sides {
        let (sin, cos) = turn(k, sides);
        raster.dot(cx + 2.0 * sight.scale * cos, cy - sight.scale * sin, 1, outline);
    }
    if picture.shares.len() < 3 {
        return;
    }
    let circles: [fn(f32, f32) -> [f32; 3]; 3] = [|s, c| [c, s, 0.0], |s, c| [c, 0.0, s], |s, c| [0.0, c, s]];
    let sparse = sides / 4;
    for circle in circles {
        for k in 0..sparse {
            let (sin, cos) = turn(k, sparse);
            let (x, y, depth) = sight.direction_at(circle(sin, cos));
            // Only the half toward the eye: the ball looks solid.
            if depth > 0.0 {
                raster.dot(x, y, 0, outline);
            }
        }
    }
}

/// A small cross at the origin, where there is no sphere.
fn axes(raster: &mut Raster, sight: &Sight, picture: &Picture, theme: Theme) {
    for axis in 0..3 {
        let mut tip = picture.origin;
        tip[axis] += 0.25 * sight.reach;
        let (from, to) = (sight.place(picture.origin), sight.place(tip));
        raster.line((from.0, from.1), (to.0, to.1), 2, 0, |_| theme.quiet());
    }
}

/// A line between two places, broken where it lies behind; on a map a great circle.
fn join(
    raster: &mut Raster,
    sight: &Sight,
    from: [f32; 3],
    to: [f32; 3],
    every: usize,
    rank: u8,
    style: Style,
) {
    for [(x0, y0, near), (x1, y1, far)] in sight.line(from, to) {
        let every = if every > 1 && near + far < -0.3 { 2 * every } else { every };
        raster.line((x0, y0), (x1, y1), every, rank, |_| style);
    }
}

/// What stands for the classes: their weights, or the means where there are none.
fn centres(app: &App) -> Vec<(usize, [f32; 3])> {
    let picture = &app.snapshot.picture;
    if picture.weights.is_empty() {
        picture.means.iter().map(|(class, place)| (*class as usize, *place)).collect()
    } else {
        picture.weights.iter().copied().enumerate().collect()
    }
}

fn edges(raster: &mut Raster, sight: &Sight, picture: &Picture, theme: Theme) {
    let ends: Vec<[f32; 3]> = if picture.weights.is_empty() {
        picture.means.iter().map(|(_, place)| *place).collect()
    } else {
        picture.weights.clone()
    };
    if ends.len() > MOST_EDGES_CLASSES {
        return;
    }
    for (k, from) in ends.iter().enumerate() {
        for to in &ends[k + 1..] {
            join(raster, sight, *from, *to, 2, 2, theme.target());
        }
    }
}

fn shows_target(app: &App) -> bool {
    app.target && !app.snapshot.picture.targets.is_empty()
}

/// The edges of the proved arrangement, and from each member a line to where it should be.
fn target(raster: &mut Raster, sight: &Sight, picture: &Picture, theme: Theme) {
    let places: Vec<[f32; 3]> = picture.targets.iter().map(|(place, _)| *place).collect();
    let longest =
        if places.len() > MOST_EDGES_CLASSES { nearest_edge(picture) * 1.05 } else { f32::INFINITY };
    for (k, from) in places.iter().enumerate() {
        for to in places.iter().skip(k + 1) {
            if distance(*from, *to) > longest {
                continue;
            }
            join(raster, sight, *from, *to, 2, 2, theme.target());
        }
        join(raster, sight, picture.targets[k].1, *from, 1, 3, theme.target());
    }
}

/// Of many members only neighbours are joined: as an icosahedron is drawn.
fn nearest_edge(picture: &Picture) -> f32 {
    let places = &picture.targets;
    let pairs = (0..places.len()).flat_map(|k| (0..k).map(move |l| (k, l)));
    pairs.map(|(k, l)| distance(places[k].0, places[l].0)).fold(f32::INFINITY, f32::min)
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt()
}

/// A ring at each place of the proved arrangement.
fn rings(app: &App, raster: &mut Raster, sight: &Sight, theme: Theme) {
    for (place, _) in &app.snapshot.picture.targets {
        let (x, y, _) = sight.place(*place);
        raster.glyph(x, y, theme.pick('○', 'O'), theme.target().add_modifier(Modifier::BOLD));
    }
}

fn symbols(app: &App, raster: &mut Raster, sight: &Sight, theme: Theme) {
    let picture = &app.snapshot.picture;
    let mut order: Vec<(f32, usize)> =
        picture.points.iter().enumerate().map(|(k, point)| (sight.place(*point).2, k)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, k) in order {
        let (x, y, depth) = sight.place(picture.points[k]);
        let class = class_of(app, k);
        let row = picture.rows[k] as usize;
        let moved = app.snapshot.cast.labels.get(row).is_some_and(|label| *label as usize != class);
        let mut style = picked::style(app, theme, class, depth);
        if moved {
            // A label that is not the class it was drawn from.
            style = style.add_modifier(Modifier::UNDERLINED);
        }
        raster.glyph(x, y, theme.glyph(class), style);
    }
}

/// Classes with their marks, on the last line; picked ones stand out.
fn legend(app: &App, buffer: &mut Buffer, inner: Area, theme: Theme) {
    for (from, to, class) in places::legend(app, inner) {
        let row = inner.height.saturating_sub(1);
        let Some(class) = class else {
            pen::indented(buffer, inner, from, row, Span::styled("…", Style::new()));
            return;
        };
        let mut style = theme.class(class, 1.0);
        if app.marked.is_some_and(|marked| marked.holds(class as u32)) {
            style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
        }
        let entry = format!("{} {}", theme.glyph(class), places::legend_name(app, class));
        debug_assert!(from + entry.chars().count() as u16 <= to, "an entry has its place");
        let spans = vec![Span::styled(entry, style), Span::raw("  ")];
        pen::indented(buffer, inner, from, row, Line::from(spans));
    }
}
