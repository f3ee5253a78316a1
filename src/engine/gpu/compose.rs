//! The text of every shader: generated constants, the prelude, the objective's pieces, the kernel.
//!
//! # Writing the twin of an objective
//!
//! `shaders/objectives/<name>.wgsl` translates the fast form of `src/objectives/<name>.rs` line by
//! line, for one pair instead of sixteen. It defines, under the Rust names,
//!
//! ```wgsl
//! fn target_logit(at: Target) -> TargetLogit                             // Objective::target
//! fn exponents(pair: Pair) -> vec2<f32>
//! fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32>
//! fn finish_batch(total: Stats, batch: Batch) -> vec4<f32>
//! fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row
//! fn loss(rows: f32, total: Stats, batch: Batch) -> f32
//! fn tabulate(bin: u32, batch: Batch) -> vec2<f32>  // (table, part of the loss) of one bin
//! fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32
//! ```
//!
//! and leaves out those for which the trait's default is meant ([`DEFAULTS`]). Names WGSL reserves
//! differ: `target` is `target_logit`, `Anchor::target` is `goal`, `Batch::active` is
//! `active_anchors`. `knob(i)` and `choice(i)` read the knobs, `table(i)` the tabulated coupling,
//! `count_of(i)` and `place(score)` the histogram; `Mask::select(yes, no)` is `choose(mask, yes, no)`, `Mask::keep` is `keep`, and `exponential`,
//! `logarithm`, `log1p`, `softplus`, `sigmoid`, `power`, `turn` stand in for WGSL's own functions,
//! whose accuracy no standard promises. `Lanes` and `f64` both become `f32`. Pieces that several
//! objectives share come first in [`Objective::shader`]. No buffer, barrier or index appears in a
//! twin. `Objective::constant` is called on the host and needs none.

use std::fmt::Write as _;

use super::tile::TileKind;
use super::{blocked, eight, lanes};
use crate::lanes::LOWEST;
use crate::objectives::{Family, Objective, Score};
use crate::optimizer::{ADAM, SHORTEST};

/// What the default methods of the trait say, in WGSL.
const DEFAULTS: [(&str, &str); 7] = [
    (
        "target_logit",
        "fn target_logit(at: Target) -> TargetLogit { return TargetLogit(at.score, 1.0, 0.0); }\n",
    ),
    ("exponents", "fn exponents(pair: Pair) -> vec2<f32> { return vec2<f32>(LOWEST); }\n"),
    (
        "terms",
        "fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> { return vec4<f32>(0.0); }\n",
    ),
    ("finish_batch", "fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> { return vec4<f32>(0.0); }\n"),
    (
        "finish_row",
        "fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row \
         { return Row(stats.max, 0.0, 0.0, vec4<f32>(0.0)); }\n",
    ),
    ("tabulate", "fn tabulate(bin: u32, batch: Batch) -> vec2<f32> { return vec2<f32>(0.0); }\n"),
    ("loss", "fn loss(rows: f32, total: Stats, batch: Batch) -> f32 { return rows; }\n"),
];

const KNOBS: &str = "fn knob(i: u32) -> f32 { return term.knobs[i / 4u][i % 4u]; }\n\
                     fn choice(i: u32) -> u32 { return u32(knob(i)); }\n";

/// The same where knobs are read for every pair: the kernel has them in registers.
const HELD_KNOBS: &str = "var<private> knobs: array<vec4<f32>, 2>;\n\
                          fn knob(i: u32) -> f32 { return knobs[i / 4u][i % 4u]; }\n\
                          fn choice(i: u32) -> u32 { return u32(knob(i)); }\n";

/// For kernels without these buffers: what asks for them is not called there.
const NO_TABLE: &str = "fn table(i: u32) -> f32 { return 0.0; }\n";
const NO_COUNTS: &str = "fn count_of(i: u32) -> f32 { return 0.0; }\n";

/// One named piece of a composed text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Piece {
    name: String,
    lines: usize,
}

/// A composed shader, and which piece each of its lines is from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) source: String,
    pieces: Vec<Piece>,
}

impl Text {
    fn new() -> Self {
        Self { source: String::new(), pieces: Vec::new() }
    }

    fn push(&mut self, name: &str, piece: &str) {
        self.source.push_str(piece);
        if !piece.ends_with('\n') {
            self.source.push('\n');
        }
        self.pieces.push(Piece { name: name.to_owned(), lines: piece.lines().count() });
    }

