//! What the screen looks like: [`draw`] is a pure function of [`App`]. One pane a file.
//!
//! ```text
//!  normface s=4 │ C=4 d=3 N=200 seed 0 │ step 240 ▶ 1/frame │ cpu 30 steps/s        lines
//! ╔ > 1 View  coordinates hidden 0% ═════════════╗╭ 2 Loss  log ─────────────────╮
//! ║ projection                                   ║│ loss                         │
//! ║                                              ║╰──────────────────────────────╯
//! ║                                              ║╭ 3 Angles ────────────────────╮
//! ║                                              ║│ angles, law, numbers, gram   │
//! ║                                              ║│ or selected                  │
//! ╚══════════════════════════════════════════════╝╰──────────────────────────────╯
//! ╭ 4 Params ────────────────────────────────────────────────────────────────────╮
//! │ params                                                                       │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//!  now  smallest class angle 106.2° of 109.47° · …                              lines
//!  what happened last, or a hint
//!  space run/pause  . step  …
//! ```

mod angles;
mod arrows;
mod compare;
mod export;
mod find;
mod gram;
mod inspector;
mod law;
mod lesson;
mod lines;
mod loss;
mod marks;
mod numbers;
mod overlay;
mod params;
mod pen;
mod pixels;
mod projection;
mod raster;
mod selected;
mod theme;
mod time;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::app::{App, Area, Marks, Pane};
use crate::minus;

pub use pixels::{sketch, sketch_area};

/// Draws the whole screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    draw_on(app, frame.buffer_mut());
}

/// The same on a buffer. The app knows the size it was last told; a buffer of another size is drawn on as far as
/// both go.
pub fn draw_on(app: &App, buffer: &mut Buffer) {
    if let Some((layout, stage)) = app.stage() {
        compare::draw(app, buffer, &layout, &stage);
        overlay::draw(app, buffer);
    } else if let Some(layout) = app.layout() {
        for (pane, area) in &layout.panes {
            draw_pane(app, buffer, *pane, *area);
        }
        if app.lesson.is_some() {
            lesson::draw(app, buffer, &layout);
        } else {
            time::draw(app, buffer, layout.time);
            lines::draw(app, buffer, &layout);
        }
        overlay::draw(app, buffer);
    } else {
        let (width, height) = app.size;
        let area = Area { x: 0, y: 0, width, height };
        for (row, words) in pen::wrap(&lines::too_small(app), usize::from(width)).into_iter().enumerate() {
            pen::line(buffer, area, row as u16, words);
        }
    }
    signed(buffer);
    if app.marks == Marks::Ascii {
        for cell in &mut buffer.content {
            if !cell.symbol().is_ascii() {
                let symbol = cell.symbol().chars().next().map_or(' ', theme::to_ascii);
                cell.set_char(symbol);
            }
        }
    }
}

/// Puts the minus sign before the negative numbers on the screen, wherever they were written.
fn signed(buffer: &mut Buffer) {
    let width = usize::from(buffer.area.width).max(1);
    for cells in buffer.content.chunks_mut(width) {
        if cells.iter().any(|cell| matches!(cell.symbol(), "-" | "−")) {
            let row: Vec<char> =
                cells.iter().map(|cell| cell.symbol().chars().next().unwrap_or(' ')).collect();
            for (at, c) in minus::typeset_row(&row) {
                cells[at].set_char(c);
            }
        }
    }
}

fn draw_pane(app: &App, buffer: &mut Buffer, pane: Pane, area: Area) {
    match pane {
        Pane::View => projection::draw(app, buffer, area),
        Pane::Loss => loss::draw(app, buffer, area),
        Pane::Angles => angles::draw(app, buffer, area),
        Pane::Params => params::draw(app, buffer, area),
        Pane::Numbers => numbers::draw(app, buffer, area),
        Pane::Law => law::draw(app, buffer, area),
        Pane::Gram => gram::draw(app, buffer, area),
        Pane::Selected => selected::draw(app, buffer, area),
        Pane::Time => time::draw(app, buffer, area),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ratatui::layout::Rect;

    use super::*;
    use crate::app::find::{Finder, Found};
    use crate::app::{Overlay, Search};
    use crate::experiment::Experiment;

    /// Everything that can lie over the panes, and nothing.
    fn overlays() -> Vec<Option<Overlay>> {
        let search = |text: &str| Search { text: text.into(), at: 3 };
        let mut many = Finder::default();
        many.found = vec![Found::Point(3); 40];
        vec![
            None,
            Some(Overlay::Help(7)),
            Some(Overlay::Warnings(1)),
            Some(Overlay::Picker(search(""))),
            Some(Overlay::Picker(search("softmax + 0.1*opl(gama=1)"))),
            Some(Overlay::Palette(search(""))),
            Some(Overlay::Find(Finder::default())),
            Some(Overlay::Find(many)),
            Some(Overlay::Inspector(2)),
        ]
    }

    #[test]
    fn every_size_draws_every_pane_and_overlay() {
        let mut run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        run.advance(20);
        run.read_back();
        run.analyse();
        let mut app = App::new(Arc::new(run.snapshot()), (0, 0));
        let overlays = overlays();
        let mut drawn = 0u32;
        for width in 0..=120u16 {
            for height in 0..=50u16 {
                app.size = (width, height);
                // Below the smallest size there is one line, whatever is chosen.
                let small = app.layout().is_none();
                let picks = if small { 1 } else { Pane::ALL.len() };
                for pick in 0..picks {
                    (app.focus, app.second) = (Pane::ALL[pick], Pane::ALL[pick]);
                    app.expanded = (usize::from(width) + pick) % 3 == 0;
                    app.overlay.clone_from(&overlays[(pick + usize::from(height)) % overlays.len()]);
                    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
                    draw_on(&app, &mut buffer);
                    drawn += 1;
                }
            }
        }
        assert!(drawn > 15_000, "{drawn}");
    }
}
