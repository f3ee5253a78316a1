use super::*;

const ENTROPY: RowLoss = RowLoss::CrossEntropy { balanced: false };

fn case(counts: &[usize], dim: usize, decay: f64, bias: Option<f64>) -> Case {
    Case {
        counts: counts.to_vec(),
        classes: counts.len(),
        dim,
        clean: true,
        decay_features: decay,
        decay_weights: decay,
        bias,
        ..Case::default()
    }
}

fn square(matrix: &DMatrix<f64>, row: usize) -> f64 {
    matrix.row(row).norm_squared()
}

#[test]
fn the_general_orthogonal_frame_has_its_lengths() {
    // N = 22, θ = 0.01, equal decays: s_k² = √n_k − N·λ, |h_k|² = s_k²/(s_k² + Nλ)².
    let found = minimum(RowLoss::Squares, &case(&[10, 10, 1, 1], 4, 0.01, None)).unwrap();
    for (k, n) in [10.0f64, 10.0, 1.0, 1.0].into_iter().enumerate() {
        let s = n.sqrt() - 0.22;
        assert!((square(&found.weights, k) - s).abs() < 1e-12);
        assert!((square(&found.means, k) - s / (s + 0.22).powi(2)).abs() < 1e-12);
    }
    let product = &found.means * found.means.transpose();
    assert!(product[(0, 2)].abs() < 1e-12);
}

#[test]
fn balanced_cross_entropy_has_the_norms_of_its_closed_form() {
    // C = 10, n = 20, λ = 5e-3: ρ = (C−1)·√n·m, m = log((1 − 9ε)/ε), ε = √20·5e-3.
    let found = minimum(ENTROPY, &case(&[20; 10], 16, 5e-3, Some(0.0))).unwrap();
    let epsilon = 20f64.sqrt() * 5e-3;
    let gap = ((1.0 - 9.0 * epsilon) / epsilon).ln();
    let rho = 9.0 * 20f64.sqrt() * gap;
    assert!((found.weights.norm_squared() - rho).abs() < 1e-9);
    assert!((square(&found.weights, 3) - rho / 10.0).abs() < 1e-9);
    assert!((20.0 * found.means.norm_squared() - rho).abs() < 1e-9);
    assert!((found.value - 0.944_307_981).abs() < 1e-8);
}

#[test]
fn descent_meets_the_closed_forms() {
    for (loss, bias) in [(ENTROPY, None), (ENTROPY, Some(0.0)), (ENTROPY, Some(0.1))] {
        let balanced = case(&[20; 5], 8, 0.01, bias);
        let (value, _) = descent::solve(loss, &balanced, 0.01).unwrap();
        let closed = least(loss, &balanced).unwrap().value;
        assert!((value - closed).abs() < 3e-9, "{bias:?}: {value} {closed}");
    }
    for (counts, bias) in [([8, 8, 2, 2], None), ([8, 8, 2, 2], Some(0.0)), ([5, 5, 5, 5], Some(0.2))] {
        let case = case(&counts, 8, 5e-3, bias);
        let (value, _) = descent::solve(RowLoss::Squares, &case, 5e-3).unwrap();
        let closed = minimum(RowLoss::Squares, &case).unwrap().value;
        assert!((value - closed).abs() < 3e-9, "{counts:?} {bias:?}: {value} {closed}");
    }
}

#[test]
fn every_kind_of_imbalance_is_solved_to_a_small_gap() {
    for counts in [vec![50, 50, 5, 5], vec![30, 13, 5, 2, 1], vec![7, 3]] {
        for decay in [1e-5, 1e-2] {
            for bias in [None, Some(0.0), Some(0.3)] {
                for loss in [ENTROPY, RowLoss::CrossEntropy { balanced: true }, RowLoss::Squares] {
                    let found = minimum(loss, &case(&counts, 12, decay, bias));
                    assert!(found.is_ok(), "{counts:?} {decay} {bias:?} {loss:?}: {found:?}");
                }
            }
        }
    }
}

#[test]
fn minorities_merge_at_their_threshold() {
    // n = (50, 50, 5, 5), N = 110: merged at θ = 1.1·√5/110, apart at 0.9 of it.
    for (share, merged) in [(1.1, true), (0.9, false)] {
        let theta = share * 5f64.sqrt() / 110.0;
        let found = minimum(ENTROPY, &case(&[50, 50, 5, 5], 8, theta, Some(0.0))).unwrap();
        let apart = (found.weights.row(2) - found.weights.row(3)).norm();
        assert!(if merged { apart < 1e-3 } else { apart > 0.5 }, "{share}: {apart}");
    }
    let changes = changes(ENTROPY, &case(&[50, 50, 5, 5], 8, 0.0, Some(0.0)));
    assert!((changes[0].product - 5.0 / 110f64.powi(2)).abs() < 1e-15);
    assert_eq!(changes[0].words, "classes of 5 rows merge");
    assert!(changes.last().unwrap().words.contains("collapses"));
}

#[test]
fn everything_is_gone_past_the_last_change_and_not_before() {
    for loss in [ENTROPY, RowLoss::Squares, RowLoss::CrossEntropy { balanced: true }] {
        for bias in [None, Some(0.0)] {
            for counts in [[20, 20, 20], [30, 20, 4]] {
                let last = changes(loss, &case(&counts, 5, 0.0, bias)).pop().unwrap().product;
                let norm = |product: f64| {
                    minimum(loss, &case(&counts, 5, product.sqrt(), bias)).unwrap().weights.norm()
                };
                assert!(norm(1.02 * last) < 1e-3, "{loss:?} {bias:?} {counts:?}: {}", norm(1.02 * last));
                assert!(norm(0.95 * last) > 0.05, "{loss:?} {bias:?} {counts:?}: {}", norm(0.95 * last));
            }
        }
    }
}

#[test]
fn too_few_dimensions_leave_it_open_but_for_squares_alone() {
    assert!(minimum(ENTROPY, &case(&[20; 5], 3, 0.01, None)).unwrap_err().contains("best known angle 90°"));
    // Three of five equal classes survive; the others cost their whole n/(2N).
    let found = minimum(RowLoss::Squares, &case(&[20; 5], 3, 0.01, None)).unwrap();
    let each = 0.01 * 20f64.sqrt() - 100.0 * 1e-4 / 2.0;
    assert!((found.value - 3.0 * each - 2.0 * 0.1).abs() < 1e-12);
}

#[test]
fn a_hundred_thousand_equal_classes_cost_nothing() {
    let found = least(ENTROPY, &case(&vec![2; 100_000], 100_000, 1e-6, Some(0.0))).unwrap();
    assert!((found.rank, found.simplex) == (99_999, true) && found.value > 0.0);
    assert_eq!(changes(ENTROPY, &case(&vec![2; 100_000], 100_000, 0.0, Some(0.0))).len(), 1);
}
