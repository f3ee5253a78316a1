//! The generated lines of the register-blocked kernels: named scalars instead of loops over arrays.

use std::fmt::Write as _;

use crate::objectives::Score;

/// Rows of scores an invocation has.
const ROWS: usize = 8;

/// Puts `lines` in the place of the mark.
fn fill(text: &str, mark: &str, lines: &str) -> String {
    text.replace(&format!("//#{mark}"), lines)
}

/// `tile_blocked.wgsl` for tiles of `8 * columns` candidates.
pub(super) fn tile(score: Score, columns: usize, gradient: bool) -> String {
    let (mut declare, mut multiply, mut store, mut open) =
        (String::new(), String::new(), String::new(), String::new());
    for r in 0..ROWS {
        let _ = writeln!(multiply, "let x{r} = xs[at + {}u + ty];", r * 8);
    }
    for c in 0..columns {
        let _ = writeln!(multiply, "let y{c} = ys[at + {}u + tx];", c * 8);
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
            let _ = writeln!(store, "scores[({}u + ty) * PITCH + {}u + tx] = s{r}{c};", r * 8, c * 8);
        }
    }
    if gradient && score == Score::SquaredDistance {
        let _ = writeln!(open, "let quad = slice * 16u + lane % 8u;");
        for r in 0..ROWS {
            let _ = writeln!(open, "let row{r} = min(own_first + {}u + lane / 8u, owners - 1u);", r * 8);
            for (h, name) in ["n", "f"].iter().enumerate() {
                let _ = writeln!(
                    open,
                    "if quad + {0}u < QUADS {{ {name}{r} = owner_rows[row{r} * QUADS + quad + {0}u]; }}",
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
        let _ = writeln!(multiply, "let g{r} = scores[at + {}u * PITCH];", r * 8);
        if score == Score::SquaredDistance {
            let _ = writeln!(sums, "var<private> n{r}: vec4<f32>;\nvar<private> f{r}: vec4<f32>;");
            let _ =
                writeln!(multiply, "p{r} += 2.0 * g{r} * (n{r} - near); q{r} += 2.0 * g{r} * (f{r} - far);");
        } else {
            let _ = writeln!(multiply, "p{r} += g{r} * near; q{r} += g{r} * far;");
        }
        let _ = writeln!(store, "let row{r} = own_first + {}u + ty;", r * 8);
        for (name, h) in [("p", 0), ("q", 8)] {
            let _ = writeln!(
                store,
                "if row{r} < owners && quad + {h}u < QUADS \
                 {{ partial[(to + row{r}) * stride + quad + {h}u] = {name}{r}; }}"
            );
        }
    }
    let text = include_str!("../../../shaders/deposit_blocked.wgsl");
    let text = fill(text, "sums", &sums);
    fill(&fill(&text, "multiply", &multiply), "store", &store)
}
