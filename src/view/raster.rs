//! The scene of the view: dots, lines and symbols at places finer than a cell. Painted as braille or octants (2×4 in
//! a cell), half blocks (1×2) or characters (1×1), or handed on whole to whoever has real pixels.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::symbols::pixel::OCTANTS;

use super::pen;
use super::theme::Theme;
use crate::app::{Area, Marks};

/// A grid of dots over an area. Of dots in one cell the last most important one gives the colour.
pub(super) struct Raster {
    area: Area,
    /// Dots a cell has, across and down.
    grain: (u16, u16),
    marks: Marks,
    cells: Vec<Cell>,
    glyphs: Vec<Glyph>,
    /// Everything as it was drawn, where that is wanted.
    traces: Option<Vec<Trace>>,
}

/// A symbol at a place in columns and rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) at: (f32, f32),
    pub(super) symbol: char,
    pub(super) style: Style,
}

/// What was drawn under the symbols; ends in columns and rows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trace {
    /// A dot.
    Dot((f32, f32), u8, Style),
    /// A line; whether it is broken; its style in the middle.
    Line((f32, f32), (f32, f32), bool, u8, Style),
}

#[derive(Clone, Copy, Default)]
struct Cell {
    dots: u8,
    rank: u8,
    style: Style,
}

/// Bits of the dots of a braille pattern, by column and row.
const BRAILLE: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

impl Raster {
    pub(super) fn new(area: Area, theme: Theme) -> Self {
        let grain = match theme.marks {
            Marks::Braille | Marks::Octant => (2, 4),
            Marks::HalfBlock => (1, 2),
            Marks::Dot | Marks::Ascii => (1, 1),
        };
        let count = usize::from(area.width) * usize::from(area.height);
        Self {
            area,
            grain,
            marks: theme.marks,
            cells: vec![Cell::default(); count],
            glyphs: Vec::new(),
            traces: None,
        }
    }

    /// The same, keeping all that is drawn for [`Raster::traces`].
    pub(super) fn recording(area: Area, theme: Theme) -> Self {
        Self { traces: Some(Vec::new()), ..Self::new(area, theme) }
    }

    /// What was drawn, and the symbols over it.
    pub(super) fn traces(&self) -> (&[Trace], &[Glyph]) {
        (self.traces.as_deref().unwrap_or_default(), &self.glyphs)
    }

    /// A symbol over everything, at the cell that holds the place.
    pub(super) fn glyph(&mut self, x: f32, y: f32, symbol: char, style: Style) {
        self.glyphs.push(Glyph { at: (x, y), symbol, style });
    }

    /// Sets the dot at a place, in columns and rows of the screen.
    pub(super) fn dot(&mut self, x: f32, y: f32, rank: u8, style: Style) {
        if let Some(traces) = &mut self.traces {
            traces.push(Trace::Dot((x, y), rank, style));
        } else {
            self.put(x, y, rank, style);
        }
    }

    fn put(&mut self, x: f32, y: f32, rank: u8, style: Style) {
        let (across, down) = (f32::from(self.grain.0), f32::from(self.grain.1));
        let (dx, dy) = ((x - f32::from(self.area.x)) * across, (y - f32::from(self.area.y)) * down);
        if !(dx >= 0.0 && dy >= 0.0) {
            return;
        }
        let (dx, dy) = (dx as usize, dy as usize);
        let (column, row) = (dx / usize::from(self.grain.0), dy / usize::from(self.grain.1));
        if column >= usize::from(self.area.width) || row >= usize::from(self.area.height) {
            return;
        }
        let cell = &mut self.cells[row * usize::from(self.area.width) + column];
        cell.dots |= match self.marks {
            Marks::Braille => BRAILLE[dx % 2][dy % 4],
            Marks::Octant => 1 << (2 * (dy % 4) + dx % 2),
            Marks::HalfBlock => 1 << (dy % 2),
            Marks::Dot | Marks::Ascii => 1,
        };
        if rank >= cell.rank {
            cell.rank = rank;
            cell.style = style;
        }
    }

    /// Dots along a line; only every `every`-th one.
    pub(super) fn line(
        &mut self,
        from: (f32, f32),
        to: (f32, f32),
        every: usize,
        rank: u8,
        style: impl Fn(f32) -> Style,
    ) {
        let across = (to.0 - from.0) * f32::from(self.grain.0);
        let down = (to.1 - from.1) * f32::from(self.grain.1);
        let steps = across.abs().max(down.abs());
        if !steps.is_finite() {
            return;
        }
        if let Some(traces) = &mut self.traces {
            traces.push(Trace::Line(from, to, every > 1, rank, style(0.5)));
            return;
        }
        // A line from far outside is cut to a length nobody sees the end of.
        let steps = (steps.ceil() as usize).clamp(1, 4000);
        for step in (0..=steps).step_by(every.max(1)) {
            let share = step as f32 / steps as f32;
            let (x, y) = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            self.put(x, y, rank, style(share));
        }
    }

    pub(super) fn paint(&self, buffer: &mut Buffer) {
        for (k, cell) in self.cells.iter().enumerate() {
            if cell.dots == 0 {
                continue;
            }
            let x = self.area.x + (k % usize::from(self.area.width)) as u16;
            let y = self.area.y + (k / usize::from(self.area.width)) as u16;
            let symbol = match self.marks {
                Marks::Braille => char::from_u32(0x2800 + u32::from(cell.dots)).unwrap_or(' '),
                Marks::Octant => OCTANTS[usize::from(cell.dots)],
                Marks::HalfBlock => [' ', '▀', '▄', '█'][usize::from(cell.dots & 3)],
                Marks::Dot => '·',
                Marks::Ascii => '.',
            };
            if let Some(target) = buffer.cell_mut((x, y)) {
                target.set_char(symbol).set_style(cell.style);
            }
        }
        for Glyph { at: (x, y), symbol, style } in &self.glyphs {
            pen::glyph(buffer, self.area, *x, *y, *symbol, *style);
        }
    }
}
