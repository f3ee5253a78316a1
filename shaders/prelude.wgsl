// What every shader may use: the structs of src/objectives/stats.rs as scalars, the constants that
// Rust generates above this text, and elementary functions of known accuracy (WGSL promises too
// little for its own exp, log and cos). No kernel and no formula of a loss lives here.

struct Pair {
    score: f32,
    positive: bool,
    negative: bool,
    logit: f32,
    constant: f32,
}

struct Stats {
    max: vec2<f32>,
    sum: vec4<f32>,
}

struct Target {
    score: f32,
    sine: f32,
    margin: f32,
    constant: f32,
}

struct TargetLogit {
    logit: f32,
    slope: f32,
    arc: f32,
}

// `goal` is Anchor::target in Rust; `target` is a reserved word here.
struct Anchor {
    score: f32,
    goal: TargetLogit,
    positives: f32,
    negatives: f32,
}

struct Batch {
    anchors: f32,
    candidates: f32,
    positive_pairs: f32,
    negative_pairs: f32,
    active_anchors: f32,
    value: vec4<f32>,
}

struct Row {
    max: vec2<f32>,
    arc: f32,
    loss: f32,
    value: vec4<f32>,
}

// What one step may know that changes from step to step (src/engine/gpu/schedule.rs writes it).
struct Step {
    rows: u32,
    step: u32,
    block: u32,
    draw: u32,
    rate: f32,
    unbias_first: f32,
    unbias_second: f32,
    momentum: f32,
    decay: vec4<f32>,
    // candidates, positive pairs, negative pairs, active anchors: of class terms, of pairs by
    // class, of pairs by instance.
    pairs: array<vec4<f32>, 3>,
}

// What is fixed for one term of the objective until a knob is turned.
struct Term {
    knobs: array<vec4<f32>, 2>,
    weight: f32,
    index: u32,
    kind: u32,
    stream: u32,
    seed: vec2<u32>,
    mean: f32,
    sigma: f32,
    low: f32,
    high: f32,
    bins: u32,
    classes: u32,
    // Quads of numbers a row has, and a row of partial sums: one more where there is a bias.
    quads: u32,
    stride: u32,
}

// What is known of an anchor before its scores are folded.
struct Aim {
    group: u32,
    score: f32,
    sine: f32,
    logit: f32,
    slope: f32,
    arc: f32,
    positives: f32,
    margin: f32,
}

// What is known of a row at the other end: its group, (bias, constant) of a candidate or (logit, 0)
// of an anchor, and the finished statistics of an anchor.
struct Column {
    group: u32,
    about: vec2<f32>,
    row: Row,
}

struct Finished {
    batch: Batch,
    total: Stats,
    loss: f32,
    table: array<f32>,
}

const EMPTY = Stats(vec2<f32>(LOWEST), vec4<f32>(0.0));
const NO_ROW = Row(vec2<f32>(0.0), 0.0, 0.0, vec4<f32>(0.0));

fn choose(when: bool, yes: f32, no: f32) -> f32 {
    return select(no, yes, when);
}

fn choose_word(when: bool, yes: u32, no: u32) -> u32 {
    return select(no, yes, when);
}

fn choose_whole(when: bool, yes: i32, no: i32) -> i32 {
    return select(no, yes, when);
}

fn keep(when: bool, x: f32) -> f32 {
    return select(0.0, x, when);
}

fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn all_finite(x: vec4<f32>) -> bool {
    return finite(x.x) && finite(x.y) && finite(x.z) && finite(x.w);
}

// e^x: exactly 0 below -87, so that LOWEST stands for "not there". Lanes::exp of src/lanes.rs.
fn exponential(given: f32) -> f32 {
    let low = select(given, 88.0, given > 88.0);
    let x = select(low, -87.0, low < -87.0);
    let n = round(x * 1.44269504);
    let r = (x - n * 0.693359375) - n * -2.12194440e-4;
    var p = 1.9875691e-4;
    p = p * r + 1.3982e-3;
    p = p * r + 8.333452e-3;
    p = p * r + 4.1665796e-2;
    p = p * r + 1.6666666e-1;
    p = p * r + 0.5;
    let e = (p * r) * r + r + 1.0;
    let power = bitcast<f32>(u32(i32(n) + 127) << 23u);
    return select(e * power, 0.0, given < -87.0);
}

