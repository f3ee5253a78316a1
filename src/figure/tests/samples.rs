//! One figure of each kind with data as a run would give it.

use std::collections::BTreeMap;

use crate::figure::*;

/// Four classes around the corners of a square on the unit circle, with weights, targets and a noisy label.
pub(super) fn projection() -> Projection {
    let corners = [[0.7, 0.7], [-0.7, 0.7], [-0.7, -0.7], [0.7, -0.7]];
    let mut points = Vec::new();
    for k in 0..160 {
        let class = k % 4;
        let turn = k as f64 * 2.399_963;
        let far = 0.02 * (k as f64).sqrt();
        let at = [corners[class][0] + far * turn.cos(), corners[class][1] + far * turn.sin()];
        points.push(ProjectedPoint { at, class, given: (k % 37 == 5).then_some((class + 1) % 4) });
    }
    Projection {
        title: "softmax(scale=4), C = 4, d = 3".to_owned(),
        subtitle: "step 2000, seed 0".to_owned(),
        hidden_variance: Some(0.332),
        view: String::new(),
        x_label: "PC 1 (34 %)".to_owned(),
        y_label: "PC 2 (33 %)".to_owned(),
        class_names: ["cat", "dog", "fish & chips", "<unknown>"].map(str::to_owned).to_vec(),
        points,
        weights: (0..4).map(|class| ProjectedWeight { at: corners[class], class }).collect(),
        means: (0..4).map(|class| ProjectedWeight { at: corners[class].map(|x| 0.97 * x), class }).collect(),
        origin: Some([0.0; 2]),
        targets: corners.map(|[x, y]| [x * 1.05, y * 1.05]).to_vec(),
        target_name: "simplex target".to_owned(),
        radius: Some(1.0),
        reach: None,
        map: None,
        trails: Vec::new(),
        arrows: Vec::new(),
        picked: None,
        gauge: None,
        turned: Vec::new(),
    }
}

fn decay(name: &str, rate: f64, floor: f64) -> Series {
    let value =
        |k: u32| floor + 1.4 * (-rate * f64::from(k)).exp() * (1.0 + 0.08 * (f64::from(k) * 0.7).sin());
    Series { name: name.to_owned(), points: (0..=2000).map(|k| [f64::from(k), value(k)]).collect() }
}

pub(super) fn curves(y_scale: YScale) -> Curves {
    Curves {
        title: "Loss over steps".to_owned(),
        subtitle: "C = 4, n = 50, d = 3, Adam lr 0.05".to_owned(),
        y_scale,
        series: vec![
            decay("normface(scale=4)", 0.004, 0.01438),
            decay("arcface(scale=4, margin=0.5)", 0.002, 0.02336),
        ],
        floors: vec![
            Floor { value: 0.01438, label: "floor 0.0144".to_owned(), series: Some(0) },
            Floor { value: 0.02336, label: "floor 0.0234".to_owned(), series: Some(1) },
        ],
        marks: vec![(1250.0, "a threshold".to_owned())],
        ..Curves::default()
    }
}

fn gram(classes: usize) -> Gram {
    let off = if classes > 1 { -1.0 / (classes as f64 - 1.0) } else { 0.0 };
    let cosine =
        |i: usize, j: usize| if i == j { 1.0 } else { (off + 0.4 * ((i * j) as f64).sin()).clamp(-1.0, 1.0) };
    Gram {
        title: "Cosines of class means".to_owned(),
        subtitle: "step 2000".to_owned(),
        class_names: (0..classes)
            .map(|k| ["aeroplane", "cat", "deer"][k % 3].to_owned() + &format!(" {k}"))
            .collect(),
        cosines: (0..classes).map(|i| (0..classes).map(|j| cosine(i, j)).collect()).collect(),
        target: Some((off, "simplex".to_owned())),
        difference: None,
    }
}

pub(super) fn angles() -> Angles {
    let bump = |centre: f64, wide: f64, total: f64| {
        let count = |k: u32| (total * (-((f64::from(k) * 3.0 + 1.5 - centre) / wide).powi(2)).exp()) as u64;
        (0..60).map(count).collect::<Vec<u64>>()
    };
    Angles {
        title: "Angles of features".to_owned(),
        subtitle: "4 classes of 50".to_owned(),
        within: bump(12.0, 9.0, 900.0),
        between: bump(108.0, 14.0, 1500.0),
        target: Some((109.471, "simplex".to_owned())),
    }
}

