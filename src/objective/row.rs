//! The inner loops: one anchor against a stretch of candidates, sixteen at a time.
//!
//! Each loop is compiled once for every objective and every instruction set; the objective's own
//! lines are inlined into it. No formula lives here.

use super::{BatchLanes, Family, Knobs, Objective, Pair, Row, RowLanes, Stats};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, LOWEST, Lanes, Mask};

/// One anchor and a stretch of its candidates.
///
/// The slices are padded to whole lanes; only the first `len` entries are pairs.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// The scores; none where couplings take their place ([`Objective::couple`]).
    pub scores: &'a [f32],
    /// How many of them are real.
    pub len: usize,
    /// The candidates' groups: their numbers in the class family, their classes or instances in the
    /// pair family.
    pub groups: &'a [u32],
    /// The candidates' constants.
    pub constants: &'a [f32],
    /// The anchor's group: a candidate of the same group is a positive.
    pub group: u32,
    /// Where in the stretch the anchor itself stands, if it does (pair family).
    pub own: Option<usize>,
    /// The anchor's target logit (class family).
    pub logit: f32,
}

impl Tile<'_> {
    /// How many rows of sixteen pairs there are, the last one perhaps not full.
    #[inline(always)]
    pub(super) fn chunks(&self) -> usize {
        self.len.div_ceil(LANES)
    }

    /// Hands the pairs to `work`, sixteen at a time, with their number.
    #[inline(always)]
    pub(crate) fn each(&self, mut work: impl FnMut(usize, &Pair)) {
        self.each_abreast::<1>(
            #[inline(always)]
            |_, c, pair| work(c, pair),
        );
    }

    /// The same, told whose turn it is of `ABREAST` results, so that one need not wait for the other.
    #[inline(always)]
    fn each_abreast<const ABREAST: usize>(&self, mut work: impl FnMut(usize, usize, &Pair)) {
        let scores = chunked(self.scores, self.chunks());
        self.each_of::<ABREAST>(
            #[inline(always)]
            |turn, c, pair| work(turn, c, &Pair { score: Lanes(scores[c]), ..pair }),
        );
    }

    /// Hands the pairs to `work`, their scores left out. (A closure in several places: where all sixteen pairs
    /// exist the compiler drops what is there for those that do not. What the loop needs is taken out of
    /// the tile first, or it would be read and its bounds checked anew for each sixteen.)
    #[inline(always)]
    fn each_of<const ABREAST: usize>(&self, mut work: impl FnMut(usize, usize, Pair)) {
        let chunks = self.chunks();
        let (groups, constants) = (chunked(self.groups, chunks), chunked(self.constants, chunks));
        let (group, logit, whole) = (self.group, Lanes::splat(self.logit), self.len / LANES);
        let own = self.own.map_or(usize::MAX, |own| own / LANES);
        let mut c = 0;
        while c < chunks {
            let stop = if c <= own && own < whole { own } else { whole };
            while c + ABREAST <= stop {
                for turn in 0..ABREAST {
                    work(turn, c, pair_of(Mask::equal(&groups[c], group), Mask::ALL, logit, &constants[c]));
                    c += 1;
                }
            }
            while c < stop {
                work(0, c, pair_of(Mask::equal(&groups[c], group), Mask::ALL, logit, &constants[c]));
                c += 1;
            }
            if c < chunks {
                let start = c * LANES;
                let inside = Mask::within(start, 0, self.len);
                let real = match self.own {
                    Some(own) => inside & !Mask::within(start, own, own + 1),
                    None => inside,
                };
                work(0, c, pair_of(Mask::equal(&groups[c], group), real, logit, &constants[c]));
                c += 1;
            }
        }
    }
}

/// Sixteen pairs, those that are `real`, without their scores.
#[inline(always)]
fn pair_of(same: Mask, real: Mask, logit: Lanes, constants: &[f32; LANES]) -> Pair {
    let constant = Lanes(*constants);
    Pair { score: Lanes::ZERO, positive: same & real, negative: !same & real, logit, constant }
}

/// The first so many rows of sixteen.
#[inline(always)]
pub(super) fn chunked<T>(slice: &[T], chunks: usize) -> &[[T; LANES]] {
    &slice.as_chunks().0[..chunks]
}

