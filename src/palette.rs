//! Colour and shape of each class: one table for the terminal and for figures.
//!
//! Colours are the eight of Okabe and Ito, told apart with any common colour blindness; a class also has
//! a shape, so that no picture depends on colour alone. How a shape is drawn lives with whoever draws it.

/// A named colour of the Okabe–Ito set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// The plain English name, for descriptions and help.
    pub name: &'static str,
    /// Red, green, blue, 0 to 255, for a white background.
    pub rgb: (u8, u8, u8),
    /// The same for a dark background: differs only where `rgb` would vanish there (black).
    pub on_dark: (u8, u8, u8),
}

/// The mark a class is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A filled disc.
    Circle,
    /// A diagonal cross.
    Cross,
    /// An upright cross.
    Plus,
    /// A five-pointed star.
    Star,
    /// A filled square.
    Square,
    /// A filled triangle standing on its side.
    Triangle,
    /// A filled square standing on a corner.
    Diamond,
    /// Two bars across two bars.
    Hash,
    /// A filled triangle standing on its corner.
    Wedge,
}

/// The Okabe–Ito colours, in the order classes take them: those with the best contrast on white first.
pub const COLOURS: [Colour; 8] = [
    same_on_dark("blue", (0, 114, 178)),
    same_on_dark("vermillion", (213, 94, 0)),
    same_on_dark("bluish green", (0, 158, 115)),
    same_on_dark("reddish purple", (204, 121, 167)),
    same_on_dark("orange", (230, 159, 0)),
    same_on_dark("sky blue", (86, 180, 233)),
    Colour { name: "black", rgb: (0, 0, 0), on_dark: (229, 229, 229) },
    same_on_dark("yellow", (240, 228, 66)),
];

/// The shapes, in the order classes take them. Nine beside eight colours: the pairs repeat after 72 classes.
pub const SHAPES: [Shape; 9] = [
    Shape::Circle,
    Shape::Cross,
    Shape::Plus,
    Shape::Star,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Hash,
    Shape::Wedge,
];

const fn same_on_dark(name: &'static str, rgb: (u8, u8, u8)) -> Colour {
    Colour { name, rgb, on_dark: rgb }
}

/// The colour of a class, by its dense index; repeats every 8 classes.
pub fn colour(class: usize) -> Colour {
    COLOURS[class % COLOURS.len()]
}

/// The shape of a class, by its dense index; repeats every 9 classes, so colour and shape together repeat
/// only after 72.
pub fn shape(class: usize) -> Shape {
    SHAPES[class % SHAPES.len()]
}

/// A letter for the centre of a class, where colours repeat (beyond 8 classes): `A` to `Z`, then `a` to `z`.
pub fn letter(class: usize) -> char {
    let index = (class % 52) as u8;
    char::from(if index < 26 { b'A' + index } else { b'a' + index - 26 })
}

impl Colour {
    /// Whether the colour is so light that a mark in it needs a dark outline on white paper.
    ///
    /// Uses the relative luminance weights of ITU-R BT.709 on the stored values.
    pub fn is_light(self) -> bool {
        let (r, g, b) = self.rgb;
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b) > 190.0
    }
}

impl Shape {
    /// One terminal cell that looks like the shape, for fonts with geometric symbols.
    pub fn glyph(self) -> char {
        match self {
            Self::Circle => '●',
            Self::Cross => '×',
            Self::Plus => '+',
            Self::Star => '★',
            Self::Square => '■',
            Self::Triangle => '▲',
            Self::Diamond => '◆',
            Self::Hash => '#',
            Self::Wedge => '▼',
        }
    }

    /// The nearest printable ASCII character, for terminals without those symbols.
    pub fn ascii(self) -> char {
        match self {
            Self::Circle => 'o',
            Self::Cross => 'x',
            Self::Plus => '+',
            Self::Star => '*',
            Self::Square => '@',
            Self::Triangle => '^',
            Self::Diamond => '%',
            Self::Hash => '#',
            Self::Wedge => 'v',
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn seventy_two_classes_look_different_and_the_next_one_starts_again() {
        let look = |class| (colour(class).name, shape(class));
        let looks: HashSet<_> = (0..72).map(look).collect();
        assert_eq!(looks.len(), 72);
        assert_eq!(look(72), look(0));
    }

    #[test]
    fn eight_classes_differ_in_colour_alone_and_in_shape_alone() {
        assert_eq!((0..8).map(|class| colour(class).rgb).collect::<HashSet<_>>().len(), 8);
        assert_eq!((0..8).map(|class| shape(class).ascii()).collect::<HashSet<_>>().len(), 8);
        assert_eq!(SHAPES.map(Shape::glyph).iter().collect::<HashSet<_>>().len(), SHAPES.len());
        assert!(SHAPES.iter().all(|shape| shape.ascii().is_ascii_graphic()));
    }

    #[test]
    fn only_yellow_needs_an_outline_and_only_black_changes_on_dark() {
        let light: Vec<_> = COLOURS.iter().filter(|c| c.is_light()).map(|c| c.name).collect();
        assert_eq!(light, ["yellow"]);
        let changed: Vec<_> = COLOURS.iter().filter(|c| c.rgb != c.on_dark).map(|c| c.name).collect();
        assert_eq!(changed, ["black"]);
    }

    #[test]
    fn letters_run_from_capitals_to_small_ones() {
        assert_eq!([0, 25, 26, 51, 52].map(letter), ['A', 'Z', 'a', 'z', 'A']);
    }
}
