//! The heat map of cosines between classes.

use super::axis;
use super::colour_map;
use super::font;
use super::picture::{Anchor, Area, Ink, Picture, Type};
use super::scale::{Heading, Scale};
use super::{Size, class_name};
use crate::minus::typeset;

/// A square table of cosines, −1 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gram {
    /// Bold, above the map.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The name of each row and column; missing ones are numbered.
    pub class_names: Vec<String>,
    /// C rows of C cosines; a cell that is missing or not finite stays grey.
    pub cosines: Vec<Vec<f64>>,
    /// The off-diagonal cosine of a target geometry and its name, marked on the colour bar.
    pub target: Option<(f64, String)>,
    /// Where the table holds differences of cosines: the value at which colours are full. Cosines go from −1 to 1.
    pub difference: Option<f64>,
}

impl Gram {
    /// The value of the last colour.
    fn full(&self) -> f64 {
        self.difference.filter(|full| full.is_finite() && *full > 0.0).unwrap_or(1.0)
    }

    fn colour(&self, value: f64) -> Ink {
        colour_map::diverging(value / self.full())
    }

    /// A cell's number: two decimals of a cosine, more of a small difference.
    fn cell(&self, value: f64) -> String {
        match self.difference {
            Some(full) if full < 0.5 => axis::number(value, 10f64.powf(full.max(1e-9).log10().floor() - 1.0)),
            _ => short(value),
        }
    }
}

/// The most classes whose cells carry numbers.
const NUMBERED: usize = 12;

/// The smallest type of numbers in cells, as a share of that of ticks: smaller, nobody reads them on paper.
const SMALLEST: f64 = 0.58;

/// The most cells a side: more would be smaller than the pixels of most figures.
const CELLS: usize = 320;

/// Lays out and draws the figure.
pub(super) fn draw(gram: &Gram, size: Size) -> Picture {
    let mut picture = Picture::new(size, &gram.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &gram.title, &full_subtitle(gram), page);
    let classes = gram.cosines.len();
    let names: Vec<String> = (0..classes).map(|class| class_name(&gram.class_names, class)).collect();
    let tick = scale.tick_type(Anchor::End);
    let limit = (0.22 * page.width().min(page.height())).max(3.0 * scale.tick);
    let longest = |names: &[String]| names.iter().map(|name| tick.width(name)).fold(0.0, f64::max);
    // Of "class 3" the number is enough, where all are called so: the word stands once beneath them.
    let bare = without_shared_words(&names);
    let numbered = classes > 1
        && bare
            .iter()
            .zip(&names)
            .all(|(bare, name)| bare.parse::<u32>().is_ok() && name.starts_with("class "));
    let names = if numbered || longest(&names) > limit { bare } else { names };
    let word = if numbered { 1.5 * scale.tick } else { 0.0 };
    // Then in smaller type, and what is too long even so is cut.
    let shrunk = (limit / longest(&names).max(1e-9)).clamp(0.75, 1.0);
    let tick = Type { em: shrunk * tick.em, ..tick };
    let names: Vec<String> = names.iter().map(|name| font::fitted(name, tick.em, false, limit)).collect();
    let widest = names.iter().map(|name| tick.width(name)).fold(0.0, f64::max);
    let top = page.top + heading.height() + 0.3 * scale.tick;
    let room = |named: bool| Area {
        left: page.left + widest + 0.7 * scale.tick,
        top,
        right: page.right - bar_width(scale, gram, named) - 1.4 * scale.tick,
        bottom: page.bottom - widest.max(scale.tick) - 0.8 * scale.tick - word,
    };
    // The words of the bar may not take the room of the map.
    let named = room(true).width() >= 0.38 * page.width();
    let room = room(named);
    let side = room.width().min(room.height()).max(1.0);
    let upright = names.iter().all(|name| tick.width(name) + 0.6 * tick.em <= side / classes.max(1) as f64);
    // Names that fit side by side need one line of room beneath the map, not the length of the longest name.
    let bottom = if upright { page.bottom - 1.8 * scale.tick - word } else { room.bottom };
    let side = room.width().min(bottom - room.top).max(1.0);
    let left = room.left + (room.width() - side) / 2.0;
    let area = Area { left, top, right: left + side, bottom: top + side };
    heading.draw(&mut picture, page, area.left - widest - 0.7 * scale.tick, page.top);
    draw_cells(&mut picture, scale, gram, area);
    draw_names(&mut picture, tick.em, &names, area, upright);
    if numbered {
        let beneath = if upright { 1.35 * tick.em } else { 0.5 * tick.em + widest };
        let style = Type { anchor: Anchor::Middle, ..scale.tick_type(Anchor::Middle) };
        picture.text([area.centre()[0], area.bottom + beneath + 1.4 * scale.tick], "class", style);
    }
    picture.data.push(area);
    draw_bar(&mut picture, scale, gram, area, named);
    picture
}