/// The first so many rows of sixteen.
#[inline(always)]
pub(super) fn chunked_mut<T>(slice: &mut [T], chunks: usize) -> &mut [[T; LANES]] {
    &mut slice.as_chunks_mut().0[..chunks]
}

impl RowLanes {
    /// Sixteen anchors, one a lane.
    pub fn of(rows: &[Row; LANES]) -> Self {
        let mut out = Self::default();
        for (l, row) in rows.iter().enumerate() {
            for (lanes, x) in out.max.iter_mut().zip(row.max) {
                lanes.0[l] = x;
            }
            for (lanes, x) in out.value.iter_mut().zip(row.value) {
                lanes.0[l] = x;
            }
        }
        out
    }

    /// The same anchor in every lane.
    #[inline(always)]
    pub(super) fn splat(row: &Row) -> Self {
        let [a, b, c, d] = row.value;
        // What is below normal moves nothing either ([`crate::lanes::FAINTEST`]).
        let felt = |x: f32| Lanes::splat(if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x });
        Self {
            max: [Lanes::splat(row.max[0]), Lanes::splat(row.max[1])],
            value: [felt(a), felt(b), felt(c), felt(d)],
        }
    }
}

/// `lanes` where the pairs exist, `otherwise` elsewhere.
#[inline(always)]
pub(super) fn existing(pair: &Pair, lanes: Lanes, otherwise: f32) -> Lanes {
    pair.exists().select(lanes, Lanes::splat(otherwise))
}

/// The exponents of the pairs there are. (Arrays are taken apart by hand in these files: `map` on
/// them is not inlined into code for wider instructions.)
#[inline(always)]
pub(super) fn exponents<O: Objective + ?Sized>(objective: &O, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
    let [a, b] = objective.exponents(knobs, pair);
    [existing(pair, a, LOWEST), existing(pair, b, LOWEST)]
}

/// e^(x − max) for the exponentials in use, 0 for the others.
#[inline(always)]
pub(super) fn exponentials<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    pair: &Pair,
    max: [Lanes; 2],
    simd: Simd,
) -> [Lanes; 2] {
    let used = objective.exponentials();
    if used == 0 {
        return [Lanes::ZERO; 2];
    }
    let [a, b] = exponents(objective, knobs, pair);
    [(a - max[0]).exp_on(simd), if used > 1 { (b - max[1]).exp_on(simd) } else { Lanes::ZERO }]
}

/// Four sums over sixteen lanes.
#[derive(Clone, Copy)]
pub(super) struct Sums([Lanes; 4]);

impl Sums {
    pub(super) const ZERO: Self = Self([Lanes::ZERO; 4]);

    /// Adds the terms of the pairs there are to the sums that are in use.
    #[inline(always)]
    pub(super) fn add(&mut self, pair: &Pair, terms: [Lanes; 4], used: usize) {
        let [a, b, c, d] = self.0;
        // Written out: a loop would keep the sums in memory.
        self.0 = [
            if used > 0 { a + existing(pair, terms[0], 0.0) } else { a },
            if used > 1 { b + existing(pair, terms[1], 0.0) } else { b },
            if used > 2 { c + existing(pair, terms[2], 0.0) } else { c },
            if used > 3 { d + existing(pair, terms[3], 0.0) } else { d },
        ];
    }

    /// Adds the lanes up into the sums of one anchor.
    #[inline(always)]
    pub(super) fn flush(&self, stats: &mut Stats, used: usize) {
        // Out of the compiler's sight: it would take the lanes apart for the sums below, and do the whole loop
        // before it lane by lane.
        let all = std::hint::black_box(self.0);
        for (sum, lanes) in stats.sum.iter_mut().zip(&all).take(used) {
            let mut wide = [0.0f64; LANES];
            for (wide, &x) in wide.iter_mut().zip(&lanes.0) {
                *wide = f64::from(x);
            }
            let mut width = LANES / 2;
            while width > 0 {
                for l in 0..width {
                    wide[l] += wide[l + width];
                }
                width /= 2;
            }
            *sum += wide[0];
        }
    }

    /// The sums as they stand, a lane an anchor.
    #[inline(always)]
    pub(super) fn lanes(self) -> [Lanes; 4] {
        self.0
    }
}

