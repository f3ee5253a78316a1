//! Colours brought down to what the terminal, or `NO_COLOR`, allows: cells to 256 or 16 colours, and bytes to none.
//! crossterm's own `NO_COLOR` support is switched off: it leaves a bare `CSI m`, which also ends bold and reverse.

use ratatui::{buffer::Buffer, style::Color};

use super::capabilities::ColourMode;

/// The usual RGB values of the sixteen palette colours, for finding the nearest one.
const PALETTE: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The six levels of one channel of the 256-colour cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Replaces every colour in the buffer that `mode` cannot show by the nearest one it can.
/// [`ColourMode::Mono`] is left alone here: [`without_colours`] takes its bytes out.
pub(super) fn reduce(buffer: &mut Buffer, mode: ColourMode) {
    let nearest: fn(Color) -> Color = match mode {
        ColourMode::Sixteen => to_sixteen,
        ColourMode::Indexed => to_indexed,
        ColourMode::Auto | ColourMode::Mono | ColourMode::TrueColour => return,
    };
    for cell in &mut buffer.content {
        cell.fg = nearest(cell.fg);
        cell.bg = nearest(cell.bg);
        cell.underline_color = nearest(cell.underline_color);
    }
}

/// The nearest of the sixteen palette colours; named colours and the default stay as they are.
pub fn to_sixteen(colour: Color) -> Color {
    let wanted = match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(index) if index < 16 => return PALETTE[index as usize].0,
        Color::Indexed(index) => indexed_rgb(index),
        named => return named,
    };
    PALETTE
        .iter()
        .min_by_key(|(_, rgb)| squared_distance(*rgb, wanted))
        .map_or(Color::Reset, |(nearest, _)| *nearest)
}

/// The nearest colour of the 256-colour cube and its grey ramp; anything but RGB stays as it is.
pub fn to_indexed(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    (16..=255)
        .min_by_key(|index| squared_distance(indexed_rgb(*index), [r, g, b]))
        .map_or(Color::Reset, Color::Indexed)
}

/// The RGB value of the colours 16–255: a 6×6×6 cube, then 24 greys.
fn indexed_rgb(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + 10 * (index - 232); 3];
    }
    let cube = usize::from(index.saturating_sub(16));
    [CUBE[cube / 36], CUBE[cube / 6 % 6], CUBE[cube % 6]]
}

fn squared_distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(x, y)| u32::from(x.abs_diff(y)).pow(2)).sum()
}

/// Takes every colour parameter (30–39, 40–49, 58, 59, 90–107) out of the SGR sequences in `bytes`; a sequence
/// of nothing but colours goes altogether, and an empty one (`CSI m`, a reset) stays.
pub fn without_colours(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = rest.split_at(start);
        kept.extend_from_slice(before);
        let parameters =
            sequence[2..].iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')).count();
        let end = (3 + parameters).min(sequence.len());
        if sequence.get(2 + parameters) == Some(&b'm') && parameters > 0 {
            let left = uncoloured_parameters(&sequence[2..2 + parameters]);
            if !left.is_empty() {
                kept.extend_from_slice(b"\x1b[");
                kept.extend_from_slice(&left.join(&b';'));
                kept.push(b'm');
            }
        } else {
            kept.extend_from_slice(&sequence[..end]);
        }
        rest = &sequence[end..];
    }
    kept.extend_from_slice(rest);
    kept
}

fn uncoloured_parameters(parameters: &[u8]) -> Vec<&[u8]> {
    let mut left = Vec::new();
    let mut all = parameters.split(|byte| *byte == b';');
    while let Some(parameter) = all.next() {
        let code = parameter.split(|byte| *byte == b':').next().unwrap_or_default();
        match std::str::from_utf8(code).ok().and_then(|text| text.parse::<u8>().ok()) {
            Some(38 | 48 | 58) if code == parameter => match all.next() {
                Some(b"5") => drop(all.next()),
                Some(b"2") => drop((all.next(), all.next(), all.next())),
                _ => {}
            },
            Some(30..=49 | 58 | 59 | 90..=107) => {}
            _ => left.push(parameter),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_leave_and_attributes_stay() {
        let table: [(&[u8], &[u8]); 9] = [
            (b"\x1b[38;5;1;49mred\x1b[0m", b"red\x1b[0m"),
            (b"\x1b[1;38;2;10;20;30;7mboth", b"\x1b[1;7mboth"),
            (b"\x1b[39m\x1b[49m\x1b[59m\x1b[0m", b"\x1b[0m"),
            (b"\x1b[4:3mcurly", b"\x1b[4:3mcurly"),
            (b"\x1b[38:2::1:2:3mx", b"x"),
            (b"\x1b[97;101mbright", b"bright"),
            (b"\x1b[m", b"\x1b[m"),
            (b"\x1b[12;34Hmoved", b"\x1b[12;34Hmoved"),
            (b"cut short \x1b[3", b"cut short \x1b[3"),
        ];
        for (bytes, wanted) in table {
            assert_eq!(without_colours(bytes), wanted, "{}", String::from_utf8_lossy(bytes).escape_debug());
        }
    }

    #[test]
    fn the_nearest_colours_are_the_obvious_ones() {
        assert_eq!(to_sixteen(Color::Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(to_sixteen(Color::Rgb(120, 130, 125)), Color::DarkGray);
        assert_eq!(to_sixteen(Color::Indexed(4)), Color::Blue);
        assert_eq!(to_sixteen(Color::Indexed(46)), Color::LightGreen);
        assert_eq!(to_sixteen(Color::Reset), Color::Reset);
        assert_eq!(to_indexed(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(to_indexed(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(to_indexed(Color::Cyan), Color::Cyan);
    }
}
