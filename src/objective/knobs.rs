//! The parameters of objectives: what they are called, what they may be, what they are.

/// How many parameters an objective may have.
pub const MOST: usize = 8;

/// A named parameter of an objective.
#[derive(Clone, Copy, Debug)]
pub struct Knob {
    /// The name scripts use.
    pub name: &'static str,
    /// Its letter in the formula.
    pub symbol: &'static str,
    /// One sentence on what it does.
    pub meaning: &'static str,
    /// Its value unless one is given.
    pub default: Default,
    /// What it may be.
    pub range: Range,
}

/// The value of a knob that nobody set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// A number.
    Number(f64),
    /// One of the choices.
    Choice(&'static str),
    /// log C, C being the number of classes.
    LogClasses,
}

/// The values a knob may have.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    /// A number.
    Number {
        /// The slider's ends; typing may go beyond.
        soft: (f64, f64),
        /// What mathematics allows.
        hard: Hard,
        /// Whether the slider moves by factors.
        log: bool,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A bound that mathematics sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hard {
    /// Any finite number.
    Finite,
    /// x > 0 and finite.
    Positive,
    /// x ≥ 0 and finite.
    NonNegative,
    /// 0 ≤ x < the number.
    Below(f64),
}

impl Hard {
    /// Whether `x` is within the bound.
    pub fn allows(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Self::Finite => true,
                Self::Positive => x > 0.0,
                Self::NonNegative => x >= 0.0,
                Self::Below(end) => (0.0..end).contains(&x),
            }
    }
}

impl std::fmt::Display for Hard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Finite => write!(f, "a finite number"),
            Self::Positive => write!(f, "a finite number above 0"),
            Self::NonNegative => write!(f, "a finite number of at least 0"),
            Self::Below(end) => write!(f, "at least 0 and below {end:.4}"),
        }
    }
}

impl Knob {
    /// A knob with a number.
    pub const fn number(
        name: &'static str,
        symbol: &'static str,
        meaning: &'static str,
        default: f64,
        soft: (f64, f64),
        hard: Hard,
    ) -> Self {
        let range = Range::Number { soft, hard, log: false };
        Self { name, symbol, meaning, default: Default::Number(default), range }
    }

    /// A knob with a number, moved by factors.
    pub const fn log_number(
        name: &'static str,
        symbol: &'static str,
        meaning: &'static str,
        default: f64,
        soft: (f64, f64),
        hard: Hard,
    ) -> Self {
        let range = Range::Number { soft, hard, log: true };
        Self { name, symbol, meaning, default: Default::Number(default), range }
    }

    /// A knob with a choice of words.
    pub const fn choice(
        name: &'static str,
        meaning: &'static str,
        default: &'static str,
        words: &'static [&'static str],
    ) -> Self {
        Self { name, symbol: name, meaning, default: Default::Choice(default), range: Range::Choice(words) }
    }

    /// The value of the knob when nobody set it: for a choice its place in the list.
    pub fn default_value(&self, classes: usize) -> f64 {
        match self.default {
            Default::Number(x) => x,
            Default::Choice(word) => self.place(word).unwrap_or(0) as f64,
            Default::LogClasses => (classes.max(1) as f64).ln(),
        }
    }

    /// Where `word` stands among the choices.
    pub fn place(&self, word: &str) -> Option<usize> {
        match self.range {
            Range::Choice(words) => words.iter().position(|w| *w == word),
            Range::Number { .. } => None,
        }
    }

    /// The value as it is written in an expression.
    pub fn show(&self, value: f64) -> String {
        match self.range {
            Range::Choice(words) => words.get(value as usize).copied().unwrap_or("?").to_owned(),
            Range::Number { .. } if value != 0.0 && !(1e-6..1e9).contains(&value.abs()) => {
                format!("{value:e}")
            }
            Range::Number { .. } => format!("{value}"),
        }
    }
}

/// The values of an objective's knobs, in the order of [`super::Objective::knobs`].
///
/// A choice is the place of its word in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Knobs(pub [f64; MOST]);

impl Knobs {
    /// The defaults of `knobs` for a problem with so many classes.
    pub fn defaults(knobs: &[Knob], classes: usize) -> Self {
        let mut values = [0.0; MOST];
        for (value, knob) in values.iter_mut().zip(knobs) {
            *value = knob.default_value(classes);
        }
        Self(values)
    }

    /// The defaults of `knobs`, but with the numbers that knobs of the same name have in `terms`, where they may: what
    /// is compared differs in as little as possible.
    pub fn like(knobs: &[Knob], terms: &[super::Term], classes: usize) -> Self {
        let mut like = Self::defaults(knobs, classes);
        for (value, knob) in like.0.iter_mut().zip(knobs) {
            let kept = terms.iter().find_map(|term| {
                let place = term.objective.knobs().iter().position(|other| other.name == knob.name)?;
                Some(term.knobs.exact(place))
            });
            if let (Some(kept), Range::Number { hard, .. }) = (kept, knob.range)
                && hard.allows(kept)
            {
                *value = kept;
            }
        }
        like
    }

    /// Knob `i` for exact calculations.
    #[inline(always)]
    pub fn exact(&self, i: usize) -> f64 {
        self.0[i]
    }

    /// Knob `i` for the fast ones.
    #[inline(always)]
    pub fn fast(&self, i: usize) -> f32 {
        self.0[i] as f32
    }

    /// The place of the word that knob `i` is set to.
    #[inline(always)]
    pub fn choice(&self, i: usize) -> usize {
        self.0[i] as usize
    }
}
