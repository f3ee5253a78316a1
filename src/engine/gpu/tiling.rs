//! How the scores are cut into workgroups, so that the device is busy and no loop grows too long, and
//! how long the loops of every kernel are.

use super::device::{Device, Tiles};
use super::lanes;
use super::plan::{ARC_CHUNK, RANK_CHUNK};
use super::tile::TileKind;
use crate::engine::EngineError;

/// Loop iterations an invocation may make, summed over all its loops. Software Vulkan silently
/// leaves its loops after about 65,535; half of that is kept free.
pub const MOST_TRIPS: u32 = 32_768;

/// Workgroups that keep a device busy.
const ENOUGH_GROUPS: u32 = 256;

/// Candidates a split has at most, so that f32 sums stay short.
const LONGEST_SPLIT: u32 = 4096;

/// Quads up to which an invocation keeps whole rows.
const THIN_QUADS: u32 = 4;

/// Candidates, and scores in all, from which on a lane's tiles are wide: with fewer loads a score, and scores that
/// stay in registers, sweeps are a third faster; but such kernels take two to three times as long to compile.
const MANY_CANDIDATES: u32 = 512;
const MANY_SCORES: u64 = 1 << 20;

/// Quads a slice of the blocked gradient has.
const SLICE: u32 = 16;

/// A partition of the scores between owners and their candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    pub(super) kind: TileKind,
    pub(super) splits: u32,
    pub(super) slices: u32,
    /// Rows a workgroup has.
    pub(super) owners: u32,
    /// Iterations the longest invocation makes.
    pub(super) trips: u32,
}

impl Tiling {
    /// For kernels that go through no scores.
    pub(super) const NONE: Self =
        Self { kind: TileKind::Thin { held: 1 }, splits: 0, slices: 0, owners: 64, trips: 0 };
}

/// The kind of tile on this device for so many owners against so many candidates, in rows of so many quads; with
/// `counting` for the histogram, which goes through its scores in loops.
fn kind(device: &Device, quads: u32, owners: u32, candidates: u32, counting: bool) -> TileKind {
    let few = candidates < MANY_CANDIDATES || u64::from(owners) * u64::from(candidates) < MANY_SCORES;
    let narrow = counting || few;
    let columns = if narrow { lanes::NARROW } else { lanes::WIDE };
    let room = device.limits.max_compute_workgroup_storage_size;
    match (device.tiles, device.lanes) {
        (Tiles::Subgroup, Some(lanes)) => TileKind::Lanes { lanes, columns },
        (Tiles::Best, Some(lanes)) if device.software => TileKind::Lanes { lanes, columns },
        (tiles, _) if quads <= THIN_QUADS && tiles != Tiles::Narrow => {
            TileKind::Thin { held: if quads == 1 { 1 } else { THIN_QUADS } }
        }
        (tiles, _) if tiles != Tiles::Narrow && room >= 24 * 1024 => TileKind::Blocked { columns: 8 },
        _ => TileKind::Blocked { columns: 4 },
    }
}

/// Iterations one tile costs an invocation, counted as if nothing were unrolled; a loop costs one
/// more than its trips.
fn trips(kind: TileKind, quads: u32) -> u32 {
    let tile = kind.candidates();
    match kind {
        // Eight scores at a time, each a loop over the quads, and another for its part of the sum.
        TileKind::Thin { held } => 2 * (held + 1) + tile / 8 * (16 * (held + 1) + 1) + 8,
        // The chunks of depth, each loaded and multiplied; the scores; the chunks of the product.
        TileKind::Blocked { .. } => quads.div_ceil(8) * (28 + tile / 8) + 7 * (tile / 8) + 16,
        // The depth twice; the scores of each row.
        TileKind::Lanes { .. } => 2 * (quads + 1) + kind.own() * (tile / 8 + 2) + 8,
    }
}

/// Iterations one tile costs an invocation of the histogram: every score by itself.
fn counting_trips(kind: TileKind, quads: u32) -> u32 {
    trips(kind, quads) + kind.own() * (kind.candidates() * 2 + 2)
}

/// Cuts `owners` against `candidates` for this device; with `counting` for the histogram.
///
/// # Errors
/// If even single tiles are too long: rows of very many dimensions.
pub(super) fn cut(
    device: &Device,
    quads: u32,
    owners: u32,
    candidates: u32,
    counting: bool,
) -> Result<Tiling, EngineError> {
    cut_in(kind(device, quads, owners, candidates, counting), quads, owners, candidates, counting)
}

/// Cuts `owners` against `candidates` in tiles of this kind.
fn cut_in(
    kind: TileKind,
    quads: u32,
    owners: u32,
    candidates: u32,
    counting: bool,
) -> Result<Tiling, EngineError> {
    let tile = kind.candidates();
    let tiles = candidates.div_ceil(tile).max(1);
    let per_tile = if counting { counting_trips(kind, quads) } else { trips(kind, quads) };
    // Around the tiles: the rows that stay, and where their sums begin.
    let around = quads + 4 * (kind.own() + 1) + 8;
    let most = (MOST_TRIPS.saturating_sub(around + 1) / (per_tile + 1)).min(LONGEST_SPLIT / tile);
    if most == 0 {
        return Err(too_long(quads));
    }
    let blocks = owners.div_ceil(kind.owners()).max(1);
    let wanted = (ENOUGH_GROUPS / blocks).clamp(1, tiles.div_ceil(4));
    let splits = tiles.div_ceil(most).max(wanted);
    let slices = match kind {
        TileKind::Thin { .. } | TileKind::Lanes { .. } => 1,
        TileKind::Blocked { .. } => quads.div_ceil(SLICE),
    };
    let trips = tiles.div_ceil(splits) * (per_tile + 1) + around;
    Ok(Tiling { kind, splits, slices, owners: kind.owners(), trips })
}

