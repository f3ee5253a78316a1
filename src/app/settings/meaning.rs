//! What the rows of the params pane do, for somebody who meets their names the first time. Those of an objective's
//! knobs stand with the objective.

use super::Setting;

/// What a row does; of a knob, whose words stand with its objective, nothing.
pub(super) const fn of(setting: Setting) -> &'static str {
    match setting {
        Setting::Objective => "What steps make smaller.",
        Setting::Weight(_) => "How much this term counts in the sum.",
        Setting::Knob(..) => "",
        Setting::Rate => "The learning rate: how far a step goes.",
        Setting::Optimizer => "How a gradient becomes a step: momentum (sgd), or a rate per number (adam).",
        Setting::Momentum => "How much of the step before goes on in the next.",
        Setting::Batch => "How many instances a step looks at; the rest stays where it is. 0: all of them.",
        Setting::DecayFeatures => {
            "Draws what makes the points towards 0: half of it times the sum of squares."
        }
        Setting::DecayWeights => "Draws the class weights towards 0: half of it times the sum of squares.",
        Setting::Moves => "What steps move; the rest stays where it is.",
        Setting::Classes => "How many classes there are.",
        Setting::PerClass => "How many instances each class has.",
        Setting::Dim => "How many coordinates a point has.",
        Setting::Views => "How many points each instance has: what losses on pairs pull together.",
        Setting::Imbalance => "How many times fewer instances the smallest class has than the largest.",
        Setting::LabelNoise => "The share of labels that are moved to another class.",
        Setting::Init => "Points begin at random, in two opposite clumps, or on class means.",
        Setting::Depth => "How many matrices make the points, or hidden layers a network has.",
        Setting::Width => "How many units a hidden layer has.",
    }
}
