//! `losslab doctor`
