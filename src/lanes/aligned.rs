//! Numbers that start where a row of sixteen may: none of them lies across two lines of the cache.

use std::ops::{Deref, DerefMut};

use super::{LANES, Lanes};

/// A vector of numbers whose first lies at a multiple of 64 bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned {
    lanes: Vec<Lanes>,
    len: usize,
}

impl Aligned {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { lanes: Vec::new(), len: 0 }
    }

    /// Makes all numbers 0, `len` of them.
    pub(crate) fn clear_to(&mut self, len: usize) {
        self.lanes.clear();
        self.len = 0;
        self.grow_to(len);
    }

    /// Makes it at least `len` numbers long; the new ones are 0.
    pub(crate) fn grow_to(&mut self, len: usize) {
        self.len = self.len.max(len);
        self.lanes.resize(self.len.div_ceil(LANES), Lanes::ZERO);
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lanes)[..self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut bytemuck::cast_slice_mut(&mut self.lanes)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_at_a_line_of_the_cache_and_grows_with_zeros() {
        let mut numbers = Aligned::new();
        assert!(numbers.is_empty());
        numbers.grow_to(17);
        numbers[16] = 3.0;
        numbers.grow_to(5);
        numbers.grow_to(40);
        assert_eq!((numbers.len(), numbers[16], numbers[17], numbers[39]), (40, 3.0, 0.0, 0.0));
        assert!(numbers.as_ptr().addr().is_multiple_of(64));
        numbers.clear_to(20);
        assert_eq!((numbers.len(), numbers[16]), (20, 0.0));
    }
}
