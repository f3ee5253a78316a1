// A margin on the target angle: shared by arcface and elastic-arcface. `exact_target` of
// src/objectives/arcface.rs.

fn arc_margin_exact_target(scale: f32, margin: f32, at: Target) -> TargetLogit {
    let side = turn(margin);
    return TargetLogit(
        scale * (at.score * side.x - at.sine * side.y),
        0.0,
        scale * (at.sine * side.x + at.score * side.y),
    );
}
