// What is known of each anchor before its scores are folded: its group, its target, its margin.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> block: array<u32>;
// The label and the instance of each row of the data.
@group(0) @binding(3) var<storage, read> groups: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read> anchors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> candidates: array<vec4<f32>>;
// The bias and the constant of each candidate.
@group(0) @binding(6) var<storage, read> traits: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> margins: array<f32>;
@group(0) @binding(8) var<storage, read_write> aims: array<Aim>;

@compute @workgroup_size(64)
fn aim(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    let rows = now.rows;
    if i >= rows {
        return;
    }
    let quads = term.quads;
    let of_row = groups[block[now.block + i]];
    if PAIRS {
        let count = now.block + 2u * rows + term.classes + 1u + select(0u, rows, term.kind == 2u);
        let group = select(of_row.x, of_row.y, term.kind == 2u);
        aims[i] = Aim(group, 0.0, 0.0, 0.0, 0.0, 0.0, bitcast<f32>(block[count + i]), 0.0);
        return;
    }
    let group = of_row.x;
    var score = 0.0;
    var squares = 0.0;
    for (var k = 0u; k < quads; k++) {
        let x = anchors[i * quads + k];
        let y = candidates[group * quads + k];
        if SCORE == SQUARED_DISTANCE {
            score += dot(x - y, x - y);
        } else {
            score += dot(x, y);
        }
    }
    if SCORE == COSINE {
        for (var k = 0u; k < quads; k++) {
            let side = candidates[group * quads + k] - score * anchors[i * quads + k];
            squares += dot(side, side);
        }
    }
    let trait_of = traits[group];
    if SCORE == RAW {
        score += trait_of.x;
    }
    let margin = margins[i];
    let sine = sqrt(squares);
    let goal = target_logit(Target(score, sine, margin, trait_of.y));
    aims[i] = Aim(group, score, sine, goal.logit, goal.slope, goal.arc, 1.0, margin);
}
