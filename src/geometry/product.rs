//! Products of column-major blocks by the `gemm` crate, on one thread: who cuts work into blocks runs them side by
//! side.

/// Numbers that `gemm` multiplies, with their 0 and 1.
pub(super) trait Entry: Copy + 'static {
    const ZERO: Self;
    const ONE: Self;
}

impl Entry for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

impl Entry for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

/// A matrix over a slice: element (i, j) lies at `i * row_stride + j * col_stride`.
#[derive(Clone, Copy)]
pub(super) struct View<'a, T> {
    data: &'a [T],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> View<'a, T> {
    /// Columns of `rows` numbers, one after the other.
    pub(super) fn columns(data: &'a [T], rows: usize, cols: usize) -> Self {
        Self { data, rows, cols, row_stride: 1, col_stride: rows }
    }

    /// The transpose, without moving anything.
    pub(super) fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    fn is_inside(&self) -> bool {
        let reach = (self.rows.max(1) - 1) * self.row_stride + (self.cols.max(1) - 1) * self.col_stride + 1;
        self.rows == 0 || self.cols == 0 || reach <= self.data.len()
    }
}

/// Writes `a·b`, column by column, to the front of `out`.
///
/// # Panics
/// If the shapes do not fit each other or the slices.
#[expect(unsafe_code, reason = "gemm takes raw pointers; the reach of each is checked first")]
pub(super) fn multiply<T: Entry>(out: &mut [T], a: View<'_, T>, b: View<'_, T>) {
    let (m, n, k) = (a.rows, b.cols, a.cols);
    assert_eq!(k, b.rows, "inner sizes of a product agree");
    assert!(a.is_inside() && b.is_inside(), "views stay inside their data");
    let out = &mut out[..m * n];
    if k == 0 {
        out.fill(T::ZERO);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    // SAFETY: the assertions above bound every element that gemm reads, the slice bounds those it writes, and `out`
    // is borrowed mutably, so it overlaps neither factor.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            m as isize,
            1,
            false,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            T::ZERO,
            T::ONE,
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
    fn a_product_by_hand_in_both_sizes_of_number() {
        // Columns (1, 3), (2, 4) times columns (5, 7), (6, 8): the rows of the result are 19 22 and 43 50.
        let (a, b) = ([1.0, 3.0, 2.0, 4.0], [5.0, 7.0, 6.0, 8.0]);
        let mut out = [0.0_f64; 5];
        multiply(&mut out, View::columns(&a, 2, 2), View::columns(&b, 2, 2));
        assert_eq!(out, [19.0, 43.0, 22.0, 50.0, 0.0]);
        let (a, b) = (a.map(|x| x as f32), b.map(|x| x as f32));
        let mut out = [0.0_f32; 4];
        multiply(&mut out, View::columns(&a, 2, 2).transposed(), View::columns(&b, 2, 2));
        assert_eq!(out, [26.0, 38.0, 30.0, 44.0]);
        multiply(&mut out, View::columns(&a, 2, 0), View::columns(&b, 0, 2));
        assert_eq!(out, [0.0; 4]);
    }
}
