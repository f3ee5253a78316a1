//! Where rows lie on the circle or the sphere: a density of all of them and of each class, and under each how its
//! angles are spread. After figure 3 of Wang and Isola (2020, Understanding Contrastive Representation Learning through
//! Alignment and Uniformity on the Hypersphere).

mod field;

use super::angles::draw_histogram;
use super::axis::Axis;
use super::font;
use super::panel::Panel;
use super::picture::{Anchor, Area, Ink, Picture, Place, Type};
use super::projection::{Map, draw_map};
use super::scale::{Heading, Scale};
use super::{Extent, Size, USUAL_DPI, class_name};
use crate::palette;
use field::Bar;

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
    /// Columns and rows of every density on a map; on the circle how many directions, and 1.
    pub cells: [usize; 2],
    /// What stands under the histograms.
    pub x_label: String,
    /// The least and the greatest angle of the histograms, in degrees.
    pub span: [f64; 2],
    /// The name of each class, by its dense index; missing ones are numbered.
    pub class_names: Vec<String>,
    /// How many classes there are, shown or not.
    pub classes: usize,
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
    /// How dense it is, in multiples of the uniform density: along the circle from −180° on, or on a map a cell each, row
    /// after row from the top left.
    pub heat: Vec<f64>,
    /// The angles of (some of) its rows on the circle, in degrees; nothing on a map.
    pub marks: Vec<f64>,
    /// The counts of angles in equal bins over the span; on the circle, where the density is one of angles, nothing.
    pub counts: Vec<u64>,
}

impl Density {
    /// Whether the ground is the circle.
    fn is_circle(&self) -> bool {
        self.ground.graticule.is_empty()
    }
}

/// The height of a histogram in widths of its place.
const HISTOGRAM: f64 = 0.3;
/// The least width of a density in units: eleven millimetres. Where they would be smaller, there are fewer.
const LEAST: f64 = 63.0;

/// Where densities lie on the page.
#[derive(Clone, Copy, Debug)]
struct Grid {
    columns: usize,
    rows: usize,
    /// The width of each.
    width: f64,
}

/// Room beneath a name and beneath a histogram, and between two densities, in ems of ticks.
const NAME: f64 = 1.6;
/// See [`NAME`].
const TICKS: f64 = 1.5;
/// See [`NAME`].
const GAP: f64 = 1.2;

impl Grid {
    /// The columns that leave so many densities the most room; `shape` is the height of one in its widths.
    fn of(count: usize, room: Area, scale: Scale, shape: f64) -> Self {
        let width = |columns: usize| {
            let rows = count.div_ceil(columns) as f64;
            let across = (room.width() - GAP * scale.tick * (columns - 1) as f64) / columns as f64;
            let high = (room.height() - 0.6 * scale.tick * (rows - 1.0)) / rows - (NAME + TICKS) * scale.tick;
            across.min(high / shape)
        };
        let columns = (1..=count.max(1)).max_by(|a, b| width(*a).total_cmp(&width(*b))).unwrap_or(1);
        // As many in every row as there can be, the last one apart.
        let columns = count.max(1).div_ceil(count.max(1).div_ceil(columns));
        Self { columns, rows: count.max(1).div_ceil(columns), width: width(columns).max(1.0) }
    }
}

impl Density {
    /// A page wide, and as high as makes densities no smaller than more room would.
    pub fn natural_size(&self) -> Size {
        let of = |height: u32| {
            let size = Extent::Millimetres(WIDTH, f64::from(height)).at(USUAL_DPI).unwrap_or_default();
            (size, arranged(self, size).grid.width)
        };
        let sizes: Vec<(Size, f64)> = (36..=110).step_by(2).map(of).collect();
        let widest = sizes.iter().map(|(_, width)| *width).fold(0.0, f64::max);
        let first = sizes.iter().find(|(_, width)| *width >= 0.97 * widest);
        first.map_or_else(Size::default, |(size, _)| *size)
    }
}

/// The usual width in millimetres.
const WIDTH: f64 = 170.0;

/// How densities lie in a figure of a size.
struct Arranged {
    scale: Scale,
    page: Area,
    heading: Heading,
    /// How many groups are shown.
    shown: usize,
    room: Area,
    grid: Grid,
    bar: Bar,
    /// Whether the bar stands beside the words under the densities, not beneath them.
    abreast: bool,
    /// The height of a density in its widths, with its histogram.
    shape: f64,
}

