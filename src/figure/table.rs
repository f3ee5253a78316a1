//! Names and values in rows: the numbers of a run as a figure, for a panel beside others.

use std::ops::Range;

use super::Size;
use super::font;
use super::picture::{Anchor, Area, Ink, Picture, Type};
use super::scale::{Heading, Scale};

/// Rows of a name and what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Bold, above the rows.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// Name and value of each row; an empty value makes the name a heading.
    pub rows: Vec<(String, String)>,
}

/// The smallest type of rows, as a share of that of ticks: smaller than this, rows are left out.
const SMALLEST: f64 = 0.66;

/// How rows lie on the page.
#[derive(Clone, Copy, Debug)]
struct Grid {
    /// Em size of the rows.
    em: f64,
    /// Rows a column has room for.
    rows: usize,
    /// Columns that are used.
    columns: usize,
    /// The width of a column: that of its longest row, a name, a gap and a value.
    width: f64,
}

impl Grid {
    /// The largest type at which all rows have room in columns as wide as they must be, or the smallest there is.
    fn of(table: &Table, scale: Scale, page: Area, top: f64) -> Self {
        let tries = [1.0, 0.94, 0.88, 0.82, 0.77, 0.72, SMALLEST];
        let grids = tries.map(|share| {
            let em = share * scale.tick;
            let rows = table.rows.iter().filter(|(_, value)| !value.is_empty());
            let lengths = rows
                .map(|(name, value)| font::width(name, em, false) + GAP * em + font::width(value, em, false));
            let width = lengths.fold(0.0, f64::max).min(page.width());
            let rows = ((page.bottom - top) / (LINE * em)).floor().max(0.0) as usize;
            let most = ((page.width() + BETWEEN * em) / (width + BETWEEN * em)).floor().max(1.0) as usize;
            let columns = table.rows.len().div_ceil(rows.max(1)).clamp(1, most);
            Self { em, rows, columns, width }
        });
        let fits = grids.iter().find(|grid| grid.arranged(&table.rows).is_some());
        *fits.unwrap_or(&grids[tries.len() - 1])
    }

    /// The rows of each column, of about the same height, where all have room.
    fn arranged(&self, rows: &[(String, String)]) -> Option<Vec<Range<usize>>> {
        let least = rows.len().div_ceil(self.columns).max(1);
        (least..=self.rows).map(|height| columns(rows, height)).find(|columns| columns.len() <= self.columns)
    }
}

/// The rows of each column where one has so many. A heading does not stand at the foot of a column, away from its rows.
fn columns(rows: &[(String, String)], height: usize) -> Vec<Range<usize>> {
    let mut columns = Vec::new();
    let mut from = 0;
    while from < rows.len() {
        let mut to = rows.len().min(from + height.max(1));
        while to < rows.len() && to > from + 1 && rows[to - 1].1.is_empty() {
            to -= 1;
        }
        columns.push(from..to);
        from = to;
    }
    columns
}

/// The height of a row, the gap between two columns and that between a name and its value, in ems.
const LINE: f64 = 1.5;
/// See [`LINE`].
const BETWEEN: f64 = 2.4;
/// See [`LINE`].
const GAP: f64 = 1.2;

/// Lays out and draws the figure: values stand near their names, in as many columns as it takes. What has no room is
/// counted in the last line.
pub(super) fn draw(table: &Table, size: Size) -> Picture {
    let mut picture = Picture::new(size, &table.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &table.title, &table.subtitle, page);
    heading.draw(&mut picture, page, page.left, page.top);
    let top = page.top + heading.height();
    let grid = Grid::of(table, scale, page, top);
    let line = LINE * grid.em;
    let whole = grid.arranged(&table.rows);
    let cut = whole.is_none();
    let mut columns = whole.unwrap_or_else(|| columns(&table.rows, grid.rows));
    columns.truncate(if grid.rows > 0 { grid.columns } else { 0 });
    if let Some(last) = columns.last_mut().filter(|last| cut && last.len() >= grid.rows) {
        // The last line counts what is left out.
        last.end -= 1;
    }
    let corner = |column: usize, row: usize| {
        [page.left + column as f64 * (grid.width + BETWEEN * grid.em), top + row as f64 * line]
    };
    for (column, rows) in columns.iter().enumerate() {
        for (k, (name, value)) in table.rows[rows.clone()].iter().enumerate() {
            let [left, top] = corner(column, k);
            let area = Area { left, top, right: left + grid.width, bottom: top + line };
            row(&mut picture, grid, area, name, value, k % 2 == 1);
        }
    }
    if let Some(last) = columns.last().filter(|_| cut) {
        let words = format!("… and {} more", table.rows.len() - last.end);
        let [left, top] = corner(columns.len() - 1, last.len());
        let style = Type::new(grid.em, Anchor::Start).ink(Ink::QUIET);
        picture.text([left, top + 1.05 * grid.em], &words, style);
    }
    picture
}

