//! Several figures in one: a grid of lettered panels for a paper, or panes as they stand on a screen.

use super::picture::{Anchor, Area, Item, Picture, Place, Type};
use super::scale::{Heading, Scale};
use super::{Figure, Size};

/// Figures side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panels {
    /// Bold, above all panels.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The panels, in the order of their letters.
    pub panels: Vec<Pane>,
    /// Whether each carries a letter: a, b, c and so on.
    pub lettered: bool,
}

/// A figure and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Pane {
    /// What is drawn.
    pub figure: Figure,
    /// Left, top, right, bottom as shares of the figure without its title.
    pub place: [f64; 4],
}

impl Panels {
    /// Panels in a grid that is about as broad as it is high, of a figure of some size, lettered. What the titles
    /// of all panels say alike is said once, above them.
    pub fn grid(mut figures: Vec<Figure>, size: Size) -> Self {
        let count = figures.len();
        let shape = f64::from(size.width()) / f64::from(size.height());
        let columns = (1..=count.max(1)).min_by(|&a, &b| {
            // Panels are best about four to three, and empty places are worst.
            let cost = |columns: usize| {
                let rows = count.div_ceil(columns);
                let own = shape * rows as f64 / columns as f64;
                (own / 1.33).ln().abs() + 0.6 * (rows * columns - count) as f64
            };
            cost(a).total_cmp(&cost(b))
        });
        let columns = columns.unwrap_or(1);
        let rows = count.div_ceil(columns).max(1);
        let titles: Vec<&str> = figures.iter().map(Figure::title).collect();
        let shared = titles.first().filter(|first| titles.iter().all(|title| title == *first));
        let title = shared.map_or_else(String::new, |title| (*title).to_owned());
        if !title.is_empty() {
            for figure in &mut figures {
                figure.title_mut().clear();
            }
        }
        let place = |k: usize| {
            let (row, column) = (k / columns, k % columns);
            let share = |at: usize, of: usize| at as f64 / of as f64;
            [share(column, columns), share(row, rows), share(column + 1, columns), share(row + 1, rows)]
        };
        let panels = figures.into_iter().enumerate().map(|(k, figure)| Pane { figure, place: place(k) });
        Self { title, subtitle: String::new(), panels: panels.collect(), lettered: count > 1 }
    }
}

impl Panels {
    /// One figure on the left, to be looked at first; charts in columns beside it, the most important first, and a table
    /// under them. What would be too small to be read in a figure of this size is left out: the table, then the last of
    /// the charts.
    pub fn beside(first: Figure, mut charts: Vec<Figure>, table: Figure, size: Size) -> Self {
        let left = left(charts.len(), size);
        let Some((count, columns, has_table)) = arrangement(charts.len(), size, left) else {
            return Self {
                panels: vec![Pane { figure: first, place: [0.0, 0.0, 1.0, 1.0] }],
                ..Self::default()
            };
        };
        charts.truncate(count);
        let rows = count.div_ceil(columns);
        let heights = rows as f64 + if has_table { TABLE } else { 0.0 };
        let mut panels = vec![Pane { figure: first, place: [0.0, 0.0, left, 1.0] }];
        for (k, figure) in charts.into_iter().enumerate() {
            let (row, column) = (k / columns, k % columns);
            // One that is left over has the whole row.
            let alone = column == 0 && k + 1 == count;
            let x = |column: usize| left + (1.0 - left) * column as f64 / columns as f64;
            let y = |row: usize| row as f64 / heights;
            let right = if alone { 1.0 } else { x(column + 1) };
            panels.push(Pane { figure, place: [x(column), y(row), right, y(row + 1)] });
        }
        if has_table {
            panels.push(Pane { figure: table, place: [left, rows as f64 / heights, 1.0, 1.0] });
        }
        Self { panels, ..Self::default() }
    }
}