/// Names without the words that all of them begin with: of "class 3" what is left is "3".
fn without_shared_words(names: &[String]) -> Vec<String> {
    let words: Vec<Vec<&str>> = names.iter().map(|name| name.split(' ').collect()).collect();
    let fewest = words.iter().map(Vec::len).min().unwrap_or(0).saturating_sub(1);
    let shared = (0..fewest).take_while(|&k| words.iter().all(|own| own[k] == words[0][k])).count();
    words.iter().map(|own| own[shared..].join(" ")).collect()
}

/// The subtitle, which says so where cells are means of several classes.
fn full_subtitle(gram: &Gram) -> String {
    let block = block(gram.cosines.len());
    let means = (block > 1).then(|| format!("each cell a mean over {block}×{block} classes"));
    let given = Some(gram.subtitle.clone()).filter(|subtitle| !subtitle.is_empty());
    given.into_iter().chain(means).collect::<Vec<_>>().join(" · ")
}

fn draw_cells(picture: &mut Picture, scale: Scale, gram: &Gram, area: Area) {
    let classes = gram.cosines.len();
    let cells = blocks(&gram.cosines);
    let cell = area.width() / cells.len().max(1) as f64;
    let mut em = scale.tick.min(cell * 0.27);
    if classes <= NUMBERED {
        let numbers = cells.iter().flatten().flatten().map(|&value| gram.cell(value));
        let widest = numbers.map(|text| Type::new(em, Anchor::Middle).width(&text)).fold(0.0, f64::max);
        em *= (0.9 * cell / widest.max(1e-9)).min(1.0);
    }
    for (row, cosines) in cells.iter().enumerate() {
        for (column, cosine) in cosines.iter().enumerate() {
            let (left, top) = (area.left + column as f64 * cell, area.top + row as f64 * cell);
            // A cell reaches under the next ones, so that no seam shows between them.
            let (right, bottom) = ((left + cell + 0.5).min(area.right), (top + cell + 0.5).min(area.bottom));
            let ink = cosine.map_or(Ink::grey(0xbb), |cosine| gram.colour(cosine));
            picture.rectangle(Area { left, top, right, bottom }, ink);
        }
    }
    for (row, cosines) in
        cells.iter().enumerate().filter(|_| classes <= NUMBERED && em >= SMALLEST * scale.tick)
    {
        for (column, cosine) in cosines.iter().enumerate() {
            let Some(cosine) = *cosine else { continue };
            let (x, y) = (area.left + (column as f64 + 0.5) * cell, area.top + (row as f64 + 0.5) * cell);
            let style = Type::new(em, Anchor::Middle).ink(colour_map::readable_on(gram.colour(cosine)));
            picture.text([x, y + 0.36 * em], &gram.cell(cosine), style);
        }
    }
    if classes <= 2 * NUMBERED {
        for k in 1..classes {
            let at = k as f64 * cell;
            picture.line(
                vec![[area.left + at, area.top], [area.left + at, area.bottom]],
                scale.unit,
                Ink::WHITE,
            );
            picture.line(
                vec![[area.left, area.top + at], [area.right, area.top + at]],
                scale.unit,
                Ink::WHITE,
            );
        }
    }
    picture.frame(area, scale.unit, Ink::FRAME);
    if classes == 0 {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(area.centre(), "no classes", style);
    }
}

/// How many classes share a cell in each direction.
fn block(classes: usize) -> usize {
    classes.div_ceil(CELLS).max(1)
}

