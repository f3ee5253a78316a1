//! One axis: its range, its ticks and the words for them.
//!
//! Where an axis stands on the page is the panel's business.

use super::powers::superscript;
use crate::minus::typeset;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spread {
    Linear,
    /// By the decimal logarithm; the range is positive.
    Log,
    /// Whole numbers from 0, for what is counted.
    Places,
    /// Degrees, ticks at multiples that people know: 15, 30, 45, 60, 90.
    Degrees,
}

/// A range of values with a label, `low < high`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) label: String,
    spread: Spread,
}

/// A labelled position on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) text: String,
}

/// No axis reaches beyond this, so that no difference of two values overflows.
const LARGEST: f64 = 1e300;

/// Smallest and largest of the finite values, or nothing without any.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).map(|v| v.clamp(-LARGEST, LARGEST)).fold(None, |seen, v| {
        match seen {
            None => Some((v, v)),
            Some((low, high)) => Some((v.min(low), v.max(high))),
        }
    })
}

impl Axis {
    /// A linear axis over an extent widened by a share of its length on each side.
    ///
    /// A single value gets room around it; no values at all give 0 to 1.
    pub(super) fn linear(label: &str, extent: Option<(f64, f64)>, below: f64, above: f64) -> Self {
        let (low, high) = extent.unwrap_or((0.0, 1.0));
        let (low, high) = if high - low > 1e-9 * low.abs().max(high.abs()) && high - low > 1e-300 {
            (low, high)
        } else {
            let room = if low == 0.0 { 1.0 } else { (0.1 * low.abs()).max(1e-290) };
            (low - room, high + room)
        };
        let span = high - low;
        Self {
            low: low - below * span,
            high: high + above * span,
            label: label.to_owned(),
            spread: Spread::Linear,
        }
    }

    /// A logarithmic axis over a positive extent, widened by shares of its length in decades.
    pub(super) fn log(label: &str, extent: (f64, f64), below: f64, above: f64) -> Self {
        let (low, high) = (extent.0.max(1e-300).log10(), extent.1.max(1e-300).log10());
        let (low, high) = if high - low > 1e-6 { (low, high) } else { (low - 0.5, high + 0.5) };
        let span = high - low;
        Self {
            low: 10f64.powf((low - below * span).max(-305.0)),
            high: 10f64.powf((high + above * span).min(305.0)),
            label: label.to_owned(),
            spread: Spread::Log,
        }
    }

    /// A linear axis over things that are counted from 0, half a place wider on both sides: ticks at whole numbers.
    pub(super) fn places(label: &str, count: usize) -> Self {
        let high = count.max(1) as f64 - 0.5;
        Self { low: -0.5, high, label: label.to_owned(), spread: Spread::Places }
    }

    /// A linear axis over steps: as [`Axis::linear`], with ticks at whole numbers.
    pub(super) fn steps(label: &str, extent: Option<(f64, f64)>, above: f64) -> Self {
        Self { spread: Spread::Places, ..Self::linear(label, extent, 0.0, above) }
    }

    /// The axis of angles from 0 to 180 degrees.
    pub(super) fn degrees(label: &str) -> Self {
        Self::angles(label, [0.0, 180.0])
    }

    /// An axis of angles from one to another.
    pub(super) fn angles(label: &str, [low, high]: [f64; 2]) -> Self {
        Self { low, high, label: label.to_owned(), spread: Spread::Degrees }
    }

