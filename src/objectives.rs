//! The losses, one a file, and the registry that lists them: everything that names a loss reads it.
//!
//! What a loss is, and the forms several of them share, stands in [`crate::objective`]; its names are
//! passed on here, so that whoever works with losses needs one place only.

mod alignment;
mod arcface;
mod balanced_softmax;
mod cacr;
mod cosface;
mod decoupled_softmax;
mod elastic_arcface;
mod elastic_cosface;
mod mse;
mod mw;
mod normface;
mod nt_xent;
mod opl;
mod riesz;
mod scattering;
mod softmax;
mod supcon;
mod uniformity;
mod z_loss;

pub use crate::objective::*;
use crate::objective::{cross_entropy, distance};

/// Every objective losslab knows, in the order users see them.
pub static OBJECTIVES: &[&dyn Objective] = &[
    &softmax::Softmax,
    &mse::Mse,
    &normface::NormFace,
    &cosface::CosFace,
    &arcface::ArcFace,
    &elastic_arcface::ElasticArcFace,
    &elastic_cosface::ElasticCosFace,
    &balanced_softmax::BalancedSoftmax,
    &opl::Opl,
    &scattering::Scattering,
    &alignment::Alignment,
    &uniformity::Uniformity,
    &riesz::Riesz,
    &supcon::SupCon,
    &nt_xent::NtXent,
    &cacr::Cacr,
    &z_loss::ZLoss,
    &mw::Mw,
    &decoupled_softmax::DecoupledSoftmax,
];

/// The objective called `name`.
pub fn find(name: &str) -> Option<&'static dyn Objective> {
    OBJECTIVES.iter().copied().find(|objective| objective.name() == name)
}
