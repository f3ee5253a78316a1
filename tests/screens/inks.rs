//! The screen as styles: which cell has which colour and emphasis.

use losslab::app::App;
use losslab::view;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// A letter for each style there is, with what it means, and then the screen in those letters.
pub(crate) fn inks(app: &App) -> String {
    let (width, height) = app.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    view::draw_on(app, &mut buffer);
    let mut styles: Vec<String> = Vec::new();
    let mut rows = String::new();
    for row in buffer.content.chunks(usize::from(width).max(1)) {
        let letters: String = row.iter().map(|cell| letter(&mut styles, style(cell))).collect();
        rows += letters.trim_end_matches('.');
        rows.push('\n');
    }
    let legend = styles.iter().enumerate().map(|(place, style)| format!("{} {style}\n", sign(place)));
    legend.collect::<String>() + "\n" + &rows
}

/// Whether anything on the screen has a colour.
pub(crate) fn is_coloured(app: &App) -> bool {
    let (width, height) = app.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    view::draw_on(app, &mut buffer);
    buffer.content.iter().any(|cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset))
}

/// The letter of a style; a dot for plain text, and for what is blank and plain.
fn letter(styles: &mut Vec<String>, style: String) -> char {
    if style.is_empty() {
        return '.';
    }
    let known = styles.iter().position(|known| *known == style);
    let place = known.unwrap_or_else(|| {
        styles.push(style);
        styles.len() - 1
    });
    sign(place)
}

/// Letters and digits, as far as they go.
fn sign(place: usize) -> char {
    ('a'..='z').chain('A'..='Z').chain('0'..='9').nth(place).unwrap_or('?')
}

fn style(cell: &Cell) -> String {
    let colour = |colour| match colour {
        Color::Reset => String::new(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        own => own.to_string().to_lowercase(),
    };
    let mut words = vec![colour(cell.fg)];
    if cell.bg != Color::Reset {
        words.push(format!("on {}", colour(cell.bg)));
    }
    let emphases = [(Modifier::BOLD, "bold"), (Modifier::DIM, "dim"), (Modifier::REVERSED, "reversed")];
    words.extend(
        emphases.iter().filter(|(of, _)| cell.modifier.contains(*of)).map(|(_, word)| (*word).into()),
    );
    words.retain(|word| !word.is_empty());
    words.join(" ")
}