    /// The piece and the line in it that line `line` (from 1) of the whole text is.
    pub(super) fn locate(&self, line: usize) -> String {
        let mut left = line;
        for piece in &self.pieces {
            if left <= piece.lines {
                return format!("{}:{left}", piece.name);
            }
            left -= piece.lines;
        }
        format!("line {line}")
    }

    /// Which piece is the kernel: its name labels errors and pipelines.
    pub(super) fn name(&self) -> &str {
        self.pieces.last().map_or("empty", |piece| piece.name.as_str())
    }
}

/// The kernels that contain an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Aim,
    Statistics { sweep: u32 },
    Finish { sweep: u32 },
    Gradient { swapped: bool },
    Arc,
    Histogram,
    Tabulate,
}

/// The constants that Rust and WGSL share, generated and never copied.
fn constants(out: &mut String) {
    let (b1, b2, epsilon) = ADAM;
    let shared: [(&str, f64); 9] = [
        ("LOWEST", f64::from(LOWEST)),
        ("SHORTEST", SHORTEST),
        ("COINCIDENT", f64::from(crate::objectives::COINCIDENT)),
        ("SMALLEST", f64::from(f32::MIN_POSITIVE)),
        ("ADAM_FIRST", b1),
        ("ADAM_FIRST_REST", f64::from(1.0 - b1 as f32)),
        ("ADAM_SECOND", b2),
        ("ADAM_SECOND_REST", f64::from(1.0 - b2 as f32)),
        ("ADAM_EPSILON", epsilon),
    ];
    for (name, value) in shared {
        let _ = writeln!(out, "const {name}: f32 = {:e};", value as f32);
    }
    let [a, b] = crate::random::MULTIPLIERS;
    let [c, d] = crate::random::WEYL;
    let _ = writeln!(out, "const PHILOX_MULTIPLIERS = vec2<u32>({a}u, {b}u);");
    let _ = writeln!(out, "const PHILOX_WEYL = vec2<u32>({c}u, {d}u);");
    let words = [
        ("NOBODY", u32::MAX),
        ("RAW", 0),
        ("COSINE", 1),
        ("SQUARED_DISTANCE", 2),
        ("METHOD_ADAM", super::schedule::METHOD_ADAM),
        ("DRAW_STEP", super::schedule::DRAW_STEP),
        ("DRAW_GIVEN", super::schedule::DRAW_GIVEN),
    ];
    for (name, value) in words {
        let _ = writeln!(out, "const {name}: u32 = {value}u;");
    }
}

fn opening(header: &str) -> Text {
    let mut text = Text::new();
    let mut generated = String::new();
    constants(&mut generated);
    generated.push_str(header);
    text.push("constants", &generated);
    text.push("prelude.wgsl", include_str!("../../../shaders/prelude.wgsl"));
    text
}

/// The kernels without an objective in them.
pub(super) const PLAIN: [(&str, &str); 11] = [
    ("begin.wgsl", include_str!("../../../shaders/begin.wgsl")),
    ("rows.wgsl", include_str!("../../../shaders/rows.wgsl")),
    ("traits.wgsl", include_str!("../../../shaders/traits.wgsl")),
    ("margins.wgsl", include_str!("../../../shaders/margins.wgsl")),
    ("collect.wgsl", include_str!("../../../shaders/collect.wgsl")),
    ("update.wgsl", include_str!("../../../shaders/update.wgsl")),
    ("judge.wgsl", include_str!("../../../shaders/judge.wgsl")),
    ("product.wgsl", include_str!("../../../shaders/product.wgsl")),
    ("totals.wgsl", include_str!("../../../shaders/totals.wgsl")),
    ("tally.wgsl", include_str!("../../../shaders/tally.wgsl")),
    ("gather.wgsl", include_str!("../../../shaders/gather.wgsl")),
];

/// A kernel of [`PLAIN`].
pub(super) fn plain(name: &'static str, subgroups: bool) -> Text {
    let mut text = opening("const SCALED_BY = vec4<u32>(2u);\n");
    if name == "judge.wgsl" {
        push_crew(&mut text, subgroups);
    }
    text.push("random.wgsl", include_str!("../../../shaders/random.wgsl"));
    for (file, kernel) in PLAIN {
        if file == name {
            text.push(file, kernel);
        }
    }
    text
}

