//! The menu of what can be written, over the panes.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{overlay, pen};
use crate::app::keys::Action;
use crate::app::{App, Export};

pub(super) fn draw(app: &App, buffer: &mut Buffer, at: usize) {
    let theme = Theme::of(app);
    let offered = Export::offered(app.compares());
    let rows = offered.len() as u16;
    let inner = overlay::small_panel(app, buffer, "Write", 56, rows + 1);
    for (k, export) in offered.iter().enumerate() {
        let (word, what) = export.words();
        let chosen = k == at;
        let style = if chosen { theme.accent().add_modifier(Modifier::REVERSED) } else { theme.strong() };
        let line = vec![
            Span::raw(if chosen { " > " } else { "   " }),
            Span::styled(format!("{} ", App::digit(k).unwrap_or(' ')), theme.accent()),
            Span::styled(format!("{word:<10}"), style),
            Span::styled(format!(" {what}"), theme.quiet()),
        ];
        pen::line(buffer, inner, k as u16, Line::from(line));
    }
    let last = offered.iter().find(|export| **export == app.exported).unwrap_or(&offered[0]).words().0;
    let [choose, take, leave] = overlay::steering(app);
    let again = app.keymap.key_of(Action::Export);
    let pieces = [format!("{choose} choose"), format!("{take} writes"), format!("{again} again: {last}")];
    let hint = overlay::hints(usize::from(inner.width), &pieces, &leave);
    pen::line(buffer, inner, rows, Span::styled(hint, theme.quiet()));
}
