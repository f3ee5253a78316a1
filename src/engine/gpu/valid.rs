//! Whether the shaders composed around an objective are valid WGSL, asked of the compiler's own front end: no
//! adapter is needed. Whether they compute the right numbers is for `verify`.

use wgpu::naga;

use super::compose::{Shape, Stage, Text, TileKind, around};
use crate::objectives::{Objective, Score};

/// The shapes that between them use every piece: thin and blocked tiles, with and without a tail.
const SHAPES: [(u32, TileKind); 3] =
    [(1, TileKind::Thin), (4, TileKind::Thin), (16, TileKind::Blocked { columns: 8 })];

/// Validates every shader made for `objective` and counts them; `None` when it has no WGSL form.
///
/// # Errors
/// The first fault, with the file and line it is in.
pub fn check_shaders(objective: &dyn Objective) -> Option<Result<usize, String>> {
    objective.shader().filter(|pieces| !pieces.is_empty())?;
    let mut stages = vec![
        Stage::Aim,
        Stage::Gradient { swapped: false },
        Stage::Gradient { swapped: true },
        Stage::Arc,
        Stage::Histogram,
        Stage::Tabulate,
    ];
    for sweep in 0..objective.sweeps() as u32 {
        stages.extend([Stage::Statistics { sweep }, Stage::Finish { sweep }]);
    }
    let mut count = 0;
    for (quads, tile) in SHAPES {
        for &stage in &stages {
            let shape = Shape { quads, bias: objective.score() == Score::Raw, tile };
            let text = around(objective, shape, stage)?;
            if let Err(fault) = validate(&text) {
                return Some(Err(fault));
            }
            count += 1;
        }
    }
    Some(Ok(count))
}

fn validate(text: &Text) -> Result<(), String> {
    let place = |location: Option<naga::SourceLocation>| {
        location.map_or_else(|| text.name().to_owned(), |place| text.locate(place.line_number as usize))
    };
    let module = naga::front::wgsl::parse_str(&text.source)
        .map_err(|error| format!("{}: {}", place(error.location(&text.source)), error.message()))?;
    let flags = naga::valid::ValidationFlags::all();
    naga::valid::Validator::new(flags, naga::valid::Capabilities::empty()).validate(&module).map_err(
        |error| {
            let why = std::error::Error::source(error.as_inner()).map(ToString::to_string);
            let why = why.unwrap_or_else(|| error.as_inner().to_string());
            format!("{}: {why}", place(error.location(&text.source)))
        },
    )?;
    Ok(())
}