/// The least and the greatest share of the width that belongs to the figure beside charts.
const LEFT: [f64; 2] = [0.45, 0.54];
/// How broad that figure is where it fills its height, in heights: a square with its axis on the left and beneath it.
const SQUARE: f64 = 0.92;
/// The height of the table under charts, in rows of charts.
const TABLE: f64 = 1.02;
/// The least width and height of a chart, in units of its type.
const LEAST: [f64; 2] = [235.0, 180.0];
/// The height of a heading above all panels, in the same.
const HEADING: f64 = 55.0;
/// The smallest type of several panels, as a share of that of one figure: five points on paper.
const SMALLEST: f64 = 0.77;

/// The share of the width that belongs to the figure beside so many charts: as much as it needs to fill its height, if
/// none of the charts has to go for that.
fn left(count: usize, size: Size) -> f64 {
    let height = f64::from(size.height()) - HEADING * smallest_unit(size);
    let wanted = (SQUARE * height / f64::from(size.width())).clamp(LEFT[0], LEFT[1]);
    let most = arrangement(count, size, LEFT[0]);
    let ways = (0..=10).map(|k| wanted + (LEFT[0] - wanted) * f64::from(k) / 10.0);
    ways.into_iter().find(|left| arrangement(count, size, *left) == most).unwrap_or(LEFT[0])
}

/// How many of so many charts have room beside a figure, in how many columns, and whether a table has too: as many
/// things as can be. `None` where no chart has.
fn arrangement(count: usize, size: Size, left: f64) -> Option<(usize, usize, bool)> {
    if count == 0 {
        return Some((0, 1, true));
    }
    let unit = smallest_unit(size);
    let width = f64::from(size.width()) / unit * (1.0 - left);
    let height = f64::from(size.height()) / unit - HEADING;
    let fits = |(count, columns, table): &(usize, usize, bool)| {
        let heights = count.div_ceil(*columns) as f64 + if *table { TABLE } else { 0.0 };
        width / *columns as f64 >= LEAST[0] && height / heights >= LEAST[1]
    };
    let ways = |count: usize| {
        [(true, 2), (true, 1), (false, 2), (false, 1)].map(|(table, columns)| (count, columns, table))
    };
    (1..=count).rev().flat_map(ways).find(fits)
}

/// The smallest unit of several panels in a figure.
pub(super) fn smallest_unit(size: Size) -> f64 {
    let one = size.unit();
    if size.dpi().is_some() { SMALLEST * one } else { (0.86 * one).max(0.75) }
}

/// Lays out and draws the figure.
pub(super) fn draw(panels: &Panels, size: Size) -> Picture {
    let mut picture = Picture::new(size, &panels.title);
    // Several panels share what one figure has: their type is smaller, as far as it stays readable.
    let roomy = |pane: &Pane| {
        let [left, top, right, bottom] = pane.place;
        let of = |share: f64, side: u32, least: f64| share * f64::from(side) / (1.25 * least);
        of(right - left, size.width(), LEAST[0]).min(of(bottom - top, size.height(), LEAST[1]))
    };
    let room = panels.panels.iter().map(roomy).fold(f64::INFINITY, f64::min);
    let unit = if size.dpi().is_some() { room.min(size.unit()) } else { 0.0 }.max(smallest_unit(size));
    let scale = Scale::of(&Picture::new(size.with_unit(unit), ""));
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &panels.title, &panels.subtitle, page);
    heading.draw(&mut picture, page, page.left, page.top);
    let has_heading = heading.height() > 0.0;
    let top = if has_heading { page.top + heading.height() - 0.5 * scale.pad } else { 0.0 };
    let all = Area { left: 0.0, top, right: f64::from(size.width()), bottom: f64::from(size.height()) };
    let letter_room = if panels.lettered { 0.55 * scale.title } else { 0.0 };
    for (k, pane) in panels.panels.iter().enumerate() {
        let at = |x: f64, y: f64| [all.left + x * all.width(), all.top + y * all.height()];
        let [left, top, right, bottom] = pane.place;
        let (corner, end) = (at(left, top), at(right, bottom));
        let part = Size::part(end[0] - corner[0], end[1] - corner[1] - letter_room, unit);
        let mut drawn = pane.figure.draw(part);
        for item in &mut drawn.items {
            shift(item, [corner[0], corner[1] + letter_room]);
        }
        picture.items.append(&mut drawn.items);
        let [right, down] = [corner[0], corner[1] + letter_room];
        picture.data.extend(drawn.data.iter().map(|area| area.shifted([right, down])));
        picture.lost += drawn.lost;
        if panels.lettered {
            let style = Type::new(1.05 * scale.title, Anchor::Start).bold();
            let letter = crate::palette::letter(k).to_ascii_lowercase().to_string();
            picture.text([corner[0] + 0.6 * scale.pad, corner[1] + 1.15 * scale.title], &letter, style);
        }
    }
    picture
}

