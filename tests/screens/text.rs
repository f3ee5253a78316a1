//! The screen as text: what tests look at.

use losslab::app::App;
use losslab::view;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

/// The rows of the screen, without what is blank at their ends.
pub(crate) fn screen(app: &App) -> String {
    let (width, height) = app.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    view::draw_on(app, &mut buffer);
    let rows = buffer.content.chunks(usize::from(width).max(1));
    let lines = rows.map(|row| row.iter().map(Cell::symbol).collect::<String>());
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}