fn row(picture: &mut Picture, grid: Grid, area: Area, name: &str, value: &str, shaded: bool) {
    if shaded {
        picture.rectangle(area, Ink::grey(0xf4));
    }
    let em = grid.em;
    let (left, right) = (Type::new(em, Anchor::Start), Type::new(em, Anchor::End));
    let baseline = area.top + 1.05 * em;
    let heads = value.is_empty();
    let style = if heads { left.bold() } else { left.ink(Ink::QUIET) };
    // Half a pixel more: what fits exactly is not cut for how numbers are rounded.
    let both = area.width() - GAP * em + 0.5;
    let value = font::fitted(value, em, false, both - font::width(name, em, false).min(0.4 * area.width()));
    let room = if heads { area.width() } else { both - font::width(&value, em, false) };
    picture.text([area.left, baseline], &font::fitted(name, em, style.bold, room), style);
    picture.text([area.right, baseline], &value, right);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::picture::{Item, Place};

    fn texts(rows: usize, size: &str) -> Vec<(String, f64, f64)> {
        let rows = (0..rows).map(|k| (format!("name {k}"), format!("{k}.5"))).collect();
        let picture = draw(&Table { rows, ..Table::default() }, size.parse().unwrap());
        picture
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { text, at, .. } => Some((text.clone(), at[0], at[1])),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn values_stand_near_their_names_and_many_rows_have_several_columns() {
        let texts = texts(40, "1000x300");
        assert_eq!(texts.len(), 80, "all of them");
        for pair in texts.chunks(2) {
            assert_eq!(pair[0].2, pair[1].2);
            assert!(pair[1].1 - pair[0].1 < 150.0, "{pair:?}");
        }
        let columns: std::collections::BTreeSet<i64> =
            texts.iter().step_by(2).map(|(_, x, _)| *x as i64).collect();
        assert!(columns.len() > 1, "{columns:?}");
    }

    #[test]
    fn a_long_name_and_a_long_value_of_two_rows_do_not_widen_the_columns() {
        let mut rows: Vec<(String, String)> =
            (0..12).map(|k| (format!("name {k}"), format!("{k}.5"))).collect();
        let page = |rows: &[(String, String)]| {
            let picture =
                draw(&Table { rows: rows.to_vec(), ..Table::default() }, "420x120".parse().unwrap());
            let texts = picture.items.iter().filter_map(|item| match item {
                Item::Text { text, .. } => Some(text.clone()),
                _ => None,
            });
            texts.collect::<Vec<String>>()
        };
        rows[3] = ("a name that is long".into(), "1".into());
        rows[7] = ("n".into(), "a value as long".into());
        let seen = page(&rows);
        assert!(!seen.iter().any(|text| text.contains("more") || text.contains('…')), "{seen:?}");
    }

    #[test]
    fn what_has_room_is_not_cut() {
        for k in 0..200 {
            let name = format!("mean within angle {}", "deg".repeat(k % 7 + 1));
            let rows = vec![(name.clone(), "6.73×10⁻⁶".to_owned()), ("steps".to_owned(), "x".repeat(k % 13))];
            let size = Size::new(500 + k as u32, 300).unwrap();
            let picture = draw(&Table { rows, ..Table::default() }, size);
            let found =
                picture.items.iter().any(|item| matches!(item, Item::Text { text, .. } if *text == name));
            assert!(found, "{name} at {k}");
        }
    }

    #[test]
    fn no_heading_stands_at_the_foot_of_a_column() {
        for before in 0..40 {
            let row = |k: usize| (format!("name {k}"), format!("{k}.5"));
            let mut rows: Vec<(String, String)> = (0..before).map(row).collect();
            rows.push(("Settings".to_owned(), String::new()));
            rows.push(("normface".to_owned(), String::new()));
            rows.extend((before..before + 9).map(row));
            let count = rows.len();
            let picture = draw(&Table { rows, ..Table::default() }, "1000x300".parse().unwrap());
            let texts: Vec<(&str, Place)> = picture
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Text { text, at, .. } => Some((text.as_str(), *at)),
                    _ => None,
                })
                .collect();
            assert_eq!(texts.len(), 2 * count - 2, "{before}: all of them");
            let heading = texts.iter().position(|(text, _)| *text == "Settings").unwrap();
            for two in texts[heading..heading + 3].windows(2) {
                let (at, under) = (two[0].1, two[1].1);
                assert!(under[0] == at[0] && under[1] > at[1], "{before}: {two:?}");
            }
        }
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let texts = texts(400, "300x200");
        let rows = (texts.len() - 1) / 2;
        assert_eq!(texts[texts.len() - 1].0, format!("… and {} more", 400 - rows));
    }
}
