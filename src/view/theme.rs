//! Colours and characters, for every kind of terminal. The default colours of text are the terminal's own.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::app::{App, Colours, Marks};
use crate::palette;

/// How everything looks on this terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    pub(super) colours: Colours,
    pub(super) marks: Marks,
}

/// Class colours where there are only sixteen, in the order of [`palette::COLOURS`].
const SIXTEEN: [Color; 8] = [
    Color::LightBlue,
    Color::LightRed,
    Color::Green,
    Color::Magenta,
    Color::Yellow,
    Color::Cyan,
    Color::Reset,
    Color::LightYellow,
];

const ASCII_PLAIN: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII_FOCUS: border::Set<'static> =
    border::Set { horizontal_top: "=", horizontal_bottom: "=", ..ASCII_PLAIN };

impl Theme {
    pub(super) fn of(app: &App) -> Self {
        Self { colours: app.colours, marks: app.marks }
    }

    pub(super) fn ascii(self) -> bool {
        self.marks == Marks::Ascii
    }

    /// One character, by what the terminal can draw.
    pub(super) fn pick(self, symbol: char, ascii: char) -> char {
        if self.ascii() { ascii } else { symbol }
    }

    pub(super) fn border(self, focused: bool) -> border::Set<'static> {
        match (self.ascii(), focused) {
            (true, true) => ASCII_FOCUS,
            (true, false) => ASCII_PLAIN,
            (false, true) => border::DOUBLE,
            (false, false) => border::ROUNDED,
        }
    }

    fn coloured(self, sixteen: Color, rgb: (u8, u8, u8)) -> Style {
        match self.colours {
            Colours::Mono => Style::new(),
            Colours::Sixteen => Style::new().fg(sixteen),
            Colours::Full => Style::new().fg(Color::Rgb(rgb.0, rgb.1, rgb.2)),
        }
    }

    /// Lines and words that should stay in the background.
    pub(super) fn quiet(self) -> Style {
        match self.colours {
            Colours::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new().fg(Color::DarkGray),
        }
    }

    #[expect(clippy::unused_self, reason = "asked for like the other styles")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What has the focus, and keys.
    pub(super) fn accent(self) -> Style {
        self.coloured(Color::Cyan, (86, 180, 233)).add_modifier(Modifier::BOLD)
    }

    pub(super) fn wrong(self) -> Style {
        self.coloured(Color::LightRed, (213, 94, 0)).add_modifier(Modifier::BOLD)
    }

    pub(super) fn good(self) -> Style {
        self.coloured(Color::Green, (0, 158, 115)).add_modifier(Modifier::BOLD)
    }

    /// The loss curve.
    pub(super) fn curve(self) -> Style {
        self.coloured(Color::Cyan, (86, 180, 233))
    }

    /// Floors and targets.
    pub(super) fn target(self) -> Style {
        self.coloured(Color::Yellow, (230, 159, 0))
    }

    /// A class; `depth` from −1 (back) to 1 (front) fades what is behind.
    pub(super) fn class(self, class: usize, depth: f32) -> Style {
        let back = depth < -0.15;
        match self.colours {
            Colours::Mono if back => Style::new().add_modifier(Modifier::DIM),
            Colours::Mono => Style::new(),
            Colours::Sixteen => {
                let style = Style::new().fg(SIXTEEN[class % SIXTEEN.len()]);
                if back { style.add_modifier(Modifier::DIM) } else { style }
            }
            Colours::Full => {
                let rgb = palette::colour(class).on_dark;
                // Toward a grey that stands back on dark and on light backgrounds alike.
                let share = (0.5 - 0.5 * depth).clamp(0.0, 1.0) * 0.72;
                let mixed = |level: u8| (f32::from(level) * (1.0 - share) + 104.0 * share) as u8;
                Style::new().fg(Color::Rgb(mixed(rgb.0), mixed(rgb.1), mixed(rgb.2)))
            }
        }
    }

    /// The character of a class.
    pub(super) fn glyph(self, class: usize) -> char {
        let shape = palette::shape(class);
        self.pick(shape.glyph(), shape.ascii())
    }
}

/// The nearest printable ASCII character, for terminals without others.
pub(super) fn to_ascii(c: char) -> char {
    match c {
        c if c.is_ascii() => c,
        '·' | '…' | '┄' => '.',
        '←' | '‹' | '≤' => '<',
        '→' | '▶' | '›' | '≥' => '>',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        'λ' => 'l',
        '×' => 'x',
        '≈' => '~',
        '−' | '─' | '–' => '-',
        '│' | '‖' => '|',
        '█' | '■' => '#',
        'θ' | '○' => 'o',
        'τ' => 't',
        'γ' => 'g',
        'α' => 'a',
        'β' => 'b',
        'π' => 'p',
        '°' => ' ',
        'Σ' => 'S',
        'σ' => 's',
        '✓' => '*',
        _ => '?',
    }
}