fn arranged(density: &Density, size: Size) -> Arranged {
    let scale = Scale::of(&Picture::new(size, ""));
    let page = scale.page(&Picture::new(size, ""));
    let shape = density.ground.half[1] / density.ground.half[0] + HISTOGRAM;
    let heading = |shown: usize| {
        let hidden = density.hidden_variance.map(super::projection::hidden_words);
        let few = (shown < density.classes + 1 && density.groups.len() > 1)
            .then(|| format!("{} of {} classes", shown - 1, density.classes));
        let words = hidden.into_iter().chain(few).chain([density.subtitle.clone()]);
        let words: Vec<String> = words.filter(|words| !words.is_empty()).collect();
        Heading::new(scale, &density.title, &words.join(" · "), page)
    };
    let most = density.groups.iter().flat_map(|group| &group.heat).filter(|x| x.is_finite());
    let bar = Bar::new(most.fold(0.0, |most, x| x.max(most)));
    let words = scale.label_type(Anchor::Middle).width(&words(density, scale, page));
    let abreast = words + bar.width(scale) + 3.0 * scale.tick <= page.width();
    let fits = bar.width(scale) <= page.width();
    let beneath = 1.7 * scale.label + if abreast || !fits { 0.0 } else { 1.6 * scale.tick };
    let room = |shown: usize| Area {
        top: page.top + heading(shown).height(),
        bottom: page.bottom - beneath,
        ..page
    };
    let all = density.groups.len();
    let grid = |shown: usize| Grid::of(shown, room(shown), scale, shape);
    // At least all rows together and one class.
    let shown = (2..=all).rev().find(|&shown| grid(shown).width >= LEAST * scale.unit).unwrap_or(all.min(2));
    let (heading, room, grid) = (heading(shown), room(shown), grid(shown));
    Arranged { scale, page, heading, shown, room, grid, bar, abreast, shape }
}

/// What stands under the densities, as far as there is room for it.
fn words(density: &Density, scale: Scale, page: Area) -> String {
    let what = if density.is_circle() { "density" } else { "share of rows" };
    let long = format!("{what} by {}", density.x_label);
    if density.x_label.is_empty() || scale.label_type(Anchor::Middle).width(&long) > page.width() {
        return density.x_label.clone();
    }
    long
}

/// Lays out and draws the figure: a name, a density and a histogram for each group, and once beneath all of them what
/// the histograms are of. Classes that have no room are left out, and the subtitle says so.
pub(super) fn draw(density: &Density, size: Size) -> Picture {
    let mut picture = Picture::new(size, &density.title);
    let Arranged { scale, page, heading, shown, room, grid, bar, abreast, shape } = arranged(density, size);
    heading.draw(&mut picture, page, page.left, page.top);
    if density.groups.is_empty() {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(room.centre(), "no rows", style);
        return picture;
    }
    let height = (NAME + TICKS) * scale.tick + grid.width * shape;
    let between = |room: f64, own: f64, of: usize| ((room - own * of as f64) / (of as f64 + 1.0)).max(0.0);
    let gaps = [between(room.width(), grid.width, grid.columns), between(room.height(), height, grid.rows)];
    let mut lowest = room.top;
    for (k, group) in density.groups.iter().take(shown).enumerate() {
        let (row, column) = (k / grid.columns, k % grid.columns);
        let left = room.left + gaps[0] * (column + 1) as f64 + grid.width * column as f64;
        let top = room.top + gaps[1] * (row + 1) as f64 + height * row as f64;
        let area = Area { left, top, right: left + grid.width, bottom: top + height };
        draw_group(&mut picture, scale, area, density, group, bar.most());
        lowest = area.bottom;
    }
    let style = scale.label_type(Anchor::Middle);
    let words = words(density, scale, page);
    let fitted = font::fitted(&words, style.em, false, page.width());
    picture.lost += usize::from(fitted != *words);
    let fits = bar.width(scale) <= page.width();
    let below = if abreast || !fits { 0.0 } else { 1.6 * scale.tick };
    let baseline = (lowest + 1.35 * scale.label).min(page.bottom - below - 0.35 * scale.label);
    let (length, all) = (style.width(&fitted), bar.width(scale));
    // Words and bar together have the middle, or each by itself.
    let gap = 3.0 * scale.tick;
    let left = room.centre()[0] - if abreast { (length + gap + all) / 2.0 } else { length / 2.0 };
    picture.text([left + length / 2.0, baseline], &fitted, style);
    let corner = if abreast {
        [left + length + gap, baseline]
    } else {
        [room.centre()[0] - all / 2.0, baseline + below]
    };
    if fits {
        bar.draw(&mut picture, scale, corner);
    } else {
        picture.lost += 1;
    }
    picture
}

