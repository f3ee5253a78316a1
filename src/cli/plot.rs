//! `losslab plot`
