// Decides whether a step is made, and writes down what it saw: the loss of each term, the decay
// and the norm of the gradient.

struct Sizes {
    terms: u32,
    features: u32,
    weights: u32,
    bias: u32,
}

struct Progress {
    // The place in the list of steps, the steps made, and once a step was refused: 1, it, its term.
    at: u32,
    made: u32,
    frozen: u32,
    bad_step: u32,
    bad_term: u32,
    // Whether the present step is made.
    go: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> sizes: Sizes;
@group(0) @binding(2) var<storage, read> norms_features: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> norms_weights: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> norms_bias: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> losses: array<f32>;
@group(0) @binding(6) var<storage, read_write> flags: array<atomic<u32>, 2>;
@group(0) @binding(7) var<storage, read_write> progress: Progress;
@group(0) @binding(8) var<storage, read_write> records: array<f32>;

@compute @workgroup_size(256)
fn judge(crew: Crew) {
    var part = vec2<f32>(0.0);
    for (var i = crew.lane; i < select(0u, now.rows, sizes.features > 0u); i += CREW) {
        part += norms_features[i];
    }
    for (var i = crew.lane; i < sizes.weights; i += CREW) {
        part += norms_weights[i];
    }
    for (var i = crew.lane; i < sizes.bias; i += CREW) {
        part += norms_bias[i];
    }
    let whole = crew_sum(crew, vec4<f32>(part, 0.0, 0.0)).xy;
    if crew.lane != 0u {
        return;
    }
    progress.go = 0u;
    if progress.frozen == 1u {
        return;
    }
    let term = atomicLoad(&flags[0]);
    let fine = term == NOBODY && atomicLoad(&flags[1]) == 0u && finite(whole.x) && finite(whole.y);
    if !fine {
        progress.frozen = 1u;
        progress.bad_step = now.step;
        progress.bad_term = term;
        return;
    }
    let place = progress.made * (sizes.terms + 2u);
    for (var k = 0u; k < sizes.terms; k++) {
        records[place + k] = losses[k];
    }
    records[place + sizes.terms] = whole.y;
    records[place + sizes.terms + 1u] = sqrt(whole.x);
    progress.made += 1u;
    progress.go = 1u;
}