    /// Where a value lies: 0 at the low end, 1 at the high end; values beyond the range go to the ends.
    pub(super) fn share(&self, value: f64) -> f64 {
        let share = if self.spread == Spread::Log {
            let low = self.low.log10();
            (value.max(1e-305).log10() - low) / (self.high.log10() - low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// Makes the range longer by a factor, keeping its middle (linear axes only).
    pub(super) fn stretch(&mut self, factor: f64) {
        let middle = f64::midpoint(self.low, self.high);
        let half = (self.high - self.low) / 2.0 * factor;
        (self.low, self.high) = (middle - half, middle + half);
    }

    /// The most ticks, up to `most`, whose texts `fit` beside each other.
    pub(super) fn ticks(&self, most: usize, fit: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
        (1..=most.max(1))
            .rev()
            .map(|count| self.some_ticks(count))
            .find(|ticks| fit(ticks))
            .unwrap_or_default()
    }

    /// The same, but two at least wherever the next finer ones have room: one number does not say how an axis goes on.
    pub(super) fn two_ticks(&self, most: usize, fit: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
        let usual = self.ticks(most, &fit);
        if usual.len() < 2 { self.ticks(most + 3, fit) } else { usual }
    }

    fn some_ticks(&self, most: usize) -> Vec<Tick> {
        match self.spread {
            Spread::Linear => linear_ticks(self.low, self.high, nice_step(self.high - self.low, most)),
            Spread::Places => {
                linear_ticks(self.low, self.high, nice_step(self.high - self.low, most).max(1.0))
            }
            Spread::Degrees => {
                let wanted = 180.0 / most as f64;
                let step = [15.0, 30.0, 45.0, 60.0, 90.0].into_iter().find(|&s| s >= wanted).unwrap_or(180.0);
                linear_ticks(self.low, self.high, step)
            }
            Spread::Log => self.log_ticks(most),
        }
    }

    fn log_ticks(&self, most: usize) -> Vec<Tick> {
        let (first, last) =
            ((self.low.log10() - 1e-9).ceil() as i32, (self.high.log10() + 1e-9).floor() as i32);
        if last > first {
            let stride = ((last - first) as usize).div_ceil(most).max(1);
            let aligned = |n: &i32| n.rem_euclid(stride as i32) == 0;
            let decade = |n| Tick { value: 10f64.powi(n), text: format!("10{}", superscript(n)) };
            return (first..=last).filter(aligned).map(decade).collect();
        }
        // Less than two decades in sight: 1, 2, 5, and within a factor of two plain linear steps.
        let around = (first - 1).min(last)..=last.max(first);
        let few: Vec<Tick> = around
            .flat_map(|n| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(n)))
            .filter(|v| (self.low..=self.high).contains(v))
            .map(|value| Tick { value, text: number(value, value) })
            .collect();
        if (2..=most.max(2)).contains(&few.len()) {
            return few;
        }
        linear_ticks(self.low, self.high, nice_step(self.high - self.low, most))
    }

    /// How many powers of ten a logarithmic axis spans.
    pub(super) fn decades(&self) -> f64 {
        if self.spread == Spread::Log { self.high.log10() - self.low.log10() } else { 0.0 }
    }

    /// Unlabelled positions between the ticks of a logarithmic axis: 2 to 9 times each power of ten.
    pub(super) fn minor(&self) -> Vec<f64> {
        if self.spread != Spread::Log || self.decades() > 9.0 {
            return Vec::new();
        }
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        (first..=last)
            .flat_map(|n| (2..10).map(move |m| f64::from(m) * 10f64.powi(n)))
            .filter(|v| (self.low..=self.high).contains(v))
            .collect()
    }
}

/// The smallest of 1, 2, 5 times a power of ten that gives at most about `most` steps.
fn nice_step(span: f64, most: usize) -> f64 {
    let raw = span / most.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|m| m * power)
        .find(|&step| step >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

fn linear_ticks(low: f64, high: f64, step: f64) -> Vec<Tick> {
    let first = (low / step - 1e-6).ceil();
    // The division says how many there are; the bound keeps a step lost in rounding from running on.
    (0..100)
        .map(|k| (first + f64::from(k)) * step)
        .take_while(|&value| value <= high + 1e-6 * step)
        .map(|value| Tick { value, text: number(value, step) })
        .collect()
}

/// A number with as many decimals as the step between ticks asks for, in powers of ten where it is large or tiny.
pub(super) fn number(value: f64, step: f64) -> String {
    if value.abs() < 1e-6 * step.abs() || value == 0.0 {
        return "0".to_owned();
    }
    let step_power = (step.abs().log10() + 1e-9).floor() as i32;
    let mut power = (value.abs().log10() + 1e-9).floor() as i32;
    // What rounds up to ten is one of the next power.
    let kept = 10f64.powi((power - step_power).clamp(0, 9));
    power += i32::from((value.abs() / 10f64.powi(power) * kept).round() >= 10.0 * kept);
    let text = if power >= 5 || step_power < -4 && power < -2 {
        let decimals = (power - step_power).clamp(0, 9) as usize;
        let mantissa = value / 10f64.powi(power);
        format!("{}×10{}", trimmed(&format!("{mantissa:.decimals$}")), superscript(power))
    } else {
        format!("{value:.decimals$}", decimals = (-step_power).clamp(0, 9) as usize)
    };
    typeset(&text).into_owned()
}

/// A number with so many significant digits, in powers of ten where it is large or tiny.
pub fn significant(value: f64, digits: u32) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "NaN".to_owned() } else { value.to_string() };
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = digits.max(1) as usize - 1;
    // Rounded first: what rounds up to ten is one of the next power.
    let rounded = format!("{value:.decimals$e}");
    let (mantissa, power) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let text = if (-3..5).contains(&power) {
        let decimals = (decimals as i32 - power).max(0) as usize;
        trimmed(&format!("{value:.decimals$}")).to_owned()
    } else {
        format!("{}×10{}", trimmed(mantissa), superscript(power))
    };
    typeset(&text).into_owned()
}

fn trimmed(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, most: usize) -> Vec<String> {
        axis.ticks(most, |_| true).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        assert_eq!(
            texts(&Axis::linear("", Some((0.0, 1.0)), 0.0, 0.0), 5),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            texts(&Axis::linear("", Some((-1.2, 1.2)), 0.0, 0.0), 5),
            ["−1.0", "−0.5", "0", "0.5", "1.0"]
        );
        assert_eq!(
            texts(&Axis::linear("", Some((0.0, 2000.0)), 0.0, 0.0), 4),
            ["0", "500", "1000", "1500", "2000"]
        );
        assert_eq!(
            texts(&Axis::linear("", Some((0.0, 4e5)), 0.0, 0.0), 4),
            ["0", "1×10⁵", "2×10⁵", "3×10⁵", "4×10⁵"]
        );
    }

