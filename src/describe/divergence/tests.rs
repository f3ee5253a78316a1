use super::*;
use crate::engine::Precision;

fn cast() -> Cast {
    Cast {
        labels: (0..20).map(|row| row % 3).collect(),
        labelled: true,
        classes: 3,
        label_names: Some(["cat", "dog", " "].map(str::to_owned).to_vec()),
        ..Cast::default()
    }
}

fn found(term: &'static str, what: What) -> Diagnosis {
    Diagnosis {
        step: 4,
        term: Some(term),
        what,
        whom: Some(Whom::Point(17)),
        with: Some(Whom::Weight(1)),
        lengths: [Some(1e25), Some(2.0)],
        typical: Some(1.5),
        share: None,
        searched: None,
        rate: 0.05,
        stride: Some(0.1),
        decay: 0.0,
        precision: Precision::Single,
    }
}

#[test]
fn a_score_is_told_with_both_ends_their_lengths_and_what_is_usual() {
    let found = found("softmax", What::Score(2.5e40));
    assert_eq!(
        why(&found, &cast()),
        "The score of row 17 (class C) with the weight of class dog is 2.5e40, more than the largest number of single \
         precision, 3.4e38: row 17 (class C) is 1.0e25 long, the weight of class dog is 2 long; half of the rows are \
         no longer than 1.5."
    );
    assert_eq!(what_to_do(&found, &cast()), "a lower rate than 0.05");
    assert_eq!(short(&found, &cast()), "the score of row 17 with weight dog is 2.5e40");
    let start = Diagnosis { step: 0, ..found.clone() };
    assert!(what_to_do(&start, &cast()).starts_with("other data"));
    let decaying = Diagnosis { rate: 3.0, decay: 2.0, ..found };
    assert!(what_to_do(&decaying, &cast()).starts_with("a rate below 1: rate × decay is 6"));
}

#[test]
fn what_to_do_follows_the_cause() {
    let advice = |found: &Diagnosis| what_to_do(found, &cast());
    assert_eq!(advice(&found("normface", What::Exponent { score: 0.5 })), "a smaller scale");
    assert_eq!(advice(&found("supcon", What::Exponent { score: 0.5 })), "a larger temperature");
    let spot = found("riesz", What::Coupling { score: 0.0 });
    assert!(why(&spot, &cast()).contains("lie on one spot") && advice(&spot).starts_with("another seed"));
    // Steps longer than a row brought them there; at the start the data did, and short ones are not to blame.
    for what in [What::Sum, What::Coupling { score: 0.0 }, What::Gradient] {
        let thrown = Diagnosis { rate: 1e4, stride: Some(1.7e4), ..found("riesz", what) };
        assert_eq!(advice(&thrown), "a lower rate than 10000: steps so long throw rows onto one another");
        assert_eq!(briefly_to_do(&thrown), "lower lr");
        let start = Diagnosis { step: 0, ..thrown.clone() };
        let short = Diagnosis { stride: Some(0.03), ..thrown };
        let other = if matches!(what, What::Coupling { .. }) { "another seed" } else { "a smaller power" };
        assert!(advice(&start).starts_with(other) && advice(&short).starts_with(other), "{}", advice(&short));
    }
    let square = What::Update { written: Written::Second, value: 1e44, gradient: 1e22 };
    let near_zero = Diagnosis { lengths: [Some(1e-20), Some(1.0)], ..found("arcface", square) };
    assert!(why(&near_zero, &cast()).contains("It is only 1.0e-20 long"), "{}", why(&near_zero, &cast()));
    assert_eq!(advice(&near_zero), "a start without a row that is next to zero");
    let far = What::Update { written: Written::Value, value: 4e39, gradient: 40.0 };
    let far = Diagnosis { rate: 1e38, share: Some((20, 20)), ..found("softmax", far) };
    assert!(why(&far, &cast()).contains("All 20 rows overflow"), "{}", why(&far, &cast()));
    assert!(
        why(&Diagnosis { share: Some((1, 20)), ..far.clone() }, &cast())
            .contains("None of the other 19 rows")
    );
    let endless = Diagnosis { rate: 1e39, ..far };
    assert!(why(&endless, &cast()).starts_with("The rate 1.0e39 is itself more than"));
}

#[test]
fn no_name_of_a_part_is_left_out() {
    let named = Cast { point_names: Some(vec!["a".to_owned(); 20]), ..cast() };
    assert_eq!(who(Whom::Point(3), &named), "row 3 \"a\" (class cat)");
    assert_eq!(who(Whom::Point(3), &Cast::default()), "row 3");
    assert_eq!(who(Whom::Unit { layer: 1, unit: 4 }, &named), "unit 5 of layer 2");
    assert_eq!(who(Whom::Bias(0), &named), "the bias of class cat");
    assert_eq!(
        [f64::NAN, f64::NEG_INFINITY, 12.5, 0.0].map(size),
        ["not a number", "minus infinite", "12.5", "0"]
    );
}
