// Powers of squared distances, safe where two rows coincide: the twin of src/objectives/distance.rs.

fn distance_power(squared: f32, p: f32) -> f32 {
    return exponential(distance_ln(squared) * p);
}

fn distance_ln(squared: f32) -> f32 {
    return logarithm(max(squared, COINCIDENT));
}