pub(super) fn force_law() -> ForceLaw {
    let curve = |name: &str, s: f64, m: f64| {
        let coupling = |degrees: u32| {
            let t = f64::from(degrees).to_radians();
            let own = (s * (t + m).cos()).exp();
            let slope = if t < 1e-9 { 1.0 } else { ((t + m).sin() / t.sin()).clamp(-3.0, 3.0) };
            s * (1.0 - own / (own + 3.0 * (-s / 3.0).exp())) * slope
        };
        Series { name: name.to_owned(), points: (1..=180).map(|d| [f64::from(d), coupling(d)]).collect() }
    };
    ForceLaw {
        title: "Pull towards the own class weight".to_owned(),
        subtitle: "other weights at the simplex".to_owned(),
        curves: vec![
            curve("normface(scale=4)", 4.0, 0.0),
            curve("arcface(scale=4, margin=0.5)", 4.0, 0.5),
            curve("normface(scale=16)", 16.0, 0.0),
        ],
        ..ForceLaw::default()
    }
}

pub(super) fn lengths() -> ClassLengths {
    let predicted: Vec<f64> = (0..10).map(|k| 2.0 - 0.17 * f64::from(k)).collect();
    let seen = predicted.iter().enumerate().map(|(k, x)| x + 0.05 * (k as f64).sin()).collect();
    let group = Predicted { name: "class means".to_owned(), seen, predicted };
    ClassLengths {
        title: "Lengths".to_owned(),
        class_names: vec!["aeroplane".to_owned()],
        groups: vec![group.clone(), Predicted { name: "class weights".to_owned(), ..group }],
        ..ClassLengths::default()
    }
}

pub(super) fn phase() -> PhaseDiagram {
    let along = |k: u32| 10f64.powf(f64::from(k) / 8.0);
    let x: Vec<f64> = (0..16).map(along).collect();
    let cell = |x: f64, y: f64| f64::from(u8::from(x * y < 30.0)) * (1.0 - 0.02 * x.ln());
    PhaseDiagram {
        title: "Minority collapse".to_owned(),
        x_label: "imbalance".to_owned(),
        y_label: "decay".to_owned(),
        cells: (0..12).map(|r| x.iter().map(|&x| cell(x, along(r))).collect()).collect(),
        y: (0..12).map(along).collect(),
        ends: ["merged".to_owned(), "apart".to_owned()],
        curves: vec![Series {
            name: "predicted".to_owned(),
            points: x.iter().map(|&x| [x, 30.0 / x]).collect(),
        }],
        x,
        ..PhaseDiagram::default()
    }
}

pub(in crate::figure) fn samples() -> BTreeMap<&'static str, Figure> {
    let mut single = curves(YScale::Linear);
    single.series.truncate(1);
    single.floors.truncate(1);
    BTreeMap::from([
        ("projection", Figure::Projection(projection())),
        ("curves", Figure::Curves(curves(YScale::Log))),
        ("curves-floor", Figure::Curves(curves(YScale::LogAboveFloor))),
        ("curves-one", Figure::Curves(single)),
        ("gram4", Figure::Gram(gram(4))),
        ("gram10", Figure::Gram(gram(10))),
        ("gram60", Figure::Gram(gram(60))),
        ("angles", Figure::Angles(angles())),
        ("force", Figure::ForceLaw(force_law())),
        ("gram-difference", Figure::Gram(Gram { difference: Some(0.4), ..gram(4) })),
        ("lengths", Figure::Lengths(lengths())),
        ("phase", Figure::Phase(phase())),
        ("comparison", Figure::Comparison(comparison())),
    ])
}

/// Two runs over three seeds: one falls twice as fast.
fn comparison() -> Comparison {
    let band = |rate: f64| Band {
        points: (0..50)
            .map(|k| f64::from(k) * 4.0)
            .map(|step| [step, 0.8 * (-step * rate).exp(), (-step * rate).exp(), 1.1 * (-step * rate).exp()])
            .collect(),
    };
    let trajectories = |title: &str| Trajectories {
        title: title.into(),
        y_label: "share".into(),
        log: true,
        decades: 10,
        bands: vec![band(0.01), band(0.02)],
        target: Some((0.1, "a tenth".into())),
        caveat: "NC1 of A says little: class means lie nearly flat".into(),
    };
    Comparison {
        title: "softmax and arcface".into(),
        subtitle: "3 seeds".into(),
        names: vec!["softmax".into(), "arcface".into()],
        // Beside each other there is no room for lines from the origin.
        projections: vec![Projection { origin: None, ..projection() }; 2],
        trajectories: vec![trajectories("Loss"), trajectories("Spread")],
    }
}
