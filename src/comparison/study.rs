//! A comparison over seeds: every trial of every arm, differences against the first arm, and their sign tests.

use super::{Sign, Trial, sign_test};
use crate::geometry::Measurements;
use crate::objectives::Floor;

/// The name of the number of steps to the mark, beside the keys of metrics.
pub const STEPS_TO_MARK: &str = "steps_to_mark";
/// The name of the distance of the smallest class angle from that of the proved arrangement.
pub const FROM_TARGET: &str = "deg_from_target";

/// How near its target the smallest class angle must be for the mark that is used when none is given, in degrees.
pub const NEAR: f64 = 5.0;

/// A line that a metric crosses.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The metric's key.
    pub key: &'static str,
    /// Whether it must be at least (or else at most) the value.
    pub at_least: bool,
    /// The value.
    pub value: f64,
}

impl Mark {
    /// The smallest class angle within [`NEAR`] of the widest that so many classes can all have in so many dimensions:
    /// known up to a simplex, and up to twice as many classes as dimensions.
    pub fn usual(classes: usize, dim: usize) -> Option<Self> {
        let widest = match classes {
            0 | 1 => return None,
            c if c <= dim + 1 => (-1.0 / (c as f64 - 1.0)).acos().to_degrees(),
            c if c <= 2 * dim => 90.0,
            _ => return None,
        };
        Some(Self { key: "min_class_angle_deg", at_least: true, value: widest - NEAR })
    }

    /// Whether a value lies beyond the line.
    pub fn is_beyond(&self, x: f64) -> bool {
        if self.at_least { x >= self.value } else { x <= self.value }
    }

    /// The first measured step from which on the metric stays beyond the line; nothing if it does not at the end.
    pub fn reached(&self, measured: &[(u64, Measurements)]) -> Option<u64> {
        let beyond = |m: &Measurements| m.get(self.key).is_some_and(|x| self.is_beyond(x));
        let tail = measured.iter().rev().take_while(|(_, m)| beyond(m));
        tail.last().map(|(step, _)| *step)
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.at_least { "≥" } else { "≤" };
        write!(f, "{} {sign} {}", self.key, short(self.value))
    }
}

/// A number with as many digits as a person needs.
pub fn short(x: f64) -> String {
    let size = x.abs();
    if !x.is_finite() {
        "-".into()
    } else if x == 0.0 {
        "0".into()
    } else if !(1e-3..1e6).contains(&size) {
        format!("{x:.1e}")
    } else if size >= 100.0 {
        format!("{x:.1}")
    } else if size >= 1.0 {
        format!("{x:.2}")
    } else {
        format!("{x:.4}")
    }
}

/// All trials of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// What each arm is called.
    pub names: Vec<String>,
    /// By seed, then by arm: only seeds that every arm has finished.
    pub rows: Vec<Vec<Trial>>,
    /// The line whose crossing is timed.
    pub mark: Option<Mark>,
}

/// A number of every arm in every seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The metric's key, or one of the two names above.
    pub key: &'static str,
    /// By arm, then by seed; not a number where it is undefined, infinite where a mark was not reached.
    pub values: Vec<Vec<f64>>,
}

impl Line {
    /// The median over seeds of an arm; not a number where half of them have none.
    pub fn median(&self, arm: usize) -> f64 {
        median(&self.values[arm])
    }

    /// Differences between an arm and the first, seed by seed: infinite where one of the two never reached a mark, not a
    /// number where neither did.
    pub fn differences(&self, arm: usize) -> Vec<f64> {
        let pairs = self.values[arm].iter().zip(&self.values[0]);
        // Of two arms that never reached a mark nothing is known; both values are infinite.
        pairs.map(|(b, a)| b - a).collect()
    }

    /// How differences between an arm and the first lie over seeds; nothing where there are none.
    pub fn spread(&self, arm: usize) -> Option<Spread> {
        Spread::of(&self.differences(arm))
    }

    /// The sign test of an arm against the first.
    pub fn sign(&self, arm: usize) -> Sign {
        sign_test(&self.differences(arm))
    }
}

/// How numbers lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// A quarter of them is below.
    pub lower: f64,
    /// The median.
    pub middle: f64,
    /// A quarter of them is above.
    pub upper: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Spread {
    /// That of numbers, without those that are none; nothing if no number is left.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let (least, greatest) = (*sorted.first()?, *sorted.last()?);
        let (lower, upper) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
        Some(Self { least, lower, middle: median(&sorted), upper, greatest })
    }
}

/// The quantile of ascending values, between neighbours in proportion; not a number of none.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let (a, b) = (ascending[below], ascending[(below + 1).min(last)]);
    // Two infinite ones have no place between them.
    if part == 0.0 || a == b { a } else { a * (1.0 - part) + b * part }
}

/// The middle of numbers, or the mean of the two middle ones; not a number if there are none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n if sorted[n / 2 - 1] == sorted[n / 2] => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

impl Study {
    /// The line of a number that a function finds in a trial.
    pub fn line(&self, key: &'static str, of: impl Fn(&Trial) -> Option<f64>) -> Line {
        let arm = |k: usize| self.rows.iter().map(|row| of(&row[k]).unwrap_or(f64::NAN)).collect();
        Line { key, values: (0..self.names.len()).map(arm).collect() }
    }

