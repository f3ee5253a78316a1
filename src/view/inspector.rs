//! The picked point in numbers: where it lies, what it costs, who pulls it, and the arithmetic of its loss.
//!
//! ```text
//!  class C   from own weight 22.4° (class 14.1°)   nearest B at 88.0°
//!  loss 0.0810, rank 3 of 200   p(own) 0.922
//!  own C pulls 0.2510  B pushes 0.0480  A pushes 0.0120  D pushes 0.0090
//!  net force 0.2140, along it: own C +0.1900  B +0.0120  A +0.0040  D +0.0080  sum 0.2140
//!  along the sphere 0.1980   along the radius +0.0810 (dropped: unit length)
//!
//!  normface      cosine   exponent        e^x    weight   N·∂L/∂score
//!  own C         0.9245     3.6980      40.37    0.9220       −0.3120
//! ```

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::law::few;
use super::overlay;
use super::theme::Theme;
use crate::app::App;
use crate::describe::number;
use crate::describe::point::{act, actor, actors, class_name, radius, signed};
use crate::engine::cpu::pulls::By;
use crate::engine::cpu::{Link, Sum};
use crate::objectives::{Family, Score};
use crate::snapshot::{Cast, Inspected, Inspection, Share};

/// A pane of fewer columns than this has room for little.
const NARROW: usize = 40;
/// Columns of a name in the table.
const NAMES: usize = 13;

/// The overlay.
pub(super) fn draw(app: &App, buffer: &mut Buffer, first: usize) {
    let theme = Theme::of(app);
    let Some(row) = app.picked else {
        let inner = overlay::panel(app, buffer, "Point", 84);
        let hint =
            Line::raw(app.keymap.spell(" No point is picked: <next-point> picks one, or a click on it."));
        return overlay::scroll(app, buffer, inner, vec![hint], 0, theme);
    };
    let title = app.keymap.spell(&format!(
        "Point #{row} at step {}   <next-point> <last-point> other   <step> one step   <forces> arrows",
        app.snapshot.step
    ));
    let inner = overlay::panel(app, buffer, &title, 84);
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines = summary(app, row, width, theme);
    if let Some(inspected) = app.snapshot.inspection.of(app.picked) {
        for sum in &inspected.sums {
            lines.push(Line::default());
            lines.extend(arithmetic(sum, inspected, &app.snapshot.cast, width, theme));
        }
        lines.push(Line::default());
        lines.extend(flow(&notes(inspected), width, theme.quiet()));
    }
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" "));
    }
    overlay::scroll(app, buffer, inner, lines, first, theme);
}

/// What stands in the pane of the point, in at most so many columns.
pub(super) fn summary(app: &App, row: u32, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let snapshot = &app.snapshot;
    let cast = &snapshot.cast;
    // Its class stands among those who act, where there is room for a few lines only.
    let last = snapshot.inspection.of(Some(row)).is_some() && width < NARROW;
    let who = wrapped(head(app, row, theme), width);
    let (mut lines, after) = if last { (Vec::new(), who) } else { (who, Vec::new()) };
    match &snapshot.inspection {
        Inspection::Known(inspected) if inspected.row == row => {
            lines.extend(numbers(inspected, cast, width, theme));
        }
        Inspection::Refused(why) => lines.extend(flow(why, width, theme.wrong())),
        _ => lines.push(Line::styled("its forces are being computed", theme.quiet())),
    }
    lines.extend(after);
    let here = snapshot.points.row(row as usize);
    let length = here.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let coordinates: Vec<String> = here.iter().take(6).map(|x| format!("{x:+.3}")).collect();
    let rest = if here.len() > 6 { " …" } else { "" };
    let pieces = vec![
        (format!("length {length:.4}"), theme.quiet()),
        (format!("at {}{rest}", coordinates.join(" ")), theme.quiet()),
    ];
    lines.extend(wrapped(pieces, width));
    lines
}

/// Who it is.
fn head(app: &App, row: u32, theme: Theme) -> Vec<(String, Style)> {
    let cast = &app.snapshot.cast;
    let mut pieces = Vec::new();
    if let Some(name) = cast.point_names.as_ref().and_then(|names| names.get(row as usize)) {
        pieces.push((name.clone(), theme.strong()));
    }
    let (label, truth) = (cast.labels.get(row as usize), cast.truth.get(row as usize));
    if let Some(&label) = label {
        pieces.push((format!("class {}", class_name(cast, label)), theme.class(label as usize, 1.0)));
    }
    if let (Some(label), Some(truth)) = (label, truth)
        && label != truth
    {
        pieces.push((format!("drawn from {}", class_name(cast, *truth)), theme.wrong()));
    }
    pieces
}