fn draw_group(picture: &mut Picture, scale: Scale, area: Area, density: &Density, group: &Group, most: f64) {
    let ink = match group.class {
        Some(class) => {
            let colour = palette::colour(class);
            Ink::opaque(colour.rgb).darkened(if colour.is_light() { 0.2 } else { 0.0 })
        }
        None => Ink::grey(0x33),
    };
    draw_name(picture, scale, area, density, group);
    let [half_width, half_height] = density.ground.half;
    let top = area.top + NAME * scale.tick;
    let heat = Area { top, bottom: top + area.width() * half_height / half_width, ..area };
    picture.data.push(heat);
    let axis = |half: f64| Axis::linear("", Some((-half, half)), 0.0, 0.0);
    let panel = Panel { area: heat, x: axis(half_width), y: axis(half_height) };
    field::draw(picture, &panel, density, group, most, ink);
    if density.is_circle() {
        let edge = panel.place([1.0, 0.0]);
        let centre = panel.place([0.0, 0.0]);
        picture.ring(centre, edge[0] - centre[0], 1.1 * scale.unit, Ink::grey(0x99));
        field::draw_marks(picture, scale, &panel, group, ink);
    } else {
        // Its lines are dark on paper and light on what is dense.
        draw_map(picture, scale, &panel, &density.ground);
    }
    let bars =
        Area { top: heat.bottom + 0.25 * scale.tick, bottom: heat.bottom + HISTOGRAM * area.width(), ..area };
    let total: u64 = group.counts.iter().sum();
    let shares: Vec<f64> = group.counts.iter().map(|&count| count as f64 / total.max(1) as f64).collect();
    let heights = if density.is_circle() { &group.heat } else { &shares };
    let highest = heights.iter().copied().filter(|x| x.is_finite()).fold(0.0, f64::max);
    let y = Axis::linear("", Some((0.0, if highest > 0.0 { highest } else { 1.0 })), 0.0, 0.08);
    let panel = Panel { area: bars.at_least_a_pixel(), x: Axis::angles("", density.span), y };
    if density.is_circle() {
        draw_curve(picture, scale, &panel, &group.heat, density.span, ink);
    } else {
        draw_histogram(picture, scale, &panel, &shares, density.span, ink);
    }
    draw_ticks(picture, scale, &panel);
}

/// A density by angle, and broken across it the uniform one.
fn draw_curve(
    picture: &mut Picture,
    scale: Scale,
    panel: &Panel,
    heat: &[f64],
    [low, high]: [f64; 2],
    ink: Ink,
) {
    let angle = |k: usize| low + (high - low) * (k as f64 + 0.5) / heat.len().max(1) as f64;
    let known = heat.iter().enumerate().filter(|(_, value)| value.is_finite());
    let curve: Vec<Place> = known.map(|(k, value)| panel.place([angle(k), *value])).collect();
    if let [first, .., last] = curve.as_slice() {
        let mut outline = curve.clone();
        outline.extend([[last[0], panel.area.bottom], [first[0], panel.area.bottom]]);
        picture.polygon(outline, ink.faded(0.35));
        picture.line(curve, 1.6 * scale.unit, ink);
    }
    let uniform = [low, high].map(|angle| panel.place([angle, 1.0]));
    picture.dashed(&uniform, &[3.0 * scale.unit, 2.5 * scale.unit], 1.0 * scale.unit, Ink::FRAME);
}

/// The name of a group, with how many rows it has where there is room for that.
fn draw_name(picture: &mut Picture, scale: Scale, area: Area, density: &Density, group: &Group) {
    let name = group.class.map_or("all".to_owned(), |class| class_name(&density.class_names, class));
    let bold = scale.tick_type(Anchor::Start).bold();
    let plain = scale.tick_type(Anchor::Start).ink(Ink::QUIET);
    let rows = format!("{} {}", group.rows, if group.rows == 1 { "row" } else { "rows" });
    let name = font::fitted(&name, bold.em, true, area.width() + GAP * 0.5 * scale.tick);
    let gap = 0.6 * scale.tick;
    let both = bold.width(&name) + gap + plain.width(&rows);
    let baseline = area.top + 1.05 * scale.tick;
    let width = if both <= area.width() { both } else { bold.width(&name) };
    let left = area.centre()[0] - width / 2.0;
    picture.text([left, baseline], &name, bold);
    if both <= area.width() {
        picture.text([left + bold.width(&name) + gap, baseline], &rows, plain);
    }
}