    #[test]
    fn decades_are_written_as_powers() {
        let axis = Axis::log("", (1e-4, 10.0), 0.0, 0.0);
        assert_eq!(texts(&axis, 8), ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]);
        assert_eq!(texts(&axis, 3), ["10⁻⁴", "10⁻²", "10⁰"]);
        assert_eq!(texts(&Axis::log("", (0.15, 3.0), 0.0, 0.0), 6), ["0.2", "0.5", "1", "2"]);
        assert!(texts(&Axis::log("", (1.0, 1.3), 0.0, 0.0), 6).len() >= 3);
    }

    #[test]
    fn a_value_lies_where_its_logarithm_says() {
        let axis = Axis::log("", (1.0, 100.0), 0.0, 0.0);
        assert!((axis.share(10.0) - 0.5).abs() < 1e-12);
        assert_eq!(axis.share(0.0), 0.0);
        assert_eq!(Axis::degrees("").share(90.0), 0.5);
    }

    #[test]
    fn degenerate_ranges_get_room() {
        for values in
            [vec![], vec![0.0], vec![3.5, 3.5], vec![1e300, -1e300], vec![f64::MAX], vec![1e-300, 0.0]]
        {
            let axis = Axis::linear("", extent(values.clone()), 0.05, 0.05);
            assert!(
                axis.low < axis.high && axis.low.is_finite() && axis.high.is_finite(),
                "{values:?}: {axis:?}"
            );
            assert!(axis.ticks(6, |_| true).len() >= 2, "{values:?}: {axis:?}");
        }
    }

    #[test]
    fn what_is_counted_has_whole_ticks() {
        assert_eq!(texts(&Axis::places("", 4), 9), ["0", "1", "2", "3"]);
        assert_eq!(texts(&Axis::places("", 100), 5), ["0", "20", "40", "60", "80"]);
        assert_eq!(number(9.7e-8, 1e-8), "1×10⁻⁷");
        assert_eq!(number(9.4e-8, 1e-8), "9×10⁻⁸");
    }

    #[test]
    fn steps_are_whole_and_numbers_keep_their_digits_whatever_their_size() {
        assert_eq!(texts(&Axis::steps("", Some((0.0, 1.0)), 0.01), 8), ["0", "1"]);
        assert_eq!(texts(&Axis::steps("", Some((0.0, 5.0)), 0.01), 8), ["0", "1", "2", "3", "4", "5"]);
        let words = [
            0.0,
            1.23e-5,
            1e-4,
            0.0033,
            0.014_38,
            2.129_386,
            109.471_22,
            3.28e-8,
            -6.5e12,
            0.099_999_9,
            f64::NAN,
        ];
        let expected = [
            "0",
            "1.23×10⁻⁵",
            "1×10⁻⁴",
            "0.0033",
            "0.01438",
            "2.129",
            "109.5",
            "3.28×10⁻⁸",
            "−6.5×10¹²",
            "0.1",
            "NaN",
        ];
        assert_eq!(words.map(|x| significant(x, 4)), expected);
    }

    #[test]
    fn angles_have_ticks_people_know() {
        assert_eq!(texts(&Axis::degrees(""), 6), ["0", "30", "60", "90", "120", "150", "180"]);
        assert_eq!(texts(&Axis::degrees(""), 2), ["0", "90", "180"]);
    }
}
