//! npz archives as numpy reads them: the same arrays always give the same bytes.

use std::io::{self, Cursor, Seek, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{WriteError, atomic_write};
use crate::data::npy::header_bytes;
use crate::features::{Features, Matrix};

/// One array to be written. The constructors keep shape and items together.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    shape: Vec<usize>,
    items: Items<'a>,
}

#[derive(Clone, Debug)]
enum Items<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
    U32(&'a [u32]),
    /// Written as i64, which PyTorch takes for labels.
    U32AsI64(&'a [u32]),
    I64(&'a [i64]),
    OneF64(f64),
    OneI64(i64),
    Text(&'a [String]),
}

impl<'a> Array<'a> {
    fn list(length: usize, items: Items<'a>) -> Self {
        Self { shape: vec![length], items }
    }

    /// A `rows`×`cols` array of f32.
    pub fn matrix(matrix: &'a Matrix) -> Self {
        Self { shape: vec![matrix.rows, matrix.cols], items: Items::F32(&matrix.data) }
    }

    /// A row-major array of f32 of this shape; `None` if the shape does not hold exactly these numbers.
    pub fn shaped(shape: &[usize], numbers: &'a [f32]) -> Option<Self> {
        Self::of_shape(shape, numbers.len(), Items::F32(numbers))
    }

    /// A row-major array of f64 of this shape; `None` if the shape does not hold exactly these numbers.
    pub fn shaped_f64(shape: &[usize], numbers: &'a [f64]) -> Option<Self> {
        Self::of_shape(shape, numbers.len(), Items::F64(numbers))
    }

    fn of_shape(shape: &[usize], length: usize, items: Items<'a>) -> Option<Self> {
        let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        (count == Some(length)).then(|| Self { shape: shape.to_vec(), items })
    }

    /// A list of f32.
    pub fn f32s(numbers: &'a [f32]) -> Self {
        Self::list(numbers.len(), Items::F32(numbers))
    }

    /// A list of f64.
    pub fn f64s(numbers: &'a [f64]) -> Self {
        Self::list(numbers.len(), Items::F64(numbers))
    }

    /// A list of u32.
    pub fn u32s(numbers: &'a [u32]) -> Self {
        Self::list(numbers.len(), Items::U32(numbers))
    }

    /// A list of class or instance numbers, written as i64.
    pub fn indices(numbers: &'a [u32]) -> Self {
        Self::list(numbers.len(), Items::U32AsI64(numbers))
    }

    /// A list of i64.
    pub fn i64s(numbers: &'a [i64]) -> Self {
        Self::list(numbers.len(), Items::I64(numbers))
    }

    /// A single f64.
    pub fn number(number: f64) -> Self {
        Self { shape: Vec::new(), items: Items::OneF64(number) }
    }

    /// A single i64.
    pub fn integer(number: i64) -> Self {
        Self { shape: Vec::new(), items: Items::OneI64(number) }
    }

    /// A list of texts. The format fills texts up with NULs, so those at the end of a text are lost.
    pub fn texts(texts: &'a [String]) -> Self {
        Self::list(texts.len(), Items::Text(texts))
    }

    /// The numpy type and the bytes of one item.
    fn item_type(&self) -> (String, usize) {
        match self.items {
            Items::F32(_) => ("<f4".to_owned(), 4),
            Items::U32(_) => ("<u4".to_owned(), 4),
            Items::F64(_) | Items::OneF64(_) => ("<f8".to_owned(), 8),
            Items::I64(_) | Items::OneI64(_) | Items::U32AsI64(_) => ("<i8".to_owned(), 8),
            Items::Text(texts) => {
                // numpy has no text of width 0.
                let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
                (format!("<U{width}"), 4 * width)
            }
        }
    }

    fn write(&self, sink: &mut impl Write) -> io::Result<()> {
        let (descr, item) = self.item_type();
        sink.write_all(&header_bytes(&descr, &self.shape))?;
        match self.items {
            Items::F32(numbers) => write_each(sink, numbers, |x| x.to_le_bytes()),
            Items::F64(numbers) => write_each(sink, numbers, |x| x.to_le_bytes()),
            Items::U32(numbers) => write_each(sink, numbers, |x| x.to_le_bytes()),
            Items::U32AsI64(numbers) => write_each(sink, numbers, |&x| i64::from(x).to_le_bytes()),
            Items::I64(numbers) => write_each(sink, numbers, |x| x.to_le_bytes()),
            Items::OneF64(number) => sink.write_all(&number.to_le_bytes()),
            Items::OneI64(number) => sink.write_all(&number.to_le_bytes()),
            Items::Text(texts) => {
                for text in texts {
                    let mut bytes: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
                    bytes.resize(item, 0);
                    sink.write_all(&bytes)?;
                }
                Ok(())
            }
        }
    }
}

fn write_each<T, const COUNT: usize>(
    sink: &mut impl Write,
    items: &[T],
    bytes: impl Fn(&T) -> [u8; COUNT],
) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(COUNT * 4096);
    for chunk in items.chunks(4096) {
        buffer.clear();
        buffer.extend(chunk.iter().flat_map(&bytes));
        sink.write_all(&buffer)?;
    }
    Ok(())
}

/// Writes an npz archive of these arrays, in this order, whole or not at all: see [`atomic_write`].
///
/// # Errors
/// [`WriteError`] if the file cannot be written or two arrays have the same name.
pub fn write_npz(path: &Path, arrays: &[(&str, Array<'_>)]) -> Result<(), WriteError> {
    atomic_write(path, |sink| write_archive(sink, arrays))
}

/// The bytes of an npz archive of these arrays, in memory.
///
/// # Errors
/// If two arrays have the same name.
pub fn npz_bytes(arrays: &[(&str, Array<'_>)]) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    write_archive(&mut bytes, arrays)?;
    Ok(bytes.into_inner())
}

fn write_archive<W: Write + Seek>(sink: W, arrays: &[(&str, Array<'_>)]) -> io::Result<()> {
    let mut archive = ZipWriter::new(sink);
    for (name, array) in arrays {
        let bytes = array.shape.iter().product::<usize>() as u64 * array.item_type().1 as u64;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // The time of writing would make equal archives differ.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes >= u64::from(u32::MAX) - (1 << 16));
        archive.start_file(format!("{name}.npy"), options)?;
        array.write(&mut archive)?;
    }
    archive.finish()?;
    Ok(())
}

/// The arrays of a feature file, under the names the readers know: what `final.npz` holds.
///
/// Notices are not part of it. Add to it what a caller has besides (`seed`) before [`write_npz`].
pub fn features_arrays(features: &Features) -> Vec<(&'static str, Array<'_>)> {
    let mut arrays = vec![("features", Array::matrix(&features.points))];
    arrays.extend(features.labels.as_deref().map(|labels| ("labels", Array::indices(labels))));
    arrays.extend(features.weights.as_ref().map(|weights| ("weights", Array::matrix(weights))));
    arrays.extend(features.bias.as_deref().map(|bias| ("bias", Array::f32s(bias))));
    arrays.extend(features.instances.as_deref().map(|instances| ("instances", Array::indices(instances))));
    arrays.extend(features.margins.as_deref().map(|margins| ("margins", Array::f32s(margins))));
    arrays.extend(features.label_names.as_deref().map(|names| ("label_names", Array::texts(names))));
    arrays.extend(features.point_names.as_deref().map(|names| ("point_names", Array::texts(names))));
    // Readers take steps up to i64::MAX, and no run makes more.
    arrays
        .extend(features.step.map(|step| ("step", Array::integer(i64::try_from(step).unwrap_or(i64::MAX)))));
    arrays.extend(features.loss.map(|loss| ("loss", Array::number(loss))));
    arrays
}

#[cfg(test)]
mod tests;
