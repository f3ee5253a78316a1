//! How feature files are read, where a command reads them itself.

use crate::data::ReadOptions;

/// What may be said about the reading of feature files.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Reading {
    /// Leave out rows that hold a NaN or Inf instead of refusing the file
    #[arg(long)]
    pub drop_bad_rows: bool,
    /// The largest array that is read, in bytes (512 MiB)
    #[arg(long, value_name = "BYTES")]
    pub max_array_bytes: Option<u64>,
}

impl Reading {
    /// The same for the readers.
    pub fn options(&self) -> ReadOptions {
        let max_array_bytes = self.max_array_bytes.unwrap_or(ReadOptions::default().max_array_bytes);
        ReadOptions { drop_bad_rows: self.drop_bad_rows, max_array_bytes }
    }
}
