//! Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011).
//!
//! A draw is a function of (seed, step, row, stream, column), so step n does not depend on how one
//! got there, and Rust and WGSL draw the same integers. The WGSL twin is `shaders/random.wgsl`.

/// What a draw is for; keeps independent uses apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Start values of features.
    Features = 0,
    /// Start values of class weights.
    Weights = 1,
    /// Centres of instances, when an instance has several rows.
    Centres = 2,
    /// Label noise.
    LabelNoise = 3,
    /// The order of rows within an epoch.
    Shuffle = 4,
    /// Hold-out splits.
    Holdout = 5,
    /// Matrices of a model.
    Layers = 6,
    /// Random projections and rotations.
    Projection = 7,
    /// Random margins of term 0; term k uses this number plus k.
    Margins = 16,
}

pub(crate) const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
pub(crate) const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Philox4x32 with ten rounds: four words from a counter and a key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let mut c = counter;
    let mut k = key;
    for _ in 0..10 {
        let a = u64::from(MULTIPLIERS[0]) * u64::from(c[0]);
        let b = u64::from(MULTIPLIERS[1]) * u64::from(c[2]);
        c = [(b >> 32) as u32 ^ c[1] ^ k[0], b as u32, (a >> 32) as u32 ^ c[3] ^ k[1], a as u32];
        k = [k[0].wrapping_add(WEYL[0]), k[1].wrapping_add(WEYL[1])];
    }
    c
}

/// Four words of a stream: of `row` at `step`, columns `4*quad` to `4*quad + 3`.
pub fn words(seed: u64, step: u64, row: u32, stream: u32, quad: u32) -> [u32; 4] {
    philox([step as u32, row, stream, quad], [seed as u32, (seed >> 32) as u32])
}

/// A uniform number in (0, 1\] from a word.
pub fn unit(word: u32) -> f64 {
    (f64::from(word) + 1.0) / 4_294_967_296.0
}

/// A standard normal number by Box–Muller: lanes 0, 1 and 2, 3 of a quad are the pairs.
pub fn normal(seed: u64, step: u64, row: u32, stream: u32, column: u32) -> f64 {
    let w = words(seed, step, row, stream, column / 4);
    let pair = (column as usize % 4) / 2 * 2;
    let radius = (-2.0 * unit(w[pair]).ln()).sqrt();
    let angle = std::f64::consts::TAU * unit(w[pair + 1]);
    radius * if column.is_multiple_of(2) { angle.cos() } else { angle.sin() }
}

/// The stream of one row as a generator, for `rand_distr`.
#[derive(Clone, Debug)]
pub struct RowRng {
    seed: u64,
    step: u64,
    row: u32,
    stream: u32,
    quad: u32,
    words: [u32; 4],
    used: usize,
}

impl RowRng {
    /// The generator of `row` in `stream` at `step`.
    pub fn new(seed: u64, step: u64, row: u32, stream: Stream) -> Self {
        Self { seed, step, row, stream: stream as u32, quad: 0, words: [0; 4], used: 4 }
    }
}

impl rand::rand_core::TryRng for RowRng {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        if self.used == 4 {
            self.words = words(self.seed, self.step, self.row, self.stream, self.quad);
            self.quad = self.quad.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        Ok(self.words[self.used - 1])
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let low = u64::from(self.try_next_u32()?);
        Ok(low | u64::from(self.try_next_u32()?) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers published with Random123 (kat_vectors, philox4x32 10).
    #[test]
    fn philox_gives_the_published_words() {
        let zeros = philox([0; 4], [0; 2]);
        assert_eq!(zeros, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let ones = philox([u32::MAX; 4], [u32::MAX; 2]);
        assert_eq!(ones, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!(pi, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn normals_have_the_right_mean_and_spread() {
        let n = 40_000u32;
        let (mut sum, mut squares) = (0.0, 0.0);
        for row in 0..n {
            let x = normal(7, 3, row, Stream::Features as u32, row % 4);
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(n)).abs() < 0.02);
        assert!((squares / f64::from(n) - 1.0).abs() < 0.03);
    }
}
