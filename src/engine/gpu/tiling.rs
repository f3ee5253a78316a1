//! How the scores are cut into workgroups, so that the device is busy and no loop grows too long.

use super::compose::TileKind;
use super::device::Device;
use crate::engine::EngineError;

/// Loop iterations an invocation may make, summed over all its loops. Software Vulkan silently
/// leaves its loops after about 65,535; half of that is kept free.
pub(super) const MOST_TRIPS: u32 = 32_768;

/// Workgroups that keep a device busy.
const ENOUGH_GROUPS: u32 = 256;

/// Candidates a split has at most, so that f32 sums stay short.
const LONGEST_SPLIT: u32 = 4096;

/// Quads up to which an invocation keeps whole rows.
const THIN_QUADS: u32 = 4;

/// Quads a slice of the blocked gradient has.
const SLICE: u32 = 16;

/// A partition of the scores between owners and their candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    pub(super) splits: u32,
    pub(super) slices: u32,
}

/// The kind of tile for rows of so many quads on this device.
pub(super) fn kind(device: &Device, quads: u32) -> TileKind {
    match device.limits.max_compute_workgroup_storage_size {
        _ if quads <= THIN_QUADS => TileKind::Thin,
        room if room >= 24 * 1024 => TileKind::Blocked { columns: 8 },
        _ => TileKind::Blocked { columns: 4 },
    }
}

/// Iterations one tile costs an invocation, counted as if nothing were unrolled.
fn trips(kind: TileKind, quads: u32) -> u32 {
    let tile = kind.candidates();
    match kind {
        // Two passes over the tile, each with a loop over the quads of the score and one of the sum.
        TileKind::Thin => 2 * tile * (2 * quads + 3) + 4 * (quads + 1),
        // Two passes; the chunks of depth; the chunks of the product.
        TileKind::Blocked { .. } => 4 * tile + quads.div_ceil(2) * 8 + tile.div_ceil(8) * 16 + 16,
    }
}

/// Cuts `owners` against `candidates`.
///
/// # Errors
/// If even single tiles are too long: rows of very many dimensions.
pub(super) fn cut(kind: TileKind, quads: u32, owners: u32, candidates: u32) -> Result<Tiling, EngineError> {
    let tile = kind.candidates();
    let tiles = candidates.div_ceil(tile).max(1);
    let per_tile = trips(kind, quads);
    let most = ((MOST_TRIPS - 64) / per_tile).min(LONGEST_SPLIT / tile);
    if most == 0 {
        return Err(EngineError::Unsupported(format!(
            "rows of {} dimensions are too long for the GPU engine: use --engine cpu",
            quads * 4
        )));
    }
    let blocks = owners.div_ceil(64).max(1);
    let wanted = (ENOUGH_GROUPS / blocks).clamp(1, tiles.div_ceil(4));
    let splits = tiles.div_ceil(most).max(wanted);
    let longest = tiles.div_ceil(splits) * per_tile;
    assert!(longest < MOST_TRIPS, "an invocation stays below the loop limit: {longest}");
    let slices = match kind {
        TileKind::Thin => 1,
        TileKind::Blocked { .. } => quads.div_ceil(SLICE),
    };
    Ok(Tiling { splits, slices })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_covers_all_tiles_below_the_loop_limit() {
        for kind in [TileKind::Thin, TileKind::Blocked { columns: 8 }, TileKind::Blocked { columns: 4 }] {
            for quads in [1, 4, 16, 17, 128, 512] {
                for candidates in [1, 63, 64, 65, 4097, 32_768, 1_000_000] {
                    let Ok(cut) = cut(kind, quads, 50_000, candidates) else {
                        assert!(kind == TileKind::Thin && quads > 64, "{kind:?} {quads}");
                        continue;
                    };
                    let tiles = candidates.div_ceil(kind.candidates());
                    assert!(tiles.div_ceil(cut.splits) * trips(kind, quads) < MOST_TRIPS);
                }
            }
        }
        assert_eq!(cut(TileKind::Thin, 1, 10, 4).unwrap(), Tiling { splits: 1, slices: 1 });
    }
}
