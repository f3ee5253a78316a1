//! Where rows lie on the circle or the sphere: a density of all of them and of each class, and under each how its
//! angles are spread. After figure 3 of Wang and Isola (2020, Understanding Contrastive Representation Learning through
//! Alignment and Uniformity on the Hypersphere).

use super::angles::draw_histogram;
use super::axis::Axis;
use super::panel::{Grid, Panel, lay};
use super::picture::{Anchor, Area, Ink, Picture};
use super::projection::{Map, draw_map};
use super::scale::{Heading, Scale};
use super::{Size, class_name};
use crate::palette;

/// Densities side by side, all on the same ground.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Density {
    /// Bold, above all.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The share of the variance that is not seen, 0 to 1; stands in the subtitle before all else.
    pub hidden_variance: Option<f64>,
    /// What the rows lie on: a map of the sphere, or half the sides of a square around the unit circle.
    pub ground: Map,
    /// Columns and rows of every density.
    pub cells: [usize; 2],
    /// What stands under the histograms.
    pub x_label: String,
    /// The least and the greatest angle of the histograms, in degrees.
    pub span: [f64; 2],
    /// The name of each class, by its dense index; missing ones are numbered.
    pub class_names: Vec<String>,
    /// The densities, that of all rows first.
    pub groups: Vec<Group>,
}

/// One density and the spread of its angles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// The class, a dense index; nothing for all rows.
    pub class: Option<usize>,
    /// How many rows it is of.
    pub rows: usize,
    /// From 0 to 1, a cell each, row after row from the top left.
    pub heat: Vec<f64>,
    /// The counts of angles in equal bins over the span.
    pub counts: Vec<u64>,
}

impl Density {
    /// Whether the ground is the circle.
    fn is_circle(&self) -> bool {
        self.ground.graticule.is_empty()
    }
}

/// The height of a histogram in widths of its place.
const HISTOGRAM: f64 = 0.5;
/// Densities below this share of the greatest are left blank.
const FAINTEST: f64 = 0.03;