// Natural logarithm of a positive normal number. Lanes::ln.
fn logarithm(x: f32) -> f32 {
    if !(x > 1.2e-38) || !finite(x) {
        return log(x);
    }
    let bits = bitcast<u32>(x);
    let exponent = bitcast<i32>(bits - 0x3F3504F3u) >> 23u;
    let m = bitcast<f32>(bits - (bitcast<u32>(exponent) << 23u));
    let f = m - 1.0;
    let z = f * f;
    var p = 7.0376836e-2;
    p = p * f - 1.151461e-1;
    p = p * f + 1.1676999e-1;
    p = p * f - 1.2420141e-1;
    p = p * f + 1.4249323e-1;
    p = p * f - 1.6668057e-1;
    p = p * f + 2.0000715e-1;
    p = p * f - 2.4999994e-1;
    p = p * f + 3.3333331e-1;
    let e = f32(exponent);
    let tail = p * f * z + e * -2.12194440e-4 - 0.5 * z;
    return f + tail + e * 0.693359375;
}

// log(1 + x) for x > -1, exact for small x: 2 artanh(x / (2 + x)).
fn log1p(x: f32) -> f32 {
    if x > 1.0 || x < -0.5 {
        return logarithm(1.0 + x);
    }
    let r = x / (x + 2.0);
    let q = r * r;
    var p = q * (1.0 / 15.0) + 1.0 / 13.0;
    p = p * q + 1.0 / 11.0;
    p = p * q + 1.0 / 9.0;
    p = p * q + 1.0 / 7.0;
    p = p * q + 1.0 / 5.0;
    p = p * q + 1.0 / 3.0;
    p = p * q + 1.0;
    return p * r * 2.0;
}

// log(1 + e^x).
fn softplus(x: f32) -> f32 {
    return max(x, 0.0) + log1p(exponential(-abs(x)));
}

// 1 / (1 + e^-x).
fn sigmoid(x: f32) -> f32 {
    let e = exponential(-abs(x));
    let small = e / (e + 1.0);
    return select(small, 1.0 - small, x > 0.0);
}

// x to a power, for x > 0.
fn power(x: f32, p: f32) -> f32 {
    return exponential(p * logarithm(x));
}

// (cos r, sin r) for |r| <= pi/4.
fn small_turn(r: f32) -> vec2<f32> {
    let q = r * r;
    var s = 2.7557319e-6;
    s = s * q - 1.9841270e-4;
    s = s * q + 8.3333333e-3;
    s = s * q - 1.6666667e-1;
    var c = 2.4801587e-5;
    c = c * q - 1.3888889e-3;
    c = c * q + 4.1666667e-2;
    c = c * q - 0.5;
    return vec2<f32>(c * q + 1.0, r + r * q * s);
}

// (cos, sin) turned by quarters of a circle.
fn turned(at: vec2<f32>, quarters: u32) -> vec2<f32> {
    switch quarters & 3u {
        case 1u: { return vec2<f32>(-at.y, at.x); }
        case 2u: { return -at; }
        case 3u: { return vec2<f32>(at.y, -at.x); }
        default: { return at; }
    }
}

// (cos x, sin x) for |x| up to some turns.
fn turn(x: f32) -> vec2<f32> {
    let n = round(x * 0.63661977);
    let r = (x - n * 1.5703125) - n * 4.8382679e-4;
    return turned(small_turn(r), bitcast<u32>(i32(n)));
}

// Statistics of two sets of pairs together. Stats::merge.
fn merged(a: Stats, b: Stats) -> Stats {
    let top = max(a.max, b.max);
    let left = vec3<f32>(exponential(a.max.x - top.x), exponential(a.max.y - top.y), 1.0);
    let right = vec3<f32>(exponential(b.max.x - top.x), exponential(b.max.y - top.y), 1.0);
    var sum: vec4<f32>;
    sum.x = a.sum.x * left[SCALED_BY.x] + b.sum.x * right[SCALED_BY.x];
    sum.y = a.sum.y * left[SCALED_BY.y] + b.sum.y * right[SCALED_BY.y];
    sum.z = a.sum.z * left[SCALED_BY.z] + b.sum.z * right[SCALED_BY.z];
    sum.w = a.sum.w * left[SCALED_BY.w] + b.sum.w * right[SCALED_BY.w];
    return Stats(top, sum);
}
