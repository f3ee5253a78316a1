//! What the screen looks like: [`draw`] is a pure function of [`App`]. One pane a file.
//!
//! ```text
//!  normface s=4 │ C=4 d=3 N=200 seed 0 │ step 240 ▶ 1/frame │ cpu 30 steps/s        lines
//! ╔ > 1 View  coordinates hidden 0% ═════════════╗╭ 2 Loss  log ─────────────────╮
//! ║ projection                                   ║│ loss                         │
//! ║                                              ║╰──────────────────────────────╯
//! ║                                              ║╭ 3 Angles ────────────────────╮
//! ║                                              ║│ angles, numbers, gram or     │
//! ║                                              ║│ selected                     │
//! ╚══════════════════════════════════════════════╝╰──────────────────────────────╯
//! ╭ 4 Params ────────────────────────────────────────────────────────────────────╮
//! │ params                                                                       │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//!  now  smallest class angle 106.2° of 109.47° · …                              lines
//!  what happened last, or a hint
//!  space run/pause  . step  …
//! ```

mod angles;
mod export;
mod gram;
mod lines;
mod loss;
mod numbers;
mod overlay;
mod params;
mod pen;
mod pixels;
mod projection;
mod raster;
mod selected;
mod theme;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::app::{App, Area, Marks, Pane};

pub use pixels::{sketch, sketch_area};

/// Draws the whole screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    draw_on(app, frame.buffer_mut());
}

/// The same on a buffer. The app knows the size it was last told; a buffer of another size is drawn on as far as
/// both go.
pub fn draw_on(app: &App, buffer: &mut Buffer) {
    if let Some(layout) = app.layout() {
        for (pane, area) in &layout.panes {
            draw_pane(app, buffer, *pane, *area);
        }
        lines::draw(app, buffer, &layout);
        overlay::draw(app, buffer);
    } else {
        let (width, height) = app.size;
        let area = Area { x: 0, y: 0, width, height };
        pen::line(buffer, area, 0, lines::too_small(app));
    }
    if app.marks == Marks::Ascii {
        for cell in &mut buffer.content {
            if !cell.symbol().is_ascii() {
                let symbol = cell.symbol().chars().next().map_or(' ', theme::to_ascii);
                cell.set_char(symbol);
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
        Pane::Gram => gram::draw(app, buffer, area),
        Pane::Selected => selected::draw(app, buffer, area),
    }
}