/// The line under a histogram, with as many ticks as have room; the first and the last stand inside.
fn draw_ticks(picture: &mut Picture, scale: Scale, panel: &Panel) {
    let area = panel.area;
    let line = vec![[area.left, area.bottom], [area.right, area.bottom]];
    picture.line(line, scale.unit, Ink::FRAME);
    let em = 0.88 * scale.tick;
    let x_of = |value: f64| area.left + panel.x.share(value) * area.width();
    let [low, high] = [panel.x.low, panel.x.high];
    // Left and right end of a tick's words.
    let reach = |value: f64, text: &str| {
        let width = Type::new(em, Anchor::Start).width(text);
        let left = if value <= low {
            x_of(value)
        } else if value >= high {
            x_of(value) - width
        } else {
            x_of(value) - width / 2.0
        };
        [left, left + width]
    };
    let ticks = panel.x.ticks(5, |ticks| {
        let ends: Vec<_> = ticks.iter().map(|tick| reach(tick.value, &tick.text)).collect();
        ends.windows(2).all(|two| two[1][0] - two[0][1] >= 0.5 * em)
    });
    for tick in ticks {
        let x = x_of(tick.value);
        picture.line(vec![[x, area.bottom], [x, area.bottom + 3.0 * scale.unit]], scale.unit, Ink::FRAME);
        let left = reach(tick.value, &tick.text)[0];
        picture.text([left, area.bottom + 1.3 * em], &tick.text, Type::new(em, Anchor::Start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::picture::Item;

    fn of(groups: usize) -> Density {
        let group = |k: usize| Group {
            class: k.checked_sub(1),
            rows: 10,
            heat: (0..100).map(|cell| 4.0 * f64::from(u8::from(cell == 11))).collect(),
            marks: vec![-138.6],
            counts: Vec::new(),
        };
        Density {
            ground: Map { half: [1.25, 1.25], graticule: Vec::new() },
            cells: [100, 1],
            span: [-180.0, 180.0],
            x_label: "angle (°)".into(),
            classes: groups.saturating_sub(1),
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
                // The densest direction is nearly full in the middle of the band, one piece a group.
                let full = |ink: &Ink| ink.alpha == 1.0 && ink.tint > 0.9;
                let cells = picture.items.iter().filter(|item| match item {
                    Item::Polygon { ink, outline } => full(ink) && outline.len() == 4,
                    _ => false,
                });
                assert!(cells.count() >= 2 * groups);
                assert!(texts.contains(&"density / uniform") && texts.contains(&"4"), "{texts:?}");
            }
        }
    }

    #[test]
    fn in_a_column_of_a_paper_no_words_overlap_and_what_they_count_is_said_once() {
        use crate::figure::{Extent, Figure};
        for (groups, size) in [
            (2, "85x60mm"),
            (5, "85x60mm"),
            (11, "85x60mm"),
            (11, "180x120mm"),
            (5, "85x120mm"),
            (4, "40x30mm"),
        ] {
            let size = size.parse::<Extent>().unwrap().at(300).unwrap();
            let picture = draw(&of(groups), size);
            let words: Vec<(&str, Area)> = picture
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Text { text, .. } => Some((text.as_str(), item.text_area()?)),
                    _ => None,
                })
                .collect();
            for (k, (one, a)) in words.iter().enumerate() {
                for (other, b) in &words[k + 1..] {
                    assert!(!a.overlaps(*b), "{groups} {size:?}: {one} over {other}");
                }
            }
            assert_eq!(words.iter().filter(|(text, _)| text.ends_with("angle (°)")).count(), 1);
            let named = words.iter().filter(|(text, _)| text.starts_with("class ")).count();
            let said =
                words.iter().any(|(text, _)| text.contains(&format!("{named} of {} classes", groups - 1)));
            assert_eq!(said, named + 1 < groups, "{groups} {size:?}: {words:?}");
        }
        let column = "85x60mm".parse::<Extent>().unwrap().at(300).unwrap();
        assert!(Figure::Density(of(5)).is_readable(column) && Figure::Density(of(11)).is_readable(column));
    }

    #[test]
    fn its_own_size_leaves_no_white_half() {
        for groups in [1, 5, 11] {
            let density = of(groups);
            let size = density.natural_size();
            let Arranged { scale, room, grid, shape, .. } = arranged(&density, size);
            let taken = ((NAME + TICKS) * scale.tick + grid.width * shape) * grid.rows as f64;
            assert!(taken > 0.8 * room.height(), "{groups}: {taken} of {} at {size:?}", room.height());
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
