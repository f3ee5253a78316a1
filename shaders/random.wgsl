// Philox4x32 with ten rounds and normal numbers from it: the twin of src/random.rs.

fn multiply(a: u32, b: u32) -> vec2<u32> {
    // The high and low words of a product, by halves of sixteen bits.
    let al = a & 0xffffu;
    let ah = a >> 16u;
    let bl = b & 0xffffu;
    let bh = b >> 16u;
    let low = al * bl;
    let middle = ah * bl + (low >> 16u);
    let cross = al * bh + (middle & 0xffffu);
    return vec2<u32>(ah * bh + (middle >> 16u) + (cross >> 16u), a * b);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = counter;
    var k = key;
    for (var round = 0u; round < 10u; round++) {
        let a = multiply(PHILOX_MULTIPLIERS.x, c.x);
        let b = multiply(PHILOX_MULTIPLIERS.y, c.z);
        c = vec4<u32>(b.x ^ c.y ^ k.x, b.y, a.x ^ c.w ^ k.y, a.y);
        k += PHILOX_WEYL;
    }
    return c;
}

// -ln((word + 1) / 2^32), accurate at both ends.
fn minus_log_unit(word: u32) -> f32 {
    if word >= 0x80000000u {
        return -log1p(-f32(~word) * 2.3283064e-10);
    }
    return -logarithm(f32(word + 1u) * 2.3283064e-10);
}

// (cos, sin) of the angle 2 pi (word + 1) / 2^32: the octant is taken off in integers.
fn turn_unit(word: u32) -> vec2<f32> {
    let at = word + 1u;
    let quarters = (at + 0x20000000u) >> 30u;
    let rest = bitcast<i32>(at - (quarters << 30u));
    return turned(small_turn(f32(rest) * 1.4629180e-9), quarters);
}

// The standard normal number of column 0.
fn normal(seed: vec2<u32>, step: u32, row: u32, stream: u32) -> f32 {
    let w = philox(vec4<u32>(step, row, stream, 0u), seed);
    return sqrt(2.0 * minus_log_unit(w.x)) * turn_unit(w.y).x;
}