/// The table with as many cells as a picture can show: beyond that, means over square blocks.
fn blocks(cosines: &[Vec<f64>]) -> Vec<Vec<Option<f64>>> {
    let block = block(cosines.len());
    let columns = cosines.len().div_ceil(block);
    let mean = |rows: &[Vec<f64>], column: usize| {
        let within =
            |row: &Vec<f64>| row.iter().copied().skip(column * block).take(block).collect::<Vec<f64>>();
        let seen: Vec<f64> = rows.iter().flat_map(within).filter(|c| c.is_finite()).collect();
        (!seen.is_empty()).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
    };
    cosines.chunks(block).map(|rows| (0..columns).map(|column| mean(rows, column)).collect()).collect()
}

/// A cosine in two decimals, without a sign before zero and without decimals at one.
fn short(cosine: f64) -> String {
    let text = format!("{cosine:.2}");
    match text.as_str() {
        "-0.00" | "0.00" => "0".to_owned(),
        "1.00" => "1".to_owned(),
        "-1.00" => typeset("-1").into_owned(),
        _ => typeset(&text).into_owned(),
    }
}

fn draw_names(picture: &mut Picture, em: f64, names: &[String], area: Area, upright: bool) {
    let cell = area.width() / names.len().max(1) as f64;
    // Names of narrow rows would overlap: then every second, fifth, … one stands.
    let needed = 1.2 * em / cell;
    let stride =
        [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find(|&s| f64::from(s) >= needed).unwrap_or(1000);
    for (k, name) in names.iter().enumerate().step_by(stride as usize) {
        let middle = (k as f64 + 0.5) * cell;
        let baseline = area.top + middle + 0.36 * em;
        picture.text([area.left - 0.5 * em, baseline], name, Type::new(em, Anchor::End));
        if upright {
            let style = Type::new(em, Anchor::Middle);
            picture.text([area.left + middle, area.bottom + 1.35 * em], name, style);
        } else {
            let at = [area.left + middle + 0.36 * em, area.bottom + 0.5 * em];
            picture.upward(at, name, Type::new(em, Anchor::End));
        }
    }
}

/// Where the colour bar has ticks, of its full value.
const TICKS: [f64; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

fn tick_words(gram: &Gram, tick: f64) -> String {
    match gram.difference {
        Some(_) => axis::significant(tick * gram.full(), 3),
        None => axis::number(tick, 0.5),
    }
}

/// The width of the widest words at the colour bar; a long name of a target is cut.
fn bar_text_width(scale: Scale, gram: &Gram, named: bool) -> f64 {
    let style = scale.tick_type(Anchor::Start);
    let target = gram.target.as_ref().map_or(0.0, |target| style.bold().width(&target_words(target, named)));
    let widest = TICKS.iter().map(|&tick| style.width(&tick_words(gram, tick))).fold(0.0, f64::max);
    widest.max(target.min(9.0 * scale.tick))
}

/// The width of the colour bar with its ticks, its words and its label.
fn bar_width(scale: Scale, gram: &Gram, named: bool) -> f64 {
    let label = if named { 1.7 * scale.label } else { 0.0 };
    1.9 * scale.tick + bar_text_width(scale, gram, named) + label
}

fn target_words((cosine, name): &(f64, String), named: bool) -> String {
    if named { format!("{} {name}", short(*cosine)) } else { short(*cosine) }
}

/// The colour bar beside the map; its label and the name of the target where they are wanted.
fn draw_bar(picture: &mut Picture, scale: Scale, gram: &Gram, map: Area, named: bool) {
    let left = map.right + 1.4 * scale.tick;
    let area = Area { left, top: map.top, right: left + 1.3 * scale.tick, bottom: map.bottom };
    let y_of = |cosine: f64| area.bottom - f64::midpoint(cosine, 1.0) * area.height();
    let steps = 128;
    for step in (0..steps).rev() {
        let of = |k: f64| 2.0 * k / f64::from(steps) - 1.0;
        // Each band reaches down to the end and is covered by the next, so that no seam shows between them.
        let place = Area { top: y_of(of(f64::from(step + 1))), ..area };
        picture.rectangle(place, colour_map::diverging(of(f64::from(step) + 0.5)));
    }
    picture.frame(area, scale.unit, Ink::FRAME);
    let style = scale.tick_type(Anchor::Start);
    let text_left = area.right + 0.6 * scale.tick;
    let target = gram.target.as_ref().filter(|(cosine, _)| (-1.0..=1.0).contains(cosine));
    let target_y = target.map(|(cosine, _)| y_of(*cosine));
    for cosine in TICKS {
        let y = y_of(cosine);
        let text = tick_words(gram, cosine);
        picture.line(vec![[area.right, y], [area.right + 0.35 * scale.tick, y]], scale.unit, Ink::FRAME);
        if target_y.is_none_or(|other| (other - y).abs() > 1.3 * scale.tick) {
            picture.text([text_left, y + 0.36 * scale.tick], &text, style);
        }
    }
    if let (Some(target), Some(y)) = (target, target_y) {
        picture.line(vec![[area.left, y], [area.right + 0.35 * scale.tick, y]], 1.8 * scale.unit, Ink::BLACK);
        let words =
            font::fitted(&target_words(target, named), style.em, true, bar_text_width(scale, gram, named));
        picture.text([text_left, y + 0.36 * scale.tick], &words, style.bold());
    }
    if !named {
        return;
    }
    let label = scale.label_type(Anchor::Middle);
    let baseline = text_left + bar_text_width(scale, gram, named) + 1.35 * scale.label;
    picture.upward(
        [baseline, area.centre()[1]],
        if gram.difference.is_some() { "cosine − target" } else { "cosine" },
        label,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_table_is_shown_in_means() {
        let alternating = |i: usize, j: usize| if (i + j).is_multiple_of(2) { 1.0 } else { -1.0 };
        let cosines: Vec<Vec<f64>> =
            (0..640).map(|i| (0..640).map(|j| alternating(i, j)).collect()).collect();
        let cells = blocks(&cosines);
        assert_eq!((cells.len(), cells[319].len()), (320, 320));
        assert!(cells.iter().flatten().all(|cell| *cell == Some(0.0)));
        assert_eq!(blocks(&[vec![0.5, f64::NAN], vec![0.25]]), [[Some(0.5), None], [Some(0.25), None]]);
    }

    #[test]
    fn names_that_are_too_long_keep_what_tells_them_apart() {
        let names = |names: &[&str]| {
            without_shared_words(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>())
        };
        assert_eq!(names(&["class 0", "class 1"]), ["0", "1"]);
        assert_eq!(names(&["a red fox", "a red hen"]), ["fox", "hen"]);
        assert_eq!(names(&["willow tree", "willow"]), ["willow tree", "willow"]);
        assert_eq!(names(&["oak", "birch"]), ["oak", "birch"]);
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn numbers_are_large_enough_to_be_read_or_are_left_out_and_numbers_are_enough_for_numbered_classes() {
        use crate::figure::picture::Item;
        let of = |classes: usize, name: &str, size: &str| {
            let class_names = (0..classes).map(|k| format!("{name} {k}")).collect();
            let cosines = vec![vec![-0.11; classes]; classes];
            let size = size.parse::<crate::figure::Extent>().unwrap().at(300).unwrap();
            let picture = draw(&Gram { class_names, cosines, ..Gram::default() }, size);
            let scale = Scale::of(&picture);
            let texts = picture.items.into_iter().filter_map(|item| match item {
                Item::Text { text, style, .. } => Some((text, style.em / scale.tick)),
                _ => None,
            });
            texts.collect::<Vec<_>>()
        };
        for (classes, size, shown) in [(4, "85x60mm", true), (10, "85x60mm", false), (10, "180x120mm", true)]
        {
            let texts = of(classes, "class", size);
            let numbers: Vec<f64> =
                texts.iter().filter(|(text, _)| text == "−0.11").map(|(_, em)| *em).collect();
            assert_eq!(!numbers.is_empty(), shown, "{classes} {size}");
            assert!(numbers.iter().all(|em| *em >= SMALLEST), "{numbers:?}");
            let said = |words: &str| texts.iter().filter(|(text, _)| text == words).count();
            assert_eq!(
                (said("class"), said("0"), said("class 0")),
                (1, 3, 0),
                "on both sides and at the bar"
            );
        }
        assert!(of(4, "cat", "180x120mm").iter().any(|(text, _)| text == "cat 0"), "names stay whole");
    }

    #[test]
    fn cosines_are_short_and_zero_has_no_sign() {
        assert_eq!([1.0, -1.0, -0.001, -1.0 / 3.0, 0.5].map(short), ["1", "−1", "0", "−0.33", "0.50"]);
    }
}
