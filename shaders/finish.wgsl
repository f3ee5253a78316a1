// From partial statistics to finished rows and the loss of a term: four small kernels in this
// order: `merge`, `total`, `finish`, `sum`.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> aims: array<Aim>;
@group(0) @binding(3) var<storage, read_write> found: array<Stats>;
@group(0) @binding(4) var<storage, read_write> finished: Finished;
@group(0) @binding(5) var<storage, read_write> rows: array<Row>;
@group(0) @binding(6) var<storage, read_write> losses: array<f32>;
@group(0) @binding(7) var<storage, read_write> flags: array<atomic<u32>, 2>;
@group(0) @binding(8) var<storage, read> split: array<u32, 1>;

// The statistics of each anchor over all splits, left in the first split's place.
@compute @workgroup_size(64)
fn merge(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= now.rows {
        return;
    }
    var stats = found[i];
    for (var s = 1u; s < split[0]; s++) {
        let other = found[s * now.rows + i];
        if SWEEP == 0u {
            stats = merged(stats, other);
        } else {
            stats.sum += other.sum;
        }
    }
    found[i] = stats;
}

// The statistics of the batch, and what follows from them.
@compute @workgroup_size(256)
fn total(crew: Crew) {
    var stats = EMPTY;
    if WANTS_TOTAL {
        for (var i = crew.lane; i < now.rows; i += CREW) {
            stats = merged(stats, found[i]);
        }
        let top = crew_max(crew, stats.max);
        // Merging with nothing under the highest maximum brings the sums to it.
        stats = merged(stats, Stats(top, vec4<f32>(0.0)));
        stats.sum = crew_sum(crew, stats.sum);
    }
    if crew.lane == 0u {
        let about = now.pairs[term.kind];
        var batch = Batch(f32(now.rows), about.x, about.y, about.z, about.w, vec4<f32>(0.0));
        if LAST_SWEEP {
            batch.value = finish_batch(stats, batch);
        }
        finished.batch = batch;
        finished.total = stats;
    }
}

// The finished row of each anchor.
@compute @workgroup_size(64)
fn finish(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= now.rows {
        return;
    }
    let about = aims[i];
    let others = finished.batch.candidates - select(0.0, 1.0, PAIRS);
    let goal = TargetLogit(about.logit, about.slope, about.arc);
    let anchor = Anchor(about.score, goal, about.positives, others - about.positives);
    var before = NO_ROW;
    if SWEEP > 0u {
        before = rows[i];
    }
    rows[i] = finish_row(SWEEP, found[i], anchor, finished.batch, before);
}

// The loss of the term.
@compute @workgroup_size(256)
fn sum(crew: Crew) {
    var part = 0.0;
    for (var i = crew.lane; i < now.rows; i += CREW) {
        part += rows[i].loss;
    }
    let all = crew_sum(crew, vec4<f32>(part, 0.0, 0.0, 0.0));
    if crew.lane == 0u {
        let whole = loss(all.x, finished.total, finished.batch);
        losses[term.index] = whole;
        if !finite(whole) {
            atomicMin(&flags[0], term.index);
        }
    }
}
