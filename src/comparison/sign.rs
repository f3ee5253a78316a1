//! The sign test: how likely so lopsided a count of signs is, if neither side were ever favoured.

/// What a sign test found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sign {
    /// Differences above zero.
    pub plus: usize,
    /// Differences below zero.
    pub minus: usize,
    /// Differences of exactly zero, which say nothing and are left out.
    pub ties: usize,
    /// The two-sided exact p: the chance of a count at least as lopsided under fair coins. 1 where nothing is left.
    pub p: f64,
}

impl Sign {
    /// Whether every seed has the same sign: the star of the tables.
    pub const fn is_unanimous(&self) -> bool {
        let seeds = self.plus + self.minus + self.ties;
        seeds > 1 && (self.plus == seeds || self.minus == seeds)
    }

    /// The larger count and that of all seeds: "same sign in 5 of 5".
    pub const fn agreement(&self) -> (usize, usize) {
        let more = if self.plus > self.minus { self.plus } else { self.minus };
        (more, self.plus + self.minus + self.ties)
    }
}

/// Counts signs of paired differences and tests them. What is not a number is left out.
pub fn sign_test(differences: &[f64]) -> Sign {
    let count = |wanted: fn(f64) -> bool| differences.iter().filter(|x| wanted(**x)).count();
    let (plus, minus, ties) = (count(|x| x > 0.0), count(|x| x < 0.0), count(|x| x == 0.0));
    Sign { plus, minus, ties, p: two_sided(plus.min(minus), plus + minus) }
}

/// 2·P(K ≤ k) for K ~ Binomial(n, 1/2), at most 1.
fn two_sided(k: usize, n: usize) -> f64 {
    // Each term follows from the one before: C(n, j) = C(n, j−1)·(n−j+1)/j.
    let mut term = 0.5f64.powf(n as f64);
    let mut sum = term;
    for j in 1..=k {
        term *= (n - j + 1) as f64 / j as f64;
        sum += term;
    }
    (2.0 * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(differences: &[f64]) -> f64 {
        sign_test(differences).p
    }

    #[test]
    fn values_worked_out_by_hand() {
        // 5 of 5: 2·(1/2)⁵. 4 of 5: 2·(1 + 5)/32. 3 of 5: 2·(1 + 5 + 10)/32 = 1.
        assert!((p(&[1.0; 5]) - 0.0625).abs() < 1e-15);
        assert!((p(&[1.0, 2.0, 3.0, 4.0, -1.0]) - 0.375).abs() < 1e-15);
        assert!((p(&[1.0, 2.0, 3.0, -4.0, -1.0]) - 1.0).abs() < 1e-15);
        // 9 of 10: 2·(1 + 10)/1024. 6 of 6: 2/64, the first below 0.05.
        let mut ten = [-1.0; 10];
        ten[3] = 0.5;
        assert!((p(&ten) - 22.0 / 1024.0).abs() < 1e-15);
        assert!((p(&[-0.1; 6]) - 0.03125).abs() < 1e-15);
    }

    #[test]
    fn ties_and_missing_values_do_not_vote_but_ties_break_unanimity() {
        let sign = sign_test(&[1.0, 0.0, 2.0, f64::NAN]);
        assert_eq!((sign.plus, sign.minus, sign.ties, sign.p), (2, 0, 1, 0.5));
        assert!(!sign.is_unanimous());
        assert_eq!(sign.agreement(), (2, 3));
        assert!(sign_test(&[-1.0, f64::NEG_INFINITY]).is_unanimous());
        assert!(!sign_test(&[-1.0]).is_unanimous(), "one seed agrees with itself, which says nothing");
        assert_eq!(sign_test(&[]).p, 1.0);
    }
}
