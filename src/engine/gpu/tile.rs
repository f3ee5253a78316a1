//! The kinds of tiles: how the scores of some rows and some candidates are computed together, and what sizes follow.

use super::lanes;

/// How scores of a tile are computed. The number of dimensions is no part of it: it is data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TileKind {
    /// An invocation a row: few dimensions.
    Thin {
        /// Quads of a row that fit: 1 or 4.
        held: u32,
    },
    /// Eight rows by so many columns an invocation, blocked in registers, through workgroup memory.
    Blocked {
        /// 8, or 4 where workgroup memory is scarce.
        columns: u32,
    },
    /// Eight rows by so many columns a lane, within one subgroup.
    Lanes {
        /// Lanes a subgroup has.
        lanes: u32,
        /// [`lanes::WIDE`], or fewer where there are few candidates.
        columns: u32,
    },
}

impl TileKind {
    /// Candidates a tile has.
    pub(super) fn candidates(self) -> u32 {
        match self {
            Self::Thin { .. } => 64,
            Self::Blocked { columns } => 8 * columns,
            Self::Lanes { columns, .. } => columns,
        }
    }

    /// Invocations a workgroup has.
    pub(super) fn invocations(self) -> u32 {
        match self {
            Self::Thin { .. } | Self::Blocked { .. } => 64,
            Self::Lanes { lanes, .. } => lanes,
        }
    }

    /// Rows an invocation sees to once the scores of a tile are there.
    pub(super) fn own(self) -> u32 {
        match self {
            Self::Thin { .. } | Self::Blocked { .. } => 1,
            Self::Lanes { .. } => lanes::ROWS as u32,
        }
    }

    /// Whether what is done with a tile's scores is written out, score by score, instead of in loops.
    pub(super) fn is_written_out(self) -> bool {
        matches!(self, Self::Lanes { columns: lanes::WIDE.., .. })
    }

    /// Rows a workgroup has.
    pub(super) fn owners(self) -> u32 {
        self.invocations() * self.own()
    }
}