/// A kernel around `objective`; `None` when the objective has no WGSL form.
///
/// With `subgroups` the reductions of a workgroup use the adapter's own.
pub(super) fn around(
    objective: &dyn Objective,
    tile: TileKind,
    subgroups: bool,
    stage: Stage,
) -> Option<Text> {
    let pieces = objective.shader()?;
    let has = |name: &str| pieces.iter().any(|piece| piece.contains(&format!("fn {name}(")));
    let scaled: Vec<String> = objective.scaled_by().iter().map(|s| format!("{}u", s.unwrap_or(2))).collect();
    let score = match objective.score() {
        Score::Raw => 0,
        Score::Cosine => 1,
        Score::SquaredDistance => 2,
    };
    let (sweep, swapped) = match stage {
        Stage::Statistics { sweep } | Stage::Finish { sweep } => (sweep, false),
        Stage::Gradient { swapped } => (0, swapped),
        _ => (0, false),
    };
    let mut header = String::new();
    let _ = writeln!(header, "const SCALED_BY = vec4<u32>({});", scaled.join(", "));
    let _ = writeln!(header, "const SCORE: u32 = {score}u;");
    let _ = writeln!(header, "const PAIRS: bool = {};", objective.family() == Family::Pair);
    let _ = writeln!(header, "const EXPONENTIALS: u32 = {}u;", objective.exponentials());
    let _ = writeln!(header, "const SWEEP: u32 = {sweep}u;");
    let _ = writeln!(header, "const LAST_SWEEP: bool = {};", sweep as usize + 1 == objective.sweeps());
    let _ = writeln!(header, "const WANTS_TOTAL: bool = {};", has("finish_batch") || has("loss"));
    let _ = writeln!(header, "const SWAPPED: bool = {swapped};");
    let rows_kept =
        matches!(stage, Stage::Gradient { swapped } if swapped || objective.family() == Family::Pair);
    let words = [
        ("TILE", tile.candidates()),
        ("LANES", tile.invocations()),
        ("OWN", tile.own()),
        ("OWNERS", tile.owners()),
        ("ROWS_KEPT", if rows_kept { tile.candidates() } else { 1 }),
        ("HELD", if let TileKind::Thin { held } = tile { held } else { 0 }),
        (
            "TILE_QUADS",
            if let TileKind::Blocked { columns } = tile { blocked::tile_quads(columns) } else { 0 },
        ),
    ];
    for (name, value) in words {
        let _ = writeln!(header, "const {name}: u32 = {value}u;");
    }
    let mut text = opening(&header);
    let name = objective.name().replace('-', "_");
    let last = pieces.len() - 1;
    for (i, piece) in pieces.iter().enumerate() {
        let title =
            if i == last { format!("objectives/{name}.wgsl") } else { format!("shared piece {i} of {name}") };
        text.push(&title, piece);
    }
    for (function, default) in DEFAULTS {
        if !has(function) {
            text.push("defaults", default);
        }
    }
    let tiled = matches!(stage, Stage::Gradient { .. } | Stage::Statistics { .. } | Stage::Histogram);
    let held = tiled && stage != Stage::Histogram;
    text.push("knobs", if held { HELD_KNOBS } else { KNOBS });
    text.push("bins.wgsl", include_str!("../../../shaders/bins.wgsl"));
    if !matches!(stage, Stage::Gradient { .. }) {
        text.push("no table", NO_TABLE);
    }
    if stage != Stage::Tabulate {
        text.push("no counts", NO_COUNTS);
    }
    if tiled {
        push_tile(&mut text, tile, objective.score(), matches!(stage, Stage::Gradient { .. }));
    }
    if matches!(stage, Stage::Finish { .. } | Stage::Tabulate) {
        push_crew(&mut text, subgroups);
    }
    let (file, kernel) = match stage {
        Stage::Aim => ("aim.wgsl", include_str!("../../../shaders/aim.wgsl").to_owned()),
        Stage::Statistics { .. } => ("statistics.wgsl", eight::statistics(tile)),
        Stage::Finish { .. } => ("finish.wgsl", include_str!("../../../shaders/finish.wgsl").to_owned()),
        Stage::Gradient { .. } => ("gradient.wgsl", eight::gradient(tile)),
        Stage::Arc => ("arc.wgsl", include_str!("../../../shaders/arc.wgsl").to_owned()),
        Stage::Histogram => ("histogram.wgsl", include_str!("../../../shaders/histogram.wgsl").to_owned()),
        Stage::Tabulate => ("tabulate.wgsl", include_str!("../../../shaders/tabulate.wgsl").to_owned()),
    };
    let kernel = match tile {
        // A lane's number is that in its subgroup, whatever invocation it is.
        TileKind::Lanes { .. } if tiled => {
            kernel.replace("@builtin(local_invocation_index) lane", "@builtin(subgroup_invocation_id) lane")
        }
        _ => kernel,
    };
    text.push(&format!("{file} with {name}"), &kernel);
    Some(text)
}

