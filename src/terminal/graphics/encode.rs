//! The bytes of a picture: PNG in base64 for kitty and iTerm2, bands of six rows for sixel.

use crate::figure::{Indexed, Palette};

/// The number of the one picture there is.
const NUMBER: u32 = 7311;
/// Takes it away, and what the terminal keeps of it.
pub(super) const KITTY_CLEAR: &[u8] = b"\x1b_Ga=d,d=I,i=7311,q=2\x1b\\";
/// The most characters of a chunk that kitty takes.
const CHUNK: usize = 4096;

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for k in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * k) & 63) as usize];
            text.push(if k <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// A PNG of palette places; the paper lets the terminal's own colour through.
pub(super) fn png(picture: &Indexed) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.size.width(), picture.size.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(picture.palette.colours().concat());
    encoder.set_trns(vec![0u8, 0]);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&picture.pixels)?;
        writer.finish()
    });
    // Writing to memory cannot fail, and what would not be whole is not sent.
    if written.is_err() { Vec::new() } else { file }
}

pub(super) fn kitty(picture: &Indexed, (columns, rows): (u16, u16)) -> Vec<u8> {
    let text = base64(&png(picture));
    let mut bytes = Vec::with_capacity(text.len() + 256);
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(CHUNK).collect();
    for (k, chunk) in chunks.iter().enumerate() {
        let more = u8::from(k + 1 < chunks.len());
        // The same number and placement put the picture in the place of the one before; no answer is wanted.
        let head = if k == 0 {
            format!("\x1b_Ga=T,f=100,i={NUMBER},p=1,q=2,C=1,z=-1,c={columns},r={rows},m={more};")
        } else {
            format!("\x1b_Gm={more},q=2;")
        };
        bytes.extend(head.as_bytes());
        bytes.extend(*chunk);
        bytes.extend(b"\x1b\\");
    }
    bytes
}

pub(super) fn iterm(picture: &Indexed, (columns, rows): (u16, u16)) -> Vec<u8> {
    let file = png(picture);
    let head = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1:",
        file.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend(base64(&file).as_bytes());
    bytes.push(0x07);
    bytes
}