fn numbers(inspected: &Inspected, cast: &Cast, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let plain = Style::new();
    let centre = if inspected.weighted { "weight" } else { "mean" };
    let mut place = Vec::new();
    if let Some(angle) = inspected.own_angle {
        let mean = inspected.class_angle.map(|mean| format!(" (class mean {mean:.1}°)")).unwrap_or_default();
        place.push((format!("to own {centre} {angle:.1}°{mean}"), plain));
    }
    if let Some((class, angle)) = inspected.nearest {
        place.push((format!("nearest other {} at {angle:.1}°", class_name(cast, class)), plain));
    }
    let mut cost = Vec::new();
    if let Some((loss, rank)) = inspected.loss {
        cost.push((format!("loss here {}, rank {rank} of {}", number(loss), inspected.rows), plain));
    }
    if let Some(p) = inspected.p_own {
        cost.push((format!("p(own) {p:.3}"), plain));
    }
    let (shares, left, rest) = actors(inspected);
    let style = |share: &Share| match share.by {
        By::Class(class) => theme.class(class as usize, 1.0),
        By::Decay => theme.quiet(),
    };
    let acts = |share: &Share| (act(cast, inspected.class, share), style(share));
    let part = |share: &Share| {
        (format!("{} {}", actor(cast, inspected.class, share.by), signed(share.along)), style(share))
    };
    let mut net = vec![(format!("net force {}, along it:", number(inspected.net)), theme.strong())];
    net.extend(shares.iter().map(part));
    if left > 0 {
        net.push((format!("{left} others {}", signed(rest)), plain));
    }
    net.push((format!("sum {}", number(inspected.sum())), theme.strong()));
    // In few columns those who pull stand behind one word, those who push behind another.
    let brief = |pulls: bool| {
        let named = shares.iter().filter(|share| (share.pull >= 0.0) == pulls);
        let mut pieces: Vec<(String, Style)> = named
            .map(|share| {
                (
                    format!("{} {}", actor(cast, inspected.class, share.by), few(share.pull.abs())),
                    style(share),
                )
            })
            .collect();
        if let Some((first, _)) = pieces.first_mut() {
            *first = format!("{} {first}", if pulls { "pulls" } else { "pushes" });
        }
        pieces
    };
    let ways = vec![
        (format!("along the sphere {}", number(inspected.sphere)), plain),
        (format!("along the radius {}", radius(inspected)), plain),
    ];
    // Where there is room for a few lines only, who pulls and who pushes comes first.
    let order = if width < NARROW {
        vec![brief(true), brief(false), net, place, cost, ways]
    } else {
        vec![place, cost, shares.iter().map(acts).collect(), net, ways]
    };
    order.into_iter().flat_map(|pieces| wrapped(pieces, width)).collect()
}

/// What the forces are over, and what they are not.
fn notes(inspected: &Inspected) -> String {
    let mut notes = format!(
        "Forces are times N = {}: a plain step of SGD moves the row by rate/N times its net force.",
        inspected.rows
    );
    if let Some(batch) = inspected.batch {
        notes += &format!(" They are over all rows; a step sees a batch of {batch} instances.");
    }
    if inspected.network {
        notes += " The row is an output: its force is what the network is asked for, and the network moves.";
    }
    notes
}

/// The table of one term: pairs, what they score, and how hard they pull.
fn arithmetic(
    sum: &Sum,
    inspected: &Inspected,
    cast: &Cast,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let score = match sum.score {
        Score::Raw => "h·w + b",
        Score::Cosine => "cosine",
        Score::SquaredDistance => "distance²",
    };
    let wide = width >= 70;
    let row = |name: &str, cells: [String; 5], style: Style| {
        let mut line = vec![Span::styled(format!("{name:<NAMES$.NAMES$}"), style)];
        // A narrow table has narrow columns, and what follows from its neighbours is left out first.
        let columns = if wide { [10, 10, 11, 9, 13] } else { [8, 9, 0, 8, 11] };
        for (k, (cell, columns)) in cells.into_iter().zip(columns).enumerate() {
            if wide || k != 2 {
                line.push(Span::raw(format!(" {cell:>columns$}")));
            }
        }
        Line::from(line)
    };
    let words = |words: [&str; 5]| words.map(str::to_owned);
    let factor = if sum.factor == 1.0 { String::new() } else { format!("{}*", sum.factor) };
    let name = format!("{factor}{}", sum.name);
    let exponent = if sum.family == Family::Class { "logit x" } else { "x" };
    let mut lines =
        vec![row(&name, words([score, exponent, "e^x", "weight", "N·∂L/∂score"]), theme.strong())];
    let known = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
    let cells = |link: &Link| {
        let power = link.exponent.map(f64::exp);
        let coupling = if link.coupling == 0.0 { "0".to_owned() } else { signed(link.coupling) };
        [format!("{:.4}", link.score), known(link.exponent), known(power), known(link.weight), coupling]
    };
    for link in &sum.links {
        let class = actor(cast, inspected.class, By::Class(link.class));
        let name = if sum.family == Family::Class { class } else { format!("#{} {class}", link.candidate) };
        lines.push(row(&name, cells(link), theme.class(link.class as usize, 1.0)));
    }
    if sum.links.len() < sum.count {
        let text = format!("… and {} more, each weaker", sum.count - sum.links.len());
        lines.push(Line::styled(text, theme.quiet()));
    }
    let nothing = String::new;
    let zero = sum.links.iter().map(|link| link.coupling.abs()).fold(0.0, f64::max) * 1e-5;
    let total = if sum.total.abs() <= zero { "0".to_owned() } else { signed(sum.total) };
    lines.push(row("sum", [nothing(), nothing(), nothing(), nothing(), total], theme.strong()));
    if sum.arc != 0.0 {
        let text = format!("and along the arc to the own class {} (a margin on the angle)", signed(sum.arc));
        lines.push(Line::styled(text, theme.quiet()));
    }
    lines
}

/// Pieces one after the other, three columns apart, broken between pieces where there is no room.
fn wrapped(pieces: Vec<(String, Style)>, width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut used = 0;
    for (text, style) in pieces {
        let columns = text.chars().count();
        match lines.last_mut() {
            Some(line) if used + 2 + columns <= width => {
                line.spans.push(Span::raw("  "));
                line.spans.push(Span::styled(text, style));
                used += 2 + columns;
            }
            _ => {
                let broken = super::pen::wrap(&text, width);
                used = broken.last().map_or(0, |last| last.chars().count());
                lines.extend(broken.into_iter().map(|part| Line::from(Span::styled(part, style))));
            }
        }
    }
    lines
}

/// A text in lines.
fn flow(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    super::pen::wrap(text, width).into_iter().map(|line| Line::styled(line, style)).collect()
}