/// How many searches for the largest exponent go on side by side.
const SEARCHES: usize = 2;

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, usize, &'a Tile<'a>, &'a Row, &'a mut Stats, &'a mut [f32]);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Fold(objective, knobs, sweep, tile, row, stats, keep) = self;
        let used = objective.exponentials();
        let mut before = RowLanes::splat(row);
        if used > 0 && sweep == 0 {
            let mut largest = [[Lanes::splat(LOWEST); SEARCHES]; 2];
            if let Some(ceiling) = objective.ceiling(knobs) {
                largest = ceiling.map(|ceiling| [Lanes::splat(ceiling); SEARCHES]);
            } else {
                tile.each_abreast::<SEARCHES>(
                    #[inline(always)]
                    |turn, _, pair| {
                        let [a, b] = exponents(objective, knobs, pair);
                        largest[0][turn] = largest[0][turn].max(a);
                        if used > 1 {
                            largest[1][turn] = largest[1][turn].max(b);
                        }
                    },
                );
            }
            let [[a, c], [b, d]] = largest;
            stats.raise([a.max(c).maximum(), b.max(d).maximum()], objective.scaled_by());
            before.max = [Lanes::splat(stats.max[0]), Lanes::splat(stats.max[1])];
        }
        let mut sums = Sums::ZERO;
        let keeps = used > 0 && !keep.is_empty();
        let keep = chunked_mut(keep, if keeps { tile.chunks() } else { 0 });
        tile.each(
            #[inline(always)]
            |c, pair| {
                let e = exponentials(objective, knobs, pair, before.max, simd);
                if keeps {
                    keep[c] = e[0].0;
                }
                sums.add(pair, objective.terms(knobs, sweep, pair, e, &before), objective.sums());
            },
        );
        sums.flush(stats, objective.sums());
    }
}

/// [`Objective::fold`].
#[inline(always)]
pub(super) fn fold<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    sweep: usize,
    tile: &Tile<'_>,
    row: &Row,
    stats: &mut Stats,
    keep: &mut [f32],
) {
    vectorised(Fold(objective, knobs, sweep, tile, row, stats, keep));
}

/// Where couplings go: each in the place of its score, and to the sums of the columns.
pub struct Coupled<'a> {
    /// The scores, which become the couplings.
    pub pairs: &'a mut [f32],
    /// What [`Objective::fold`] kept of the exponentials, if it did.
    pub kept: &'a [f32],
    /// What the couplings times this
    pub weight: f32,
    /// are added to, candidate by candidate, if anything. (Padded to whole lanes as the others.)
    pub sums: &'a mut [f32],
}

impl<'a> Coupled<'a> {
    /// Only in the place of the scores.
    pub fn in_place(pairs: &'a mut [f32]) -> Self {
        Self { pairs, kept: &[], weight: 0.0, sums: &mut [] }
    }
}

struct Couple<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Tile<'a>, &'a Row, &'a BatchLanes<'a>, Coupled<'a>);

impl<O: Objective + ?Sized> Vectorised for Couple<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Couple(objective, knobs, tile, row, batch, Coupled { pairs, kept, weight, sums }) = self;
        assert!(objective.family() == Family::Class, "these loops are the class family's");
        let row = RowLanes::splat(row);
        let chunks = tile.chunks();
        let (keeps, adds) = (!kept.is_empty() && objective.exponentials() == 1, !sums.is_empty());
        let kept = chunked(kept, if keeps { chunks } else { 0 });
        let sums = chunked_mut(sums, if adds { chunks } else { 0 });
        let pairs = chunked_mut(pairs, chunks);
        tile.each_of::<1>(
            #[inline(always)]
            |_, c, pair| {
                let pair = &Pair { score: Lanes(pairs[c]), ..pair };
                let e = if keeps {
                    [Lanes(kept[c]), Lanes::ZERO]
                } else {
                    exponentials(objective, knobs, pair, row.max, simd)
                };
                let e = [e[0].felt(), e[1].felt()];
                let coupling = existing(pair, objective.coupling(knobs, pair, e, &row, batch), 0.0);
                pairs[c] = coupling.0;
                if adds {
                    sums[c] = (Lanes(sums[c]) + coupling * weight).0;
                }
            },
        );
    }
}

/// [`Objective::couple`].
#[inline(always)]
pub(super) fn couple<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    row: &Row,
    batch: &BatchLanes<'_>,
    to: Coupled<'_>,
) {
    vectorised(Couple(objective, knobs, tile, row, batch, to));
}