/// Sixels are opaque: what a picture before left must go.
pub(super) fn sixel(picture: &Indexed) -> Vec<u8> {
    let (width, height) = (picture.size.width() as usize, picture.size.height() as usize);
    let mut text = format!("\x1bP0;0;0q\"1;1;{width};{height}");
    for (place, colour) in picture.palette.colours().iter().enumerate().skip(1) {
        let [r, g, b] = colour.map(|level| (u32::from(level) * 100 + 127) / 255);
        text.push_str(&format!("#{place};2;{r};{g};{b}"));
    }
    for band in picture.pixels.chunks(6 * width.max(1)) {
        // Of each colour the columns of six dots it has in this band.
        let mut columns: Vec<Option<Vec<u8>>> = vec![None; 256];
        for (row, line) in band.chunks(width).enumerate() {
            for (x, &place) in line.iter().enumerate() {
                let place = if place == Palette::NOTHING { Palette::PAPER } else { place };
                columns[usize::from(place)].get_or_insert_with(|| vec![0; width])[x] |= 1 << row;
            }
        }
        for (place, dots) in columns.iter().enumerate().filter_map(|(k, dots)| Some((k, dots.as_ref()?))) {
            text.push_str(&format!("#{place}"));
            for run in dots.chunk_by(|a, b| a == b) {
                let character = char::from(63 + run[0]);
                if run.len() > 3 {
                    text.push_str(&format!("!{}{character}", run.len()));
                } else {
                    text.extend(std::iter::repeat_n(character, run.len()));
                }
            }
            text.push('$');
        }
        text.push('-');
    }
    text.push_str("\x1b\\");
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Sketch;

    fn picture() -> Indexed {
        let mut sketch = Sketch::new(90, 70, (16, 16, 18));
        sketch.disc([30.0, 30.0], 12.0, (213, 94, 0));
        sketch.line([5.0, 60.0], [80.0, 5.0], 3.0, (0, 158, 115));
        sketch.word([60.0, 50.0], 16.0, "A", (225, 225, 225));
        sketch.indexed().unwrap()
    }

    fn decoded64(text: &[u8]) -> Vec<u8> {
        let value = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("{other} is no digit of base64"),
        };
        let digits: Vec<u8> = text.iter().filter(|&&c| c != b'=').map(|&c| value(c)).collect();
        let mut bytes = Vec::new();
        for four in digits.chunks(4) {
            let bits = four.iter().fold(0u32, |bits, &d| bits << 6 | u32::from(d)) << (6 * (4 - four.len()));
            bytes.extend(&bits.to_be_bytes()[1..four.len()]);
        }
        bytes
    }

    fn pixels_of(file: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    #[test]
    fn base64_is_as_the_standard_prints_it() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(decoded64(coded.as_bytes()), plain.as_bytes());
        }
    }

    #[test]
    fn kitty_is_sent_the_pixels_in_chunks_it_takes() {
        let picture = picture();
        let sent = String::from_utf8(kitty(&picture, (9, 4))).unwrap();
        let mut text = String::new();
        let commands: Vec<&str> = sent.split("\x1b\\").filter(|command| !command.is_empty()).collect();
        for (k, command) in commands.iter().enumerate() {
            let (keys, payload) = command.strip_prefix("\x1b_G").unwrap().split_once(';').unwrap();
            assert!(payload.len() <= 4096);
            let last = k + 1 == commands.len();
            assert!(keys.contains(if last { "m=0" } else { "m=1" }), "{keys}");
            text.push_str(payload);
        }
        assert!(commands[0].contains("c=9,r=4"));
        assert!(pixels_of(&decoded64(text.as_bytes())) == picture.pixels);
    }

    #[test]
    fn iterm_is_sent_the_pixels_with_their_length() {
        let picture = picture();
        let sent = String::from_utf8(iterm(&picture, (9, 4))).unwrap();
        let (head, payload) = sent.strip_suffix('\x07').unwrap().split_once(':').unwrap();
        let file = decoded64(payload.as_bytes());
        assert!(head.contains(&format!("size={};width=9;height=4", file.len())), "{head}");
        assert!(pixels_of(&file) == picture.pixels);
    }

    /// Draws sixels as a terminal does: a palette place for each pixel.
    fn drawn(sixels: &str, width: usize, height: usize) -> Vec<u8> {
        let body = sixels.split_once('"').unwrap().1.strip_suffix("\x1b\\").unwrap();
        let mut pixels = vec![0u8; width * height];
        let (mut x, mut top, mut place, mut count) = (0, 0, 0u8, 1usize);
        let mut rest = body.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        while let Some(first) = rest.chars().next() {
            rest = &rest[1..];
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
            match first {
                '#' => {
                    place = rest[..digits].split(';').next().unwrap().parse().unwrap();
                    rest = &rest[digits..];
                }
                '!' => {
                    count = rest[..digits].parse().unwrap();
                    rest = &rest[digits..];
                }
                '$' => x = 0,
                '-' => (x, top) = (0, top + 6),
                dots => {
                    for x in x..x + count {
                        for row in (0..6).filter(|row| (dots as u8 - 63) >> row & 1 == 1) {
                            pixels[(top + row) * width + x] = place;
                        }
                    }
                    (x, count) = (x + count, 1);
                }
            }
        }
        pixels
    }

    #[test]
    fn sixels_draw_the_pixels() {
        let picture = picture();
        let sent = String::from_utf8(sixel(&picture)).unwrap();
        assert!(sent.contains("#1;2;6;6;7"), "the paper in hundredths: {}", &sent[..80]);
        assert!(drawn(&sent, 90, 70) == picture.pixels);
    }
}
