//! What a lesson claims, as text: comparisons of sums, products and a few functions of measured quantities.
//!
//! ```text
//! check      = comparison { "and" comparison }
//! comparison = sum ( ">" | "<" | ">=" | "<=" ) sum  |  sum "=" sum [ "+-" sum ]
//! sum        = product { ("+" | "-") product }     product = factor { ("*" | "/") factor }
//! factor     = number | name | run.name | function "(" sum ")" | "(" sum ")" | "-" factor
//! ```

use super::quantity;

/// A function of one number.
pub type Function = fn(f64) -> f64;

/// The functions, in radians and natural logarithms; `deg` makes degrees of radians.
pub const FUNCTIONS: [(&str, Function); 8] = [
    ("ln", f64::ln),
    ("exp", f64::exp),
    ("sqrt", f64::sqrt),
    ("abs", f64::abs),
    ("cos", f64::cos),
    ("sin", f64::sin),
    ("acos", f64::acos),
    ("deg", f64::to_degrees),
];

/// A number that may depend on what is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Sum {
    /// Written out.
    Number(f64),
    /// A quantity, of a named run where there are several.
    Name(Option<String>, String),
    /// A function of [`FUNCTIONS`], by place.
    Call(usize, Box<Self>),
    /// Two numbers and `+`, `-`, `*` or `/`.
    Both(Box<Self>, char, Box<Self>),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The left side.
    pub left: Sum,
    /// How it should compare.
    pub sign: Sign,
    /// The right side.
    pub right: Sum,
    /// The text of the left side.
    pub what: String,
}

/// How two numbers compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Sign {
    /// `>`, or `>=`.
    Above(bool),
    /// `<`, or `<=`.
    Below(bool),
    /// `=`, up to a tolerance.
    Equal(Sum),
}

/// A comparison with the numbers of a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the left side says.
    pub what: String,
    /// The same in words for a learner.
    pub words: String,
    /// Its value; `None` while something in it is not known.
    pub value: Option<f64>,
    /// The value with its unit, in as many digits as the comparison needs.
    pub now: String,
    /// What it is compared with, in words.
    pub wanted: String,
    /// Whether it holds.
    pub holds: bool,
}

/// Looks up a quantity: the run it is of, if one is named, and its name.
pub type Lookup<'a> = &'a dyn Fn(Option<&str>, &str) -> Option<f64>;

impl Sum {
    /// Its value, where everything in it is known.
    pub fn value(&self, look: Lookup<'_>) -> Option<f64> {
        Some(match self {
            Self::Number(x) => *x,
            Self::Name(run, name) => look(run.as_deref(), name)?,
            Self::Call(place, inner) => FUNCTIONS[*place].1(inner.value(look)?),
            Self::Both(a, sign, b) => {
                let (a, b) = (a.value(look)?, b.value(look)?);
                match sign {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ => a / b,
                }
            }
        })
    }

    /// Calls `visit` with every quantity it names.
    pub fn names(&self, visit: &mut dyn FnMut(Option<&str>, &str)) {
        match self {
            Self::Number(_) => {}
            Self::Name(run, name) => visit(run.as_deref(), name),
            Self::Call(_, inner) => inner.names(visit),
            Self::Both(a, _, b) => {
                a.names(visit);
                b.names(visit);
            }
        }
    }
}

impl Comparison {
    /// How it stands. A number that is not finite satisfies nothing.
    pub fn outcome(&self, look: Lookup<'_>) -> Outcome {
        let (left, right) = (self.left.value(look), self.right.value(look));
        let known = left.zip(right).filter(|(l, r)| l.is_finite() && r.is_finite());
        let (words, unit) = self.words();
        let tell = |x: Option<f64>, fine: f64| x.map_or("?".to_owned(), |x| told(x, fine, unit));
        // Two numbers that are near each other need more digits to be told apart.
        let apart = known.map_or(f64::NAN, |(l, r)| (l - r).abs());
        let (holds, now, wanted) = match &self.sign {
            Sign::Above(or) => (
                known.is_some_and(|(l, r)| l > r || (*or && l >= r)),
                tell(left, apart),
                format!("{} {}", if *or { "at least" } else { "more than" }, tell(right, apart)),
            ),
            Sign::Below(or) => (
                known.is_some_and(|(l, r)| l < r || (*or && l <= r)),
                tell(left, apart),
                format!("{} {}", if *or { "at most" } else { "less than" }, tell(right, apart)),
            ),
            Sign::Equal(within) => {
                let within = within.value(look);
                let near = known.zip(within).is_some_and(|((l, r), w)| (l - r).abs() <= w);
                let fine = within.filter(|w| *w > 0.0);
                let margin = fine.map_or(String::new(), |w| format!(" ± {}", told(w, w, unit)));
                let fine = fine.unwrap_or(apart);
                (near, tell(left, fine), format!("{}{margin}", tell(right, fine)))
            }
        };
        Outcome { what: self.what.clone(), words, value: left, now, wanted, holds }
    }