fn shift(item: &mut Item, by: Place) {
    let move_by = |place: &mut Place| {
        place[0] += by[0];
        place[1] += by[1];
    };
    match item {
        Item::Polygon { outline, .. } => outline.iter_mut().for_each(move_by),
        Item::Line { points, .. } => points.iter_mut().for_each(move_by),
        Item::Disc { centre, .. } => move_by(centre),
        Item::Text { at, .. } => move_by(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Curves, Gram, Projection};

    fn three() -> Vec<Figure> {
        vec![
            Figure::Projection(Projection { title: "softmax".into(), ..Projection::default() }),
            Figure::Curves(Curves { title: "softmax".into(), ..Curves::default() }),
            Figure::Gram(Gram { title: "softmax".into(), ..Gram::default() }),
        ]
    }

    #[test]
    fn a_broad_figure_has_its_panels_in_a_row_and_a_tall_one_in_a_column() {
        let wide = Panels::grid(three(), Size::new(1800, 450).unwrap());
        let tall = Panels::grid(three(), Size::new(500, 1500).unwrap());
        assert!(wide.panels.iter().all(|pane| pane.place[1] == 0.0 && pane.place[3] == 1.0));
        assert!(tall.panels.iter().all(|pane| pane.place[0] == 0.0 && pane.place[2] == 1.0));
    }

    #[test]
    fn charts_beside_a_figure_and_their_table_cover_it_once() {
        for count in 0..5 {
            let charts = vec![Figure::Curves(Curves::default()); count];
            let table = Figure::Table(crate::figure::Table::default());
            for (size, most) in
                [("1920x1080", count + 2), ("180x120mm", count + 2), ("85x60mm", 3), ("64x64", 1)]
            {
                let size = size.parse::<crate::figure::Extent>().unwrap().at(300).unwrap();
                let panels = Panels::beside(three().remove(0), charts.clone(), table.clone(), size).panels;
                assert_eq!(
                    panels.len(),
                    if count == 0 { 2 } else { most.min(count + 2) },
                    "{count} {size:?}"
                );
                let area = |pane: &Pane| (pane.place[2] - pane.place[0]) * (pane.place[3] - pane.place[1]);
                let whole: f64 = panels.iter().map(area).sum();
                assert!((whole - 1.0).abs() < 1e-9, "{count}: {whole}");
            }
        }
    }

    #[test]
    fn what_all_titles_say_is_said_once_and_each_panel_has_its_letter_inside_its_place() {
        let size = Size::new(1800, 450).unwrap();
        let picture = draw(&Panels::grid(three(), size), size);
        let texts: Vec<(&str, Place)> = picture
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { text, at, .. } => Some((text.as_str(), *at)),
                _ => None,
            })
            .collect();
        assert_eq!(texts.iter().filter(|(text, _)| *text == "softmax").count(), 1);
        for (k, letter) in ["a", "b", "c"].into_iter().enumerate() {
            let at = texts.iter().find(|(text, _)| *text == letter).unwrap().1;
            assert!(at[0] > 600.0 * k as f64 && at[0] < 600.0 * k as f64 + 40.0, "{letter} at {at:?}");
        }
        let within =
            |item: &Item| item.text_area().is_none_or(|area| area.right <= 1800.0 && area.bottom <= 450.0);
        assert!(picture.items.iter().all(within));
    }
}
