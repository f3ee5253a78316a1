//! Matrix products of tiles, by the `gemm` crate.

/// A stretch of a row-major (or, with the strides swapped, transposed) matrix.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
}

impl<'a> View<'a> {
    /// Rows of length `cols`, `stride` apart.
    pub(super) fn new(data: &'a [f32], rows: usize, cols: usize, stride: usize) -> Self {
        Self { data, rows, cols, row_stride: stride, col_stride: 1 }
    }

    /// The transpose, without moving anything.
    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    fn reach(&self) -> usize {
        if self.rows == 0 || self.cols == 0 {
            return 0;
        }
        (self.rows - 1) * self.row_stride + (self.cols - 1) * self.col_stride + 1
    }
}

/// `out` = `keep`·`out` + `factor`·`a`·`b`; `out` is row-major with rows `stride` apart.
///
/// # Panics
/// If the shapes do not fit each other or the slices.
#[expect(unsafe_code, reason = "gemm takes raw pointers; the reach of each is checked first")]
pub(super) fn product(out: &mut [f32], stride: usize, keep: f32, factor: f32, a: View<'_>, b: View<'_>) {
    let (m, n, k) = (a.rows, b.cols, a.cols);
    assert_eq!(k, b.rows, "inner sizes of a product agree");
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    assert!(a.reach() <= a.data.len() && b.reach() <= b.data.len(), "views stay inside their data");
    assert!(n <= stride && (m - 1) * stride + n <= out.len(), "the product fits where it is written");
    // SAFETY: the three assertions above bound every element that gemm reads or writes, and `out`
    // is borrowed mutably, so it overlaps neither factor.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            stride as isize,
            keep != 0.0,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            keep,
            factor,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_by_hand_and_its_transpose() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 2.0, 0.0, 1.0, 1.0];
        let mut out = [10.0; 6];
        // [1 2 3; 4 5 6] · [1 0 2; 0 1 1]ᵀ = [7 5; 16 11], rows three apart.
        product(&mut out, 3, 1.0, 1.0, View::new(&a, 2, 3, 3), View::new(&b, 2, 3, 3).transposed());
        assert_eq!(out, [17.0, 15.0, 10.0, 26.0, 21.0, 10.0]);
        product(&mut out, 3, 0.0, 2.0, View::new(&a, 2, 3, 3), View::new(&b, 2, 3, 3).transposed());
        assert_eq!(out[..2], [14.0, 10.0]);
    }
}
