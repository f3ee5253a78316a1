//! Expressions a reader can check by eye, and a round trip over random ones.

use proptest::prelude::*;

use super::*;

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn a_sum_of_weighted_terms() {
    let terms = parse(" softmax+ 0.5 * normface( scale = 4 ) -normface - 0.25*softmax ").unwrap();
    let seen: Vec<(&str, f64, f64)> =
        terms.iter().map(|t| (t.objective.name(), t.weight, t.knobs.0[0])).collect();
    assert_eq!(
        seen,
        [("softmax", 1.0, 0.0), ("normface", 0.5, 4.0), ("normface", -1.0, 16.0), ("softmax", -0.25, 0.0)]
    );
    assert_eq!(print(&terms), "softmax + 0.5*normface(scale=4) - normface - 0.25*softmax");
    let full = print_in_full(&parse("2*arcface(margin=0.5) + normface(scale=4)").unwrap());
    assert_eq!(full, "2*arcface(scale=64, margin=0.5) + normface(scale=4)");
    assert_eq!(parse(&full).unwrap()[0].knobs, parse("arcface").unwrap()[0].knobs, "the numbers nobody set");
    assert_eq!(parse("-2e-1*softmax + -0.5*normface()").unwrap()[1].weight, -0.5);
    assert_eq!(parse("0*softmax").unwrap()[0].weight, 0.0);
    assert_eq!(parse("softmax-0.5*normface").unwrap()[1].weight, -0.5);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    assert_eq!(
        error("softmx"),
        "unknown objective \"softmx\" at column 1 of the objective; did you mean softmax?"
    );
    assert_eq!(
        error("softmax + zzz"),
        "unknown objective \"zzz\" at column 11 of the objective; losslab list objectives shows them all"
    );
    assert_eq!(
        error("normface(scale=-1)"),
        "scale of normface cannot be -1 at column 16 of the objective; it must be a finite number above 0"
    );
    assert_eq!(
        error("normface(sale=1)"),
        "normface has no knob \"sale\" at column 10 of the objective; did you mean scale?"
    );
    assert_eq!(
        error("softmax(scale=1)"),
        "softmax has no knob \"scale\" at column 9 of the objective; it has none"
    );
    assert_eq!(error("normface(scale=1, scale=2)"), "scale is set twice at column 19 of the objective");
    assert_eq!(
        error("softmax +"),
        "the objective ends where the name of an objective should be at column 10 of the objective"
    );
    assert_eq!(
        error("2 softmax"),
        "'s' stands where the * after a weight should be at column 3 of the objective"
    );
    assert_eq!(
        error("softmax normface"),
        "'n' stands where + or - or the end should at column 9 of the objective"
    );
}

#[test]
fn hostile_text_is_refused() {
    for text in [
        "",
        " ",
        "(",
        "softmax(",
        "softmax)",
        "normface(scale)",
        "normface(scale=)",
        "normface(scale=nan)",
        "normface(scale=inf)",
        "normface(scale=1e999)",
        "1e999*softmax",
        "nan*softmax",
        "é",
        "softmax + ⊕",
        "normface(scale=1,)",
        "--softmax",
        "*softmax",
        "1*2*softmax",
        "normface(scale=0)",
        "normface(scale=1;)",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    let most = vec!["softmax"; MOST_TERMS].join("+");
    assert_eq!(parse(&most).unwrap().len(), MOST_TERMS);
    assert!(error(&format!("{most}+softmax")).starts_with("there are more than 64 terms"));
    assert!(error(&"(".repeat(1_000_000)).len() < 200);
    assert!(error(&"a".repeat(1_000_000)).len() < 200);
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        parts in prop::collection::vec((any::<f64>(), 0..OBJECTIVES.len(), any::<[f64; 8]>()), 1..6),
    ) {
        let terms: Vec<Term> = parts
            .into_iter()
            .map(|(weight, place, values)| {
                let objective = OBJECTIVES[place];
                let mut knobs = defaults(objective);
                for ((slot, knob), value) in knobs.0.iter_mut().zip(objective.knobs()).zip(values) {
                    match knob.range {
                        Range::Number { hard, .. } if hard.allows(value) => *slot = value,
                        Range::Number { .. } => {}
                        Range::Choice(words) => *slot = (value.to_bits() % words.len() as u64) as f64,
                    }
                }
                let weight = if weight.is_finite() { weight } else { 1.0 };
                Term { objective, weight, knobs }
            })
            .collect();
        let text = print(&terms);
        let back = parse(&text).unwrap();
        prop_assert_eq!(print(&back), text);
        for (a, b) in terms.iter().zip(&back) {
            prop_assert_eq!(a.objective.name(), b.objective.name());
            prop_assert_eq!(a.weight, b.weight);
            for (x, y) in a.knobs.0.iter().zip(b.knobs.0) {
                prop_assert!(*x == y || (x.is_nan() && y.is_nan()), "{} {}", x, y);
            }
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}", slips in "[a-z0-9+*=(), .-]{0,40}") {
        let _ = parse(&text).map_err(|error| error.to_string());
        let _ = parse(&slips).map_err(|error| error.to_string());
    }
}