    /// Every shared number: metrics of the end, the distance from the target angle, the steps to the mark. Those that
    /// no arm has are left out.
    pub fn lines(&self) -> Vec<Line> {
        let Some(first) = self.rows.first().and_then(|row| row.first()) else { return Vec::new() };
        let mut lines: Vec<Line> = first.last.values.iter().map(|(key, _)| self.metric(key)).collect();
        lines.push(self.line(FROM_TARGET, from_target));
        lines.extend(self.steps_to_mark());
        lines.retain(|line| line.values.iter().flatten().any(|x| !x.is_nan()));
        lines
    }

    /// The line of a metric at the end.
    pub fn metric(&self, key: &'static str) -> Line {
        self.line(key, |trial| trial.last.get(key))
    }

    /// Steps to the mark, where there is one: infinite of a trial that does not stay beyond it.
    pub fn steps_to_mark(&self) -> Option<Line> {
        let mark = self.mark.as_ref()?;
        let steps = |trial: &Trial| mark.reached(&trial.measured).map_or(f64::INFINITY, |step| step as f64);
        Some(self.line(STEPS_TO_MARK, |trial| Some(steps(trial))))
    }

    /// How many p stand in these lines, over all arms.
    pub fn tests(&self, lines: &[Line]) -> usize {
        let of = |line: &Line| (1..self.names.len()).filter(|arm| line.sign(*arm).p.is_some()).count();
        lines.iter().map(of).sum()
    }

    /// The loss of an arm at the end, as the median over seeds.
    pub fn loss(&self, arm: usize) -> f64 {
        median(&self.rows.iter().map(|row| row[arm].loss).collect::<Vec<_>>())
    }

    /// What is proved about the least loss of an arm, at the first seed.
    pub fn floor(&self, arm: usize) -> Option<&Floor> {
        self.rows.first().map(|row| &row[arm].floor)
    }
}

/// How far the smallest class angle is from that of the proved arrangement, in degrees.
pub fn from_target(trial: &Trial) -> Option<f64> {
    Some((trial.target_angle? - trial.last.get("min_class_angle_deg")?).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(angle: f64) -> Measurements {
        Measurements { values: vec![("min_class_angle_deg", Some(angle))], notes: Vec::new() }
    }

    #[test]
    fn a_mark_is_reached_where_it_is_not_left_again() {
        let mark = Mark { key: "min_class_angle_deg", at_least: true, value: 100.0 };
        let steps = |angles: &[f64]| -> Vec<(u64, Measurements)> {
            angles.iter().enumerate().map(|(k, angle)| (10 * k as u64, at(*angle))).collect()
        };
        assert_eq!(mark.reached(&steps(&[90.0, 101.0, 99.0, 102.0, 105.0])), Some(30));
        assert_eq!(mark.reached(&steps(&[90.0, 101.0, 99.0])), None);
        assert_eq!(mark.reached(&steps(&[100.0])), Some(0));
    }

    #[test]
    fn an_arm_that_never_reaches_a_mark_is_later_than_one_that_does() {
        let line = Line {
            key: STEPS_TO_MARK,
            values: vec![vec![100.0, 120.0, f64::INFINITY], vec![f64::INFINITY; 3]],
        };
        assert_eq!(line.median(0), 120.0);
        assert_eq!(line.median(1), f64::INFINITY);
        let sign = line.sign(1);
        assert_eq!((sign.plus, sign.minus, sign.ties), (2, 0, 0), "of the third nothing is known");
        assert!(!sign.stars(median(&line.differences(1))), "its difference is no number");
    }

    #[test]
    fn where_no_arm_reaches_a_mark_there_is_no_difference_and_no_p() {
        let never = vec![f64::INFINITY; 6];
        let line = Line { key: STEPS_TO_MARK, values: vec![never.clone(), never] };
        assert!(median(&line.differences(1)).is_nan());
        assert_eq!((line.sign(1).p, line.spread(1)), (None, None));
        let study = Study { names: vec!["a".into(), "b".into()], ..Study::default() };
        let other = Line { key: FROM_TARGET, values: vec![vec![1.0; 6], vec![2.0; 6]] };
        assert_eq!(study.tests(&[line, other]), 1);
    }

    #[test]
    fn the_median_of_differences_is_not_the_difference_of_medians() {
        let line = Line { key: FROM_TARGET, values: vec![vec![1.0, 2.0, 6.0], vec![5.0, 3.0, 4.0]] };
        assert_eq!(line.differences(1), [4.0, 1.0, -2.0]);
        assert_eq!(line.median(1) - line.median(0), 2.0);
        let spread = line.spread(1).unwrap();
        assert_eq!((spread.least, spread.lower, spread.middle), (-2.0, -0.5, 1.0));
        assert_eq!((spread.upper, spread.greatest), (2.5, 4.0));
        let late = Spread::of(&[1.0, f64::INFINITY, f64::INFINITY, f64::NAN]).unwrap();
        assert_eq!((late.middle, late.upper), (f64::INFINITY, f64::INFINITY));
    }

    #[test]
    fn medians_by_hand() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, f64::NAN, 3.0]), 2.5);
        assert!(median(&[f64::NAN]).is_nan());
    }
}