    /// The left side in words, and the unit of its number.
    fn words(&self) -> (String, &'static str) {
        if let Sum::Name(run, name) = &self.left {
            let (words, unit) = quantity::words(name);
            return (run.as_ref().map_or(words.clone(), |run| format!("{run}: {words}")), unit);
        }
        // A formula stays one; its names lose what only a computer needs.
        (self.what.replace("_deg", "").replace('_', " "), "")
    }

    /// Calls `visit` with every quantity it names.
    pub fn names(&self, visit: &mut dyn FnMut(Option<&str>, &str)) {
        self.left.names(visit);
        self.right.names(visit);
        if let Sign::Equal(within) = &self.sign {
            within.names(visit);
        }
    }
}

/// A number with its unit in four digits, or in as many more as tell it from another one that is `fine` away.
fn told(x: f64, fine: f64, unit: &str) -> String {
    let (x, fine) = if unit == "%" { (100.0 * x, 100.0 * fine) } else { (x, fine) };
    let unit = if unit == "%" { " %" } else { unit };
    let size = x.abs();
    if !x.is_finite() || x == 0.0 || !(1e-3..1e6).contains(&size) {
        return format!("{}{unit}", if x == 0.0 { "0".to_owned() } else { format!("{x:.2e}") });
    }
    let place = |x: f64| x.abs().log10().floor();
    let usual = 3.0 - place(size);
    let digits = match fine {
        fine if fine > 0.0 && fine.is_finite() => {
            usual.min(1.0 - place(fine)).max(-place(fine)).max(1.0 - place(size))
        }
        _ => usual,
    };
    let text = format!("{x:.0$}", digits.clamp(0.0, 6.0) as usize);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

/// Reads a check.
///
/// # Errors
/// One sentence with the column.
pub fn parse(text: &str) -> Result<Vec<Comparison>, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let mut all = Vec::new();
    loop {
        all.push(reader.comparison()?);
        if reader.word("and") {
            continue;
        }
        reader.space();
        if reader.at == text.len() {
            return Ok(all);
        }
        return Err(reader.wrong("\"and\" or the end"));
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// Deeper brackets are refused.
const DEEPEST: usize = 32;

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn wrong(&self, wanted: &str) -> String {
        let column = self.text[..self.at].chars().count() + 1;
        match self.rest().chars().next() {
            Some(c) => format!(
                "expected {wanted} at column {column} of the check, not \"{}\"",
                crate::data::printable(&c.to_string())
            ),
            None => format!("expected {wanted} at the end of the check"),
        }
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        let there = self.rest().strip_prefix(word).is_some_and(|after| !after.starts_with(in_name));
        if there {
            self.at += word.len();
        }
        there
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        self.space();
        let begins = self.at;
        let left = self.sum()?;
        let what = self.text[begins..self.at].trim().to_owned();
        let sign = [(">=", '}'), ("<=", '{'), (">", '>'), ("<", '<'), ("=", '=')]
            .into_iter()
            .find_map(|(token, sign)| self.take(token).then_some(sign))
            .ok_or_else(|| self.wrong("one of > < >= <= ="))?;
        let right = self.sum()?;
        let sign = match sign {
            '}' => Sign::Above(true),
            '{' => Sign::Below(true),
            '>' => Sign::Above(false),
            '<' => Sign::Below(false),
            _ if self.take("+-") || self.take("±") => Sign::Equal(self.sum()?),
            _ => Sign::Equal(Sum::Number(0.0)),
        };
        Ok(Comparison { left, sign, right, what })
    }

    fn sum(&mut self) -> Result<Sum, String> {
        let mut so_far = self.product()?;
        loop {
            self.space();
            let sign = match self.rest().chars().next() {
                Some(c @ ('+' | '-')) if !self.rest().starts_with("+-") => c,
                _ => return Ok(so_far),
            };
            self.at += 1;
            so_far = Sum::Both(Box::new(so_far), sign, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Sum, String> {
        let mut so_far = self.factor()?;
        loop {
            self.space();
            let Some(sign @ ('*' | '/')) = self.rest().chars().next() else { return Ok(so_far) };
            self.at += 1;
            so_far = Sum::Both(Box::new(so_far), sign, Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Sum, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the check has more than {DEEPEST} brackets or signs within each other"));
        }
        let factor = self.factor_within();
        self.depth -= 1;
        factor
    }

    fn factor_within(&mut self) -> Result<Sum, String> {
        if self.take("-") {
            return Ok(Sum::Both(Box::new(Sum::Number(0.0)), '-', Box::new(self.factor()?)));
        }
        if self.take("(") {
            let inner = self.sum()?;
            return if self.take(")") { Ok(inner) } else { Err(self.wrong("\")\"")) };
        }
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.number();
        }
        let name = self.name()?;
        if self.take(".") {
            let of = self.name()?;
            return Ok(Sum::Name(Some(name), self.with_step(of)));
        }
        if self.rest().starts_with('(') && name != "loss_at" {
            self.at += 1;
            let functions = FUNCTIONS.iter().map(|(known, _)| *known);
            let near = crate::experiment::nearest::did_you_mean(&name, functions);
            let place = FUNCTIONS.iter().position(|(known, _)| *known == name);
            let place = place.ok_or_else(|| format!("unknown function \"{name}\" in the check{near}"))?;
            let inner = Box::new(self.sum()?);
            return if self.take(")") { Ok(Sum::Call(place, inner)) } else { Err(self.wrong("\")\"")) };
        }
        if name == "pi" {
            return Ok(Sum::Number(std::f64::consts::PI));
        }
        Ok(Sum::Name(None, self.with_step(name)))
    }

    /// `loss_at(200)` is one name.
    fn with_step(&mut self, name: String) -> String {
        if name == "loss_at"
            && let Some(end) = self.rest().find(')')
            && self.rest().starts_with('(')
        {
            let step: String = self.rest()[1..end].chars().filter(|c| !c.is_whitespace()).collect();
            self.at += end + 1;
            return format!("loss_at({step})");
        }
        name
    }

    fn name(&mut self) -> Result<String, String> {
        self.space();
        let length = self.rest().find(|c| !in_name(c)).unwrap_or(self.rest().len());
        if length == 0 || self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.wrong("a number, a name or a bracket"));
        }
        let name = self.rest()[..length].to_owned();
        self.at += length;
        Ok(name)
    }

    fn number(&mut self) -> Result<Sum, String> {
        let mut end = 0;
        let bytes = self.rest().as_bytes();
        while end < bytes.len() {
            let exponent = end > 0 && matches!(bytes[end - 1], b'e' | b'E');
            match bytes[end] {
                b'0'..=b'9' | b'.' | b'e' | b'E' => end += 1,
                b'+' | b'-' if exponent => end += 1,
                _ => break,
            }
        }
        let number = self.rest()[..end].parse().map_err(|_| self.wrong("a number"))?;
        self.at += end;
        Ok(Sum::Number(number))
    }
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let look = |run: Option<&str>, name: &str| match (run, name) {
            (None, "x") => Some(3.0),
            (Some("a"), "x") => Some(5.0),
            (None, "loss_at(10)") => Some(0.5),
            _ => None,
        };
        parse(text).unwrap().iter().all(|comparison| comparison.outcome(&look).holds)
    }

    #[test]
    fn claims_are_right_or_wrong() {
        for right in [
            "x > 2",
            "x = 3",
            "x = 3.1 +- 0.2",
            "x = 3.1 ± 0.2 and a.x >= 5",
            "-x + 2*(x - 1) = 1",
            "deg(acos(-1/3)) = 109.4712 +- 1e-3",
            "loss_at(10) < 1",
            "ln(exp(x)) = 3 +- 1e-12",
            "1 - 2 - 3 = -4",
        ] {
            assert!(holds(right), "{right}");
        }
        for wrong in ["x > 3", "x = 3.1", "y > 0", "x > 2 and x < 1", "x/0 > 1", "x = 3.5 +- 0.2"] {
            assert!(!holds(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_learner_reads_words_units_and_as_many_digits_as_matter() {
        let read = |text: &str, value: f64| {
            let outcome = parse(text).unwrap()[0].outcome(&|_, _| Some(value));
            format!("{}: {}, wanted {}", outcome.words, outcome.now, outcome.wanted)
        };
        assert_eq!(
            read("min_class_angle = deg(acos(-1/3)) +- 1", 88.585_751),
            "smallest angle between class means: 88.6°, wanted 109.5° ± 1°"
        );
        assert_eq!(
            read("floor = 0.58266 +- 1e-5", 0.582_659_8),
            "floor of the loss: 0.58266, wanted 0.58266 ± 1.00e-5"
        );
        assert_eq!(
            read("pca_2d_share = 0.2222 +- 0.01", 0.223_456),
            "variance that the best plane shows: 22.3 %, wanted 22.2 % ± 1 %"
        );
        assert_eq!(read("first_loss > 0.03", 8.677_123), "first loss: 8.7, wanted more than 0.03");
        assert_eq!(
            read("a.mean_within_angle_deg < 5", 4.999_12),
            "a: mean angle between a row and its class mean: 4.9991°, wanted less than 5°"
        );
        assert!(
            read("max_class_cos - min_class_cos < 0.02", 0.5)
                .starts_with("max class cos - min class cos: 0,")
        );
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_column() {
        assert_eq!(parse("x").unwrap_err(), "expected one of > < >= <= = at the end of the check");
        assert_eq!(parse("x > (2").unwrap_err(), "expected \")\" at the end of the check");
        assert_eq!(
            parse("x > 2 or y > 1").unwrap_err(),
            "expected \"and\" or the end at column 7 of the check, not \"o\""
        );
        assert_eq!(
            parse("sqr(x) > 2").unwrap_err(),
            "unknown function \"sqr\" in the check; did you mean sqrt?"
        );
        assert!(parse(&("(".repeat(10_000) + "x")).is_err());
        assert!(parse("x > ±").is_err());
    }
}