fn too_long(quads: u32) -> EngineError {
    EngineError::Unsupported(format!(
        "rows of {} dimensions are too long for the GPU engine: use --engine cpu",
        quads * 4
    ))
}

/// The sizes that loops run over.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) rows: u32,
    pub(super) classes: u32,
    pub(super) quads: u32,
    pub(super) splits: u32,
    pub(super) bins: u32,
    pub(super) terms: u32,
    /// Iterations of a kernel that goes through tiles.
    pub(super) tiled: u32,
}

/// Iterations the longest invocation of a kernel makes, by the name of its entry point.
fn trips_of(entry: &str, of: &Extent) -> Option<u32> {
    let depth = of.quads + 1;
    // A crew of 256 takes the rows in turn, then its parts are put together.
    let crew = |rows: u32| rows.div_ceil(256) + 1 + 2 * 257;
    Some(match entry {
        "begin" | "refresh" | "scatter" | "assign" | "clear" | "finish" => 0,
        // The ten rounds of Philox.
        "draw" => 11,
        "prepare" => 3 * depth,
        "back" | "aim" => 2 * depth,
        "update" => 6 * depth,
        "commit" | "arc_anchors" | "gather" => depth,
        "rank" => RANK_CHUNK + 1,
        "statistics" | "gradient" | "count" => of.tiled,
        // Here the rows are the inner size: sixteen of them a tile, loaded and multiplied; then 4×4 results.
        "product" => of.rows.div_ceil(16) * 15 + 1 + 21,
        "totals" => of.rows.div_ceil(64) + 1 + 7,
        "gather_norms" => 2 * (of.rows.div_ceil(256) + 1) + 9,
        "merge" | "collect" => of.splits + 1,
        "collect_bias" => 6 * (of.splits + 1),
        "total" | "sum" => crew(of.rows),
        "add_up" => crew(of.bins),
        "fill" => of.bins + 2 * (of.bins / 64 + 2),
        "judge" => crew(of.rows) + 2 * crew(of.classes) + of.terms + 1,
        "arc_classes" => (of.quads.div_ceil(64) + 1) * (ARC_CHUNK.min(of.rows) + 2),
        _ => return None,
    })
}

/// Refuses a dispatch whose loops software Vulkan would cut.
///
/// # Errors
/// [`EngineError::Unsupported`] from [`MOST_TRIPS`] iterations on.
pub(super) fn allowed(entry: &str, of: &Extent) -> Result<(), EngineError> {
    match trips_of(entry, of) {
        Some(trips) if trips < MOST_TRIPS => Ok(()),
        Some(trips) => Err(EngineError::Unsupported(format!(
            "{entry} would make {trips} iterations and a GPU kernel may make {MOST_TRIPS}: use --engine cpu"
        ))),
        None => Err(EngineError::Device(format!("nobody has said how long the loops of {entry} are"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [TileKind; 6] = [
        TileKind::Thin { held: 1 },
        TileKind::Thin { held: 4 },
        TileKind::Blocked { columns: 8 },
        TileKind::Blocked { columns: 4 },
        TileKind::Lanes { lanes: 8, columns: 16 },
        TileKind::Lanes { lanes: 8, columns: 32 },
    ];

    #[test]
    fn every_cut_covers_all_tiles_below_the_loop_limit() {
        for kind in KINDS {
            for quads in [1, 4, 16, 17, 128, 512, 4096] {
                for candidates in [1, 63, 64, 65, 4097, 32_768, 1_000_000] {
                    for counting in [false, true] {
                        let cut = cut_in(kind, quads, 50_000, candidates, counting).unwrap();
                        assert!(cut.trips < MOST_TRIPS, "{kind:?} {quads} {candidates}: {cut:?}");
                        let tiles = candidates.div_ceil(kind.candidates());
                        assert!(
                            u64::from(cut.splits) * u64::from(tiles.div_ceil(cut.splits)) >= u64::from(tiles)
                        );
                    }
                }
            }
        }
        let thin = cut_in(TileKind::Thin { held: 1 }, 1, 10, 4, false).unwrap();
        assert_eq!((thin.splits, thin.slices, thin.owners), (1, 1, 64));
        let lanes = cut_in(TileKind::Lanes { lanes: 4, columns: 16 }, 1, 10, 4, false).unwrap();
        assert_eq!(lanes.owners, 32);
    }

    #[test]
    fn long_loops_are_refused_and_unknown_kernels_too() {
        let small = Extent { rows: 4096, quads: 16, splits: 4, ..Extent::default() };
        assert!(allowed("update", &small).is_ok());
        let long = Extent { quads: 6000, ..small };
        assert!(matches!(allowed("update", &long), Err(EngineError::Unsupported(_))));
        assert!(matches!(allowed("stroll", &small), Err(EngineError::Device(_))));
    }

    #[test]
    fn every_entry_point_has_a_bound() {
        let of = Extent { rows: 4096, classes: 10, quads: 16, splits: 4, bins: 4096, terms: 2, tiled: 9 };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders");
        let mut entries = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let mut marked = false;
            for line in text.lines() {
                if marked && let Some(rest) = line.strip_prefix("fn ") {
                    let name = rest.split('(').next().unwrap();
                    assert!(trips_of(name, &of).is_some(), "{name} of {path:?}");
                    assert!(allowed(name, &of).is_ok(), "{name}");
                    entries += 1;
                }
                marked = line.starts_with("@compute");
            }
        }
        assert!(entries > 20, "{entries}");
    }
}