/// Lays out and draws the figure.
pub(super) fn draw(density: &Density, size: Size) -> Picture {
    let mut picture = Picture::new(size, &density.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let hidden = density.hidden_variance.map(super::projection::hidden_words);
    let words: Vec<String> =
        hidden.into_iter().chain([density.subtitle.clone()]).filter(|words| !words.is_empty()).collect();
    let heading = Heading::new(scale, &density.title, &words.join(" · "), page);
    heading.draw(&mut picture, page, page.left, page.top);
    let all = Area { top: page.top + heading.height(), ..page };
    if density.groups.is_empty() {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(all.centre(), "no rows", style);
        return picture;
    }
    let shape = density.ground.half[1] / density.ground.half[0];
    let words = 1.7 * scale.label;
    // The columns that leave every density the most room.
    let count = density.groups.len();
    let gap = 1.2 * scale.tick;
    let width = |columns: usize| {
        let rows = count.div_ceil(columns) as f64;
        let across = (all.width() - gap * (columns - 1) as f64) / columns as f64;
        let high = (all.height() - gap * (rows - 1.0)) / rows - words;
        across.min(high / (shape + HISTOGRAM)).max(1.0)
    };
    let columns = (1..=count).max_by(|a, b| width(*a).total_cmp(&width(*b))).unwrap_or(1);
    // As many in every row as there can be, the last one apart.
    let columns = count.div_ceil(count.div_ceil(columns));
    let (width, rows) = (width(columns), count.div_ceil(columns));
    let height = words + width * (shape + HISTOGRAM);
    let spare = |room: f64, own: f64, of: usize| (room - own * of as f64) / (of as f64 + 1.0);
    let between = [spare(all.width(), width, columns).max(0.0), spare(all.height(), height, rows).max(0.0)];
    for (k, group) in density.groups.iter().enumerate() {
        let (row, column) = (k / columns, k % columns);
        let left = all.left + between[0] * (column + 1) as f64 + width * column as f64;
        let top = all.top + between[1] * (row + 1) as f64 + height * row as f64;
        let area = Area { left, top, right: left + width, bottom: top + height };
        draw_group(&mut picture, scale, area, density, group, words);
    }
    picture
}

fn draw_group(picture: &mut Picture, scale: Scale, area: Area, density: &Density, group: &Group, words: f64) {
    let ink = match group.class {
        Some(class) => {
            let colour = palette::colour(class);
            Ink::opaque(colour.rgb).darkened(if colour.is_light() { 0.2 } else { 0.0 })
        }
        None => Ink::grey(0x33),
    };
    let name = group.class.map_or("all".to_owned(), |class| class_name(&density.class_names, class));
    let style = scale.label_type(Anchor::Middle).bold();
    let name = format!("{name}, {} rows", group.rows);
    let name = super::font::fitted(&name, style.em, true, area.width());
    picture.text([area.centre()[0], area.top + 1.1 * scale.label], &name, style);
    let [half_width, half_height] = density.ground.half;
    let top = area.top + words;
    let heat = Area { top, bottom: top + area.width() * half_height / half_width, ..area };
    let axis = |half: f64| Axis::linear("", Some((-half, half)), 0.0, 0.0);
    let panel = Panel { area: heat, x: axis(half_width), y: axis(half_height) };
    let [across, down] = density.cells;
    let (cell_width, cell_height) = (heat.width() / across as f64, heat.height() / down as f64);
    for (k, &value) in group.heat.iter().enumerate().filter(|(_, value)| **value >= FAINTEST) {
        let (x, y) = ((k % across) as f64, (k / across) as f64);
        let cell = Area {
            left: heat.left + x * cell_width,
            top: heat.top + y * cell_height,
            right: heat.left + (x + 1.0) * cell_width,
            bottom: heat.top + (y + 1.0) * cell_height,
        };
        picture.rectangle(cell, ink.tinted(value.clamp(0.0, 1.0).powf(0.8)));
    }
    if density.is_circle() {
        let edge = panel.place([1.0, 0.0]);
        let centre = panel.place([0.0, 0.0]);
        picture.ring(centre, edge[0] - centre[0], 1.1 * scale.unit, Ink::grey(0x99));
    } else {
        draw_map(picture, scale, &panel, &density.ground);
    }
    let outer = Area { top: heat.bottom + 0.2 * scale.tick, ..area };
    let total: u64 = group.counts.iter().sum();
    let shares: Vec<f64> = group.counts.iter().map(|&count| count as f64 / total.max(1) as f64).collect();
    let highest = shares.iter().copied().fold(0.0, f64::max);
    let y = Axis::linear("", Some((0.0, if highest > 0.0 { highest } else { 1.0 })), 0.0, 0.08);
    let x = Axis::angles(&density.x_label, density.span);
    let panel = lay(picture, scale, outer, x, y, Grid::None);
    draw_histogram(picture, scale, &panel, &shares, density.span, ink);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::picture::Item;

    fn of(groups: usize) -> Density {
        let group = |k: usize| Group {
            class: k.checked_sub(1),
            rows: 10,
            heat: (0..100).map(|cell| f64::from(u8::from(cell == 11))).collect(),
            counts: vec![0, 3, 1, 0],
        };
        Density {
            ground: Map { half: [1.25, 1.25], graticule: Vec::new() },
            cells: [10, 10],
            span: [-180.0, 180.0],
            groups: (0..groups).map(group).collect(),
            ..Density::default()
        }
    }

    #[test]
    fn every_group_has_its_name_and_its_dense_cell_where_it_is() {
        for groups in [1, 2, 5, 11] {
            for size in ["1280x800", "700x1600", "1600x900"] {
                let picture = draw(&of(groups), size.parse().unwrap());
                let texts: Vec<&str> = picture
                    .items
                    .iter()
                    .filter_map(|item| match item {
                        Item::Text { text, .. } => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                let names = texts.iter().filter(|text| text.starts_with("class ") || text.starts_with("all"));
                assert_eq!(names.count(), groups, "{size}: {texts:?}");
                // One cell each, in the second row and column, in the full colour of its class.
                let full = |ink: &Ink| ink.alpha == 1.0 && ink.tint == 1.0;
                let cells = picture.items.iter().filter(|item| match item {
                    Item::Polygon { ink, outline } => full(ink) && outline.len() == 4,
                    _ => false,
                });
                assert_eq!(cells.count(), groups);
            }
        }
    }

    #[test]
    fn nothing_is_drawn_of_no_rows() {
        let picture = draw(&of(0), Size::default());
        assert!(
            picture.items.iter().any(|item| matches!(item, Item::Text { text, .. } if text == "no rows"))
        );
    }
}
