// A margin off the target cosine: shared by cosface and elastic-cosface. `target` of
// src/objectives/cosface.rs.

fn cosine_margin_target(scale: f32, margin: f32, at: Target) -> TargetLogit {
    return TargetLogit(scale * (at.score - margin), scale, 0.0);
}
