//! The sign test: how likely so lopsided a count of signs is, if neither side were ever favoured.

/// The p at and below which a difference has a star.
pub const LEVEL: f64 = 0.05;

/// What a sign test found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sign {
    /// Differences above zero.
    pub plus: usize,
    /// Differences below zero.
    pub minus: usize,
    /// Differences of exactly zero, which say nothing and are left out.
    pub ties: usize,
    /// The two-sided exact p: the chance of a count at least as lopsided under fair coins. Nothing where no difference
    /// has a sign.
    pub p: Option<f64>,
}

impl Sign {
    /// Whether every seed has the same sign.
    pub const fn is_unanimous(&self) -> bool {
        let seeds = self.plus + self.minus + self.ties;
        seeds > 1 && (self.plus == seeds || self.minus == seeds)
    }

    /// The larger count and that of all seeds: "in 5 of 6".
    pub const fn agreement(&self) -> (usize, usize) {
        let more = if self.plus > self.minus { self.plus } else { self.minus };
        (more, self.plus + self.minus + self.ties)
    }

    /// How many seeds have the sign of a difference that is shown, and how many seeds there are; nothing of a difference
    /// that is no number or has no sign.
    pub fn agreeing(&self, shown: f64) -> Option<(usize, usize)> {
        let of = self.plus + self.minus + self.ties;
        match shown {
            shown if shown > 0.0 => Some((self.plus, of)),
            shown if shown < 0.0 => Some((self.minus, of)),
            _ => None,
        }
    }

    /// Whether p is at most [`LEVEL`].
    pub fn is_marked(&self) -> bool {
        self.p.is_some_and(|p| p <= LEVEL)
    }

    /// Whether a difference that is shown has a star: p is at most [`LEVEL`], and the difference is a number on the side
    /// of most seeds.
    pub fn stars(&self, shown: f64) -> bool {
        let side = if self.plus > self.minus { 1.0 } else { -1.0 };
        self.is_marked() && shown.is_finite() && side * shown > 0.0
    }
}

/// Counts signs of paired differences and tests them. What is not a number is left out.
pub fn sign_test(differences: &[f64]) -> Sign {
    let count = |wanted: fn(f64) -> bool| differences.iter().filter(|x| wanted(**x)).count();
    let (plus, minus, ties) = (count(|x| x > 0.0), count(|x| x < 0.0), count(|x| x == 0.0));
    let p = (plus + minus > 0).then(|| two_sided(plus.min(minus), plus + minus));
    Sign { plus, minus, ties, p }
}

/// The least p of so many seeds: all of one sign, 2/2ⁿ.
pub fn least_p(seeds: usize) -> f64 {
    two_sided(0, seeds)
}

/// The fewest seeds of which the least p is at most [`LEVEL`].
pub fn fewest() -> usize {
    (1..64).find(|seeds| least_p(*seeds) <= LEVEL).unwrap_or(usize::MAX)
}

/// The chance of a star over so many seeds where neither side is favoured. Signs are counted, so it is below [`LEVEL`].
pub fn chance_of_a_star(seeds: usize) -> f64 {
    let p = (0..=seeds / 2).map(|fewer| two_sided(fewer, seeds));
    p.take_while(|p| *p <= LEVEL).last().unwrap_or(0.0)
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
        sign_test(differences).p.unwrap()
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
        assert_eq!((sign.plus, sign.minus, sign.ties, sign.p), (2, 0, 1, Some(0.5)));
        assert!(!sign.is_unanimous());
        assert_eq!(sign.agreement(), (2, 3));
        assert!(sign_test(&[-1.0, f64::NEG_INFINITY]).is_unanimous());
        assert!(!sign_test(&[-1.0]).is_unanimous(), "one seed agrees with itself, which says nothing");
        for nothing in [&[][..], &[f64::NAN], &[0.0, 0.0]] {
            let sign = sign_test(nothing);
            assert_eq!(sign.p, None, "no sign, no p: {nothing:?}");
            assert!(!sign.is_marked());
        }
    }

    #[test]
    fn a_star_is_a_p_of_a_twentieth_on_a_number_of_that_side() {
        assert!(!sign_test(&[1.0; 5]).stars(1.0), "p is 0.0625");
        let six = sign_test(&[1.0; 6]);
        assert!(six.stars(0.3));
        for shown in [f64::NAN, f64::INFINITY, 0.0, -0.3] {
            assert!(!six.stars(shown), "{shown}");
        }
        let mut nine_of_ten = [-1.0; 10];
        nine_of_ten[0] = 2.0;
        assert!(sign_test(&nine_of_ten).stars(-1.0), "p is 0.021");
        assert!(!sign_test(&nine_of_ten).stars(2.0), "the odd one out");
        assert_eq!(sign_test(&nine_of_ten).agreeing(-1.0), Some((9, 10)));
        assert_eq!(sign_test(&nine_of_ten).agreeing(2.0), Some((1, 10)));
        assert_eq!(
            sign_test(&[1.0, 0.0, f64::NAN]).agreeing(0.5),
            Some((1, 2)),
            "who has no number has no vote"
        );
        assert_eq!([0.0, f64::NAN].map(|shown| six.agreeing(shown)), [None, None]);
    }

    #[test]
    fn six_seeds_are_the_fewest_and_chance_is_what_fair_coins_do() {
        assert_eq!((least_p(5), least_p(6), fewest()), (0.0625, 0.03125, 6));
        assert_eq!((least_p(1), least_p(0)), (1.0, 1.0));
        assert_eq!([5, 6, 8].map(chance_of_a_star), [0.0, 0.03125, 0.0078125]);
        // Of every way in which ten coins can fall, those with a star.
        let starred = (0..1 << 10).filter(|coins: &u32| {
            let fell: Vec<f64> = (0..10).map(|k| if coins >> k & 1 == 1 { 1.0 } else { -1.0 }).collect();
            sign_test(&fell).is_marked()
        });
        let share = starred.count() as f64 / 1024.0;
        assert!((chance_of_a_star(10) - share).abs() < 1e-12, "{share}");
    }
}
