//! Figures of the bundled epochs and of a run folder written by hand.

use super::*;

fn args(source: &Path, out: &Path, figure: FigureKind) -> PlotArgs {
    PlotArgs {
        source: Some(source.to_owned()),
        out: out.to_owned(),
        figure,
        size: Size::default(),
        projection: None,
        objective: Vec::new(),
        difference: false,
        classes: None,
    }
}

fn epoch() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digits_mlp_epoch_0200.npz")
}

#[test]
fn every_figure_of_a_feature_file_is_written_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    for figure in [FigureKind::Projection, FigureKind::Gram, FigureKind::Angles] {
        let png = folder.path().join(format!("{figure:?}.png"));
        plot(&args(&epoch(), &png, figure)).unwrap();
        assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));
        let svg = png.with_extension("svg");
        plot(&args(&epoch(), &svg, figure)).unwrap();
        let text = std::fs::read_to_string(&svg).unwrap();
        assert!(text.contains("10 classes"), "{figure:?}");
    }
}

#[test]
fn a_run_folder_gives_curves_and_its_own_force_law() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("experiment.toml"), "objective = \"softmax + 0.5*normface(scale=4)\"\n").unwrap();
    let csv = "step,loss,softmax,normface,decay,grad_norm,lr\n0,2.5,1.5,1,0,1,0.1\n1,1.25,1,0.25,0,,0.1\n";
    std::fs::write(run.join("curves.csv"), csv).unwrap();
    std::fs::write(run.join("summary.json"), "{\"floor\": 0.5}").unwrap();
    std::fs::copy(epoch(), run.join("final.npz")).unwrap();
    let Figure::Curves(curves) = curves::figure(&run).unwrap() else { panic!("curves") };
    let names: Vec<&str> = curves.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["loss", "softmax", "normface"]);
    assert_eq!(curves.series[0].points, [[0.0, 2.5], [1.0, 1.25]]);
    assert_eq!((curves.floors[0].value, curves.y_scale), (0.5, crate::figure::YScale::Linear));
    for figure in [FigureKind::Curves, FigureKind::Force, FigureKind::Projection] {
        plot(&args(&run, &folder.path().join("a.png"), figure)).unwrap();
    }
    std::fs::write(run.join("curves.csv"), "step,loss\n0,x\n").unwrap();
    assert!(curves::figure(&run).unwrap_err().ends_with("curves.csv:2: a field is not a number"));
}

#[test]
fn what_cannot_be_drawn_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("a.png");
    let refused = |change: &dyn Fn(&mut PlotArgs)| {
        let mut args = args(&epoch(), &png, FigureKind::Projection);
        change(&mut args);
        plot(&args).unwrap_err()
    };
    assert!(refused(&|a| a.out = "a.pdf".into()).contains("try .svg"));
    assert_eq!(
        refused(&|a| a.projection = Some("pcaa".into())),
        "there is no projection \"pcaa\"; did you mean pca?"
    );
    assert_eq!(refused(&|a| a.classes = Some(3)), "--classes only matters with --figure force");
    assert!(refused(&|a| a.figure = FigureKind::Curves).ends_with("this must be a run folder"));
    assert_eq!(
        refused(&|a| a.figure = FigureKind::Force),
        "the force figure of a feature file needs --objective"
    );
    assert!(!png.exists(), "nothing was written");
}
