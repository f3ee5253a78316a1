//! Encodes pixels as PNG, with what is known about the figure as text chunks.

use super::{FigureError, Size};

/// A PNG file of 8-bit RGB pixels; each pair becomes a `tEXt` chunk, or `iTXt` where Latin-1 cannot hold it.
pub(super) fn encode(
    pixels: &[u8],
    size: Size,
    metadata: &[(String, String)],
) -> Result<Vec<u8>, FigureError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.width(), size.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    if let Some(dpi) = size.dpi() {
        let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
        let (xppu, yppu) = (per_metre, per_metre);
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu, yppu, unit: png::Unit::Meter }));
    }
    for (key, value) in metadata {
        let value = value.replace('\0', " ");
        if value.chars().all(|c| u32::from(c) < 256) {
            encoder.add_text_chunk(key.clone(), value)
        } else {
            encoder.add_itxt_chunk(key.clone(), value)
        }
        .map_err(paint_error)?;
    }
    let mut writer = encoder.write_header().map_err(|error| match error {
        // The keyword is the only part of the header that comes from outside.
        png::EncodingError::Format(_) if !metadata.is_empty() => {
            let keys: Vec<&str> = metadata.iter().map(|(key, _)| key.as_str()).collect();
            FigureError::Metadata { key: keys.join(", ") }
        }
        other => paint_error(other),
    })?;
    writer.write_image_data(pixels).map_err(paint_error)?;
    writer.finish().map_err(paint_error)?;
    Ok(file)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err, which gives the value away")]
fn paint_error(error: png::EncodingError) -> FigureError {
    FigureError::Paint { reason: error.to_string() }
}