/// The piece that puts the parts of a workgroup's invocations together.
fn push_crew(text: &mut Text, subgroups: bool) {
    if subgroups {
        text.push("crew_subgroup.wgsl", include_str!("../../../shaders/crew_subgroup.wgsl"));
    } else {
        text.push("crew_tree.wgsl", include_str!("../../../shaders/crew_tree.wgsl"));
    }
}

/// The pieces that compute the scores of a tile and, for a gradient, take its couplings.
fn push_tile(text: &mut Text, tile: TileKind, score: Score, gradient: bool) {
    let shared = include_str!("../../../shaders/columns_shared.wgsl");
    match tile {
        TileKind::Thin { .. } => {
            text.push("columns_shared.wgsl", shared);
            text.push("tile_thin.wgsl", include_str!("../../../shaders/tile_thin.wgsl"));
            if gradient {
                text.push("deposit_thin.wgsl", include_str!("../../../shaders/deposit_thin.wgsl"));
            }
        }
        TileKind::Blocked { columns } => {
            text.push("columns_shared.wgsl", shared);
            text.push("tile_blocked.wgsl", &blocked::tile(score, columns as usize, gradient));
            if gradient {
                text.push("deposit_blocked.wgsl", &blocked::deposit(score));
            }
        }
        TileKind::Lanes { lanes, columns } => {
            let written_out = tile.is_written_out();
            let (lanes, columns) = (lanes as usize, columns as usize);
            text.push("columns_lanes.wgsl", &lanes::columns(lanes, columns));
            text.push("tile_lanes.wgsl", &lanes::tile(score, lanes, columns, written_out));
            if gradient {
                text.push("deposit_lanes.wgsl", &lanes::deposit(score, lanes, columns));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::OBJECTIVES;

    fn validate(what: &str, text: &Text) {
        let module = naga::front::wgsl::parse_str(&text.source).unwrap_or_else(|error| {
            let line = error.location(&text.source).map_or(0, |l| l.line_number as usize);
            panic!("{what}, {}: {error}", text.locate(line))
        });
        let mut validator = naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::SUBGROUP,
        );
        validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
        validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
        if let Err(error) = validator.validate(&module) {
            panic!("{what}: {}", error.emit_to_string(&text.source));
        }
    }

    #[test]
    fn every_composed_shader_is_valid() {
        for (name, _) in PLAIN {
            for subgroups in [false, true] {
                validate(name, &plain(name, subgroups));
            }
        }
        let tiles = [
            TileKind::Thin { held: 1 },
            TileKind::Thin { held: 4 },
            TileKind::Blocked { columns: 8 },
            TileKind::Blocked { columns: 4 },
            TileKind::Lanes { lanes: 4, columns: 16 },
            TileKind::Lanes { lanes: 8, columns: 16 },
            TileKind::Lanes { lanes: 8, columns: 32 },
            TileKind::Lanes { lanes: 32, columns: 32 },
        ];
        let stages = [
            Stage::Aim,
            Stage::Statistics { sweep: 0 },
            Stage::Statistics { sweep: 1 },
            Stage::Finish { sweep: 0 },
            Stage::Finish { sweep: 1 },
            Stage::Gradient { swapped: false },
            Stage::Gradient { swapped: true },
            Stage::Arc,
            Stage::Histogram,
            Stage::Tabulate,
        ];
        for objective in OBJECTIVES {
            for tile in tiles {
                for stage in stages {
                    let subgroups = matches!(tile, TileKind::Lanes { .. });
                    let text = around(*objective, tile, subgroups, stage);
                    let text = text.unwrap_or_else(|| panic!("{} has no WGSL form", objective.name()));
                    validate(&format!("{} {stage:?} {tile:?}", objective.name()), &text);
                }
            }
        }
    }

    #[test]
    fn shaders_and_registry_have_the_same_names() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/objectives");
        let mut stems: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        stems.sort();
        let mut names: Vec<String> = OBJECTIVES.iter().map(|o| o.name().replace('-', "_")).collect();
        names.sort();
        assert_eq!(stems, names);
    }

    #[test]
    fn a_line_of_the_whole_is_found_in_its_piece() {
        let text =
            around(OBJECTIVES[0], TileKind::Thin { held: 1 }, false, Stage::Finish { sweep: 0 }).unwrap();
        let line = text.source.lines().position(|l| l.starts_with("fn keep(")).unwrap() + 1;
        let prelude = include_str!("../../../shaders/prelude.wgsl");
        let own = prelude.lines().position(|l| l.starts_with("fn keep(")).unwrap() + 1;
        assert_eq!(text.locate(line), format!("prelude.wgsl:{own}"));
    }
}
