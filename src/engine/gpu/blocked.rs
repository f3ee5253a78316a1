//! The generated lines of the kernels that are blocked in registers and go through workgroup memory:
//! named scalars instead of loops over arrays.

use std::fmt::Write as _;

use super::eight::fill;
use crate::objectives::Score;

/// Rows of scores an invocation has.
const ROWS: usize = 8;

/// Quads of workgroup memory that tiles of `8 * columns` candidates need: for the rows of both sides,
/// eight quads of each, and afterwards for the scores.
pub(super) fn tile_quads(columns: u32) -> u32 {
    let candidates = 8 * columns;
    (8 * 65 + 8 * (candidates + 1)).max(64 * (candidates / 4 + 1))
}

/// `tile_blocked.wgsl` for tiles of `8 * columns` candidates.
pub(super) fn tile(score: Score, columns: usize, gradient: bool) -> String {
    let (mut declare, mut multiply, mut store, mut open) =
        (String::new(), String::new(), String::new(), String::new());
    for r in 0..ROWS {
        let _ = writeln!(multiply, "let x{r} = tile[row + {}u];", r * 8);
    }
    for c in 0..columns {
        let _ = writeln!(multiply, "let y{c} = tile[col + {}u];", c * 8);
    }
    for r in 0..ROWS {
        for c in 0..columns {
            let _ = writeln!(declare, "var s{r}{c} = 0.0;");
            let _ = match score {
                Score::SquaredDistance => {
                    writeln!(multiply, "let d{r}{c} = x{r} - y{c}; s{r}{c} += dot(d{r}{c}, d{r}{c});")
                }
                _ => writeln!(multiply, "s{r}{c} += dot(x{r}, y{c});"),
            };
        }
        for h in 0..columns / 4 {
            let four: Vec<String> = (0..4).map(|c| format!("s{r}{}", 4 * h + c)).collect();
            let _ = writeln!(
                store,
                "tile[({}u + ty) * PITCH + {}u + tx] = vec4<f32>({});",
                r * 8,
                h * 8,
                four.join(", ")
            );
        }
    }
    if gradient && score == Score::SquaredDistance {
        let _ = writeln!(open, "let quad = slice * 16u + lane % 8u;");
        for r in 0..ROWS {
            let _ = writeln!(open, "let row{r} = min(own_first + {}u + lane / 8u, owners - 1u);", r * 8);
            for (h, name) in ["n", "f"].iter().enumerate() {
                let _ = writeln!(
                    open,
                    "if quad + {0}u < quads {{ {name}{r} = owner_rows[row{r} * quads + quad + {0}u]; }}",
                    h * 8
                );
            }
        }
    }
    let text = include_str!("../../../shaders/tile_blocked.wgsl");
    let text = fill(text, "declare", &declare);
    let text = fill(&text, "multiply", &multiply);
    fill(&fill(&text, "store", &store), "open", &open)
}

/// `deposit_blocked.wgsl`.
pub(super) fn deposit(score: Score) -> String {
    let (mut sums, mut multiply, mut store) = (String::new(), String::new(), String::new());
    for r in 0..ROWS {
        let _ = writeln!(sums, "var<private> p{r}: vec4<f32>;\nvar<private> q{r}: vec4<f32>;");
        if score == Score::SquaredDistance {
            let _ = writeln!(sums, "var<private> n{r}: vec4<f32>;\nvar<private> f{r}: vec4<f32>;");
        }
        let _ = writeln!(multiply, "let g{r} = tile[at + {}u * PITCH];", r * 8);
        let _ = writeln!(store, "let row{r} = own_first + {}u + ty;", r * 8);
        for (name, h) in [("p", 0), ("q", 8)] {
            let _ = writeln!(
                store,
                "if row{r} < owners && quad + {h}u < quads \
                 {{ partial[(to + row{r}) * stride + quad + {h}u] = {name}{r}; }}"
            );
        }
    }
    for c in 0..4 {
        let _ = writeln!(
            multiply,
            "let near{c} = ys[(4u * c + {c}u) * 16u + tx]; let far{c} = ys[(4u * c + {c}u) * 16u + 8u + tx];"
        );
        for r in 0..ROWS {
            let _ = match score {
                Score::SquaredDistance => writeln!(
                    multiply,
                    "p{r} += 2.0 * g{r}[{c}] * (n{r} - near{c}); q{r} += 2.0 * g{r}[{c}] * (f{r} - far{c});"
                ),
                _ => writeln!(multiply, "p{r} += g{r}[{c}] * near{c}; q{r} += g{r}[{c}] * far{c};"),
            };
        }
    }
    let text = include_str!("../../../shaders/deposit_blocked.wgsl");
    let text = fill(text, "sums", &sums);
    fill(&fill(&text, "multiply", &multiply), "store", &store)
}
