//! Whether the shaders composed around an objective are valid WGSL, asked of the compiler's own front end: no
//! adapter is needed. Whether they compute the right numbers is for `verify`.

use wgpu::naga;

use super::compose::{Stage, Text, around};
use super::tile::TileKind;
use crate::objectives::Objective;

/// The tiles that between them use every piece.
const TILES: [TileKind; 3] =
    [TileKind::Thin { held: 4 }, TileKind::Blocked { columns: 8 }, TileKind::Lanes { lanes: 8, columns: 32 }];

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
    for tile in TILES {
        for &stage in &stages {
            let text = around(objective, tile, matches!(tile, TileKind::Lanes { .. }), stage)?;
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
    let mut validator =
        naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::SUBGROUP);
    validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
    validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
    validator.validate(&module).map_err(|error| {
        let why = std::error::Error::source(error.as_inner()).map(ToString::to_string);
        let why = why.unwrap_or_else(|| error.as_inner().to_string());
        format!("{}: {why}", place(error.location(&text.source)))
    })?;
    Ok(())
}
