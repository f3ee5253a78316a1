//! The generated lines of the kernels that stay within a subgroup, for any number of lanes.

use std::fmt::Write as _;

use super::eight::fill;
use crate::objectives::Score;

/// Rows a lane has.
pub(super) const ROWS: usize = 8;
/// Columns of a tile where there are many candidates.
pub(super) const WIDE: u32 = 32;
/// Columns of a tile where there are few.
pub(super) const NARROW: u32 = 16;

/// Loads of the rows at the other end, quad `k` of each, and the hand-over from lane to lane.
fn columns_of_a_quad(lanes: usize, columns: usize) -> String {
    let mut lines = String::new();
    for z in 0..columns.div_ceil(lanes) {
        let _ =
            writeln!(lines, "let z{z} = other_rows[min(first + {}u + lane, last) * quads + k];", z * lanes);
    }
    for c in 0..columns {
        let _ = writeln!(lines, "let y{c} = subgroupShuffle(z{}, {}u);", c / lanes, c % lanes);
    }
    lines
}

/// `tile_lanes.wgsl` for tiles of so many columns; `written_out` where all that is done with scores is
/// ([`TileKind::is_written_out`](super::tile::TileKind::is_written_out)).
pub(super) fn tile(score: Score, lanes: usize, columns: usize, written_out: bool) -> String {
    let (mut declare, mut store) = (String::new(), String::new());
    let mut multiply = columns_of_a_quad(lanes, columns);
    for r in 0..ROWS {
        let _ = writeln!(declare, "let o{r} = min(row_of(own_block, lane, {r}u), own_rows - 1u) * quads;");
        let _ = writeln!(multiply, "let x{r} = owner_rows[o{r} + k];");
        for c in 0..columns {
            let _ = writeln!(declare, "var s{r}_{c} = 0.0;");
            let _ = match score {
                Score::SquaredDistance => {
                    writeln!(multiply, "let d{r}_{c} = x{r} - y{c}; s{r}_{c} += dot(d{r}_{c}, d{r}_{c});")
                }
                _ => writeln!(multiply, "s{r}_{c} += dot(x{r}, y{c});"),
            };
        }
        for q in 0..columns / 4 {
            let four: Vec<String> = (0..4).map(|c| format!("s{r}_{}", 4 * q + c)).collect();
            let _ = writeln!(store, "tile[cell(lane, {r}u, {q}u)] = vec4<f32>({});", four.join(", "));
        }
    }
    // Where every place is a number written out, an array of an invocation's own is so many registers; in a loop
    // it would be looked through element by element.
    let (array, place) = if written_out {
        ("var<private> tile: array<vec4<f32>, OWN * (TILE / 4u)>;", "r * (TILE / 4u) + k")
    } else {
        (
            "var<workgroup> tile: array<vec4<f32>, LANES * OWN * (TILE / 4u)>;",
            "(r * (TILE / 4u) + k) * LANES + lane",
        )
    };
    let place = format!("{array}\n\nfn cell(lane: u32, r: u32, k: u32) -> u32 {{\n    return {place};\n}}");
    let text = fill(include_str!("../../../shaders/tile_lanes.wgsl"), "tile", &place);
    let text = &text;
    fill(&fill(&fill(text, "declare", &declare), "multiply", &multiply), "store", &store)
}

/// `columns_lanes.wgsl` for tiles of so many columns.
pub(super) fn columns(lanes: usize, columns: usize) -> String {
    let (mut registers, mut note) = (String::new(), String::new());
    let parts = [("group", "u32"), ("about", "vec2<f32>"), ("row", "Row")];
    let registers_of = columns.div_ceil(lanes);
    for z in 0..registers_of {
        let _ = writeln!(note, "let column{z} = column(min(first + {}u + lane, last));", z * lanes);
        for (part, kind) in parts {
            let _ = writeln!(registers, "var<private> {part}{z}: {kind};");
            let _ = writeln!(note, "{part}{z} = column{z}.{part};");
        }
    }
    // The value that lane `at` keeps for columns of the `c / LANES`-th register.
    let picked = |of: &dyn Fn(usize) -> String| {
        let mut picked = of(registers_of - 1);
        for z in (0..registers_of - 1).rev() {
            picked = format!("select({picked}, {}, c < {}u)", of(z), (z + 1) * lanes);
        }
        format!("subgroupShuffle({picked}, at)")
    };
    let row = format!(
        "return Row({}, {}, {}, {});",
        picked(&|z| format!("row{z}.max")),
        picked(&|z| format!("row{z}.arc")),
        picked(&|z| format!("row{z}.loss")),
        picked(&|z| format!("row{z}.value"))
    );
    let text = include_str!("../../../shaders/columns_lanes.wgsl");
    let text = fill(text, "registers", &registers);
    let text = fill(&text, "note", &note);
    let text = fill(&text, "group", &format!("return {};", picked(&|z| format!("group{z}"))));
    let text = fill(&text, "about", &format!("return {};", picked(&|z| format!("about{z}"))));
    fill(&text, "row", &row)
}

/// `deposit_lanes.wgsl` for tiles of so many columns.
pub(super) fn deposit(score: Score, lanes: usize, columns: usize) -> String {
    let (mut rows, mut clear, mut take) = (String::new(), String::new(), String::new());
    let mut multiply = columns_of_a_quad(lanes, columns);
    for r in 0..ROWS {
        let _ = writeln!(rows, "let row{r} = row_of(block, lane, {r}u); let live{r} = row{r} < owners;");
        let _ = writeln!(rows, "let at{r} = (to + row{r}) * stride;");
        let _ = writeln!(clear, "if live{r} {{ partial[at{r} + k] = vec4<f32>(0.0); }}");
        let mut sum = String::new();
        for q in 0..columns / 4 {
            let _ = writeln!(take, "let g{r}_{q} = tile[cell(lane, {r}u, {q}u)];");
        }
        if score == Score::SquaredDistance {
            let _ = writeln!(multiply, "let x{r} = owner_rows[min(row{r}, owners - 1u) * quads + k];");
        }
        for c in 0..columns {
            let g = format!("g{r}_{}[{}]", c / 4, c % 4);
            let plus = if c > 0 { " + " } else { "" };
            let _ = match score {
                Score::SquaredDistance => write!(sum, "{plus}{g} * (x{r} - y{c})"),
                _ => write!(sum, "{plus}{g} * y{c}"),
            };
        }
        let twice = if score == Score::SquaredDistance { "2.0 * " } else { "" };
        let _ = writeln!(multiply, "if live{r} {{ partial[at{r} + k] += {twice}({sum}); }}");
    }
    let text = include_str!("../../../shaders/deposit_lanes.wgsl");
    let text = fill(&fill(text, "rows", &rows), "clear", &clear);
    fill(&fill(&text, "take", &take), "multiply", &multiply)
}
