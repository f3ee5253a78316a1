//! What is proved about where a loss ends: its floor, the frame that reaches it, the conditions.

/// The situation a floor is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Rows of each class that is present.
    pub counts: Vec<usize>,
    /// C: the number of class weights, classes without rows included.
    pub classes: usize,
    /// d.
    pub dim: usize,
    /// Rows of each instance: 1 without views.
    pub views: Vec<usize>,
    /// Whether every row's label is the class it was drawn from.
    pub clean: bool,
    /// Decay of features, λ_H in sum form.
    pub decay_features: f64,
    /// Decay of class weights, λ_W in sum form.
    pub decay_weights: f64,
    /// Decay of the bias; `None` when there is no bias.
    pub bias: Option<f64>,
    /// Whether the rows are kept on the sphere.
    pub sphere: bool,
    /// What makes the rows.
    pub origin: Origin,
}

/// What makes the rows that a loss is put on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// They are free themselves.
    #[default]
    Free,
    /// A product of matrices on free rows; `decay_weights` is that of each matrix.
    Linear {
        /// How many, the class weights included: at least 2.
        matrices: usize,
    },
    /// A network on given inputs; `decay_features` is that of its matrices.
    Mlp,
}

/// What is proved about the least value.
#[derive(Clone, Debug, PartialEq)]
pub enum Floor {
    /// The loss cannot be below `value`, and `frame` reaches it.
    Proved {
        /// The least value.
        value: f64,
        /// The arrangement that reaches it.
        frame: Frame,
    },
    /// The loss comes as near as you like to the value but has no minimum.
    Infimum {
        /// The value it approaches.
        value: f64,
        /// Why there is no minimum.
        why: String,
    },
    /// Nothing is proved here; the sentence says which condition fails.
    Unknown(String),
}

/// The arrangement of class means (or of rows) that reaches a floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Classes collapsed on a simplex equiangular tight frame.
    Simplex,
    /// Classes collapsed on orthogonal directions.
    Orthogonal,
    /// Orthogonal with lengths of their own.
    GeneralOrthogonal,
    /// Instances collapsed on a simplex, whatever their class.
    InstanceSimplex,
    /// The rows themselves spread as a simplex.
    RowSimplex,
    /// The rows themselves at ± the coordinate axes.
    CrossPolytope,
    /// Twelve rows on an icosahedron.
    Icosahedron,
    /// Classes collapsed on a regular polygon of the circle.
    Polygon,
    /// Positives together, nothing more is asked.
    Together,
    /// Lengths and angles of their own, as a convex problem has them.
    Computed,
    /// Any arrangement whose mean is zero.
    ZeroMean,
    /// Everything at the origin.
    Origin,
    /// No single frame is named.
    Other,
}

impl Floor {
    /// The bound, for what is minimised.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Proved { value, .. } | Self::Infimum { value, .. } => Some(*value),
            Self::Unknown(_) => None,
        }
    }

    /// What its value is called wherever a line or a number stands for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Infimum { .. } => "infimum",
            Self::Proved { .. } | Self::Unknown(_) => "floor",
        }
    }

    /// The word and the value, written by `number`: `floor 0.0144`, `infimum 0`. Nothing where nothing is proved.
    pub fn label(&self, number: impl Fn(f64) -> String) -> Option<String> {
        Some(format!("{} {}", self.word(), number(self.value()?)))
    }

    /// Whether a loss is as near to a floor that can be met as counts as there: 1e-6.
    pub fn is_met(&self, loss: f64) -> bool {
        matches!(self, Self::Proved { value, .. } if (loss - value).abs() <= 1e-6)
    }
}

impl Case {
    /// Whether all classes are present with equally many rows.
    pub fn balanced(&self) -> bool {
        self.counts.len() == self.classes && self.counts.windows(2).all(|w| w[0] == w[1])
    }

    /// N, the number of rows.
    pub fn rows(&self) -> usize {
        self.counts.iter().sum()
    }

    /// `Ok` when a simplex of all classes can be reached by all of them alike; else the reason.
    pub fn simplex(&self) -> Result<(), String> {
        if self.classes < 2 {
            return Err("a floor needs at least two classes".into());
        }
        if !self.clean {
            return Err("labels are noisy: the proof needs clean labels".into());
        }
        if !self.balanced() {
            return Err("classes are not balanced: no floor known".into());
        }
        if self.classes > self.dim + 1 {
            return Err(format!(
                "C = {} > d + 1 = {}: the simplex does not fit and no floor is known{}",
                self.classes,
                self.dim + 1,
                super::codes::best_angle_words(self.classes, self.dim)
            ));
        }
        Ok(())
    }
}
