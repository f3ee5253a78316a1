//! Figures of the bundled epochs and of a run folder written by hand.

use super::*;

fn args(source: &Path, out: &Path, figure: FigureKind) -> PlotArgs {
    PlotArgs {
        source: Some(source.to_owned()),
        out: out.to_owned(),
        figure: vec![figure],
        size: None,
        dpi: None,
        theme: Paper::Light,
        film: film::FilmArgs::default(),
        projection: None,
        plane: Vec::new(),
        objective: Vec::new(),
        difference: false,
        reading: Reading::default(),
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
fn a_row_that_is_no_number_is_left_out_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("rows.csv");
    std::fs::write(&csv, "x,y,label\n1,2,a\nnan,0,b\n2,1,b\n-1,1,a\n").unwrap();
    let mut args = args(&csv, &folder.path().join("a.svg"), FigureKind::Projection);
    let refused = plot(&args).unwrap_err();
    assert!(refused.contains("--drop-bad-rows drops it"), "{refused}");
    args.reading.drop_bad_rows = true;
    let notices = plot(&args).unwrap();
    assert!(std::fs::read_to_string(&args.out).unwrap().contains("3 rows"));
    assert!(notices.iter().any(|notice| notice.contains("dropped 1 of 4 rows")), "{notices:?}");
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
    assert_eq!(curves.floors[0].label, "floor 0.5");
    std::fs::write(run.join("summary.json"), "{\"floor\": 0, \"notes\": {\"floor\": \"an infimum: why\"}}")
        .unwrap();
    let Figure::Curves(curves) = curves::figure(&run).unwrap() else { panic!("curves") };
    assert_eq!(curves.floors[0].label, "infimum 0");
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
    assert_eq!(
        refused(&|a| a.classes = Some(3)),
        "--classes only matters with --figure force, logit or pairs"
    );
    assert!(refused(&|a| a.figure = vec![FigureKind::Curves]).ends_with("this must be a run folder"));
    assert_eq!(
        refused(&|a| a.figure = vec![FigureKind::Force]),
        "the force figure of a feature file needs --objective"
    );
    assert!(!png.exists(), "nothing was written");
}

#[test]
fn every_projection_is_drawn_and_says_what_it_hides() {
    let folder = tempfile::tempdir().unwrap();
    for kind in PROJECTIONS {
        let svg = folder.path().join(format!("{}.svg", kind.name));
        let mut wanted = args(&epoch(), &svg, FigureKind::Projection);
        wanted.projection = Some(kind.name.into());
        plot(&wanted).unwrap();
        let text = std::fs::read_to_string(&svg).unwrap();
        assert!(text.contains("hidden variance") && text.contains(kind.name), "{}", kind.name);
    }
    let drawn = |kind: &str, plane: &[&str]| {
        let mut wanted = args(&epoch(), &folder.path().join("a.svg"), FigureKind::Projection);
        wanted.projection = Some(kind.into());
        wanted.plane = plane.iter().map(|word| (*word).to_owned()).collect();
        plot(&wanted)?;
        Ok::<_, String>(std::fs::read_to_string(&wanted.out).unwrap())
    };
    assert!(drawn("class-plane", &["3", "1", "4"]).unwrap() != drawn("class-plane", &[]).unwrap());
    assert!(drawn("class-plane", &["3", "1"]).unwrap_err().contains("needs three classes"));
    assert!(drawn("class-plane", &["3", "1", "none"]).unwrap_err().contains("no class is called"));
    assert_eq!(
        drawn("pca", &["0", "1", "2"]).unwrap_err(),
        "--plane only matters with --projection class-plane"
    );
    // The outline of the map is there, and no axis has numbers.
    let map = drawn("mollweide", &[]).unwrap();
    assert!(map.contains("normalised") && !map.contains(" %)"), "{}", &map[..600]);
}

#[test]
fn several_figures_are_panels_and_a_size_in_mm_is_on_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("panels.png");
    let mut wanted = args(&epoch(), &png, FigureKind::Projection);
    wanted.figure = vec![FigureKind::Projection, FigureKind::Gram, FigureKind::Angles];
    wanted.size = Some("180x60mm".parse().unwrap());
    wanted.dpi = Some(100);
    plot(&wanted).unwrap();
    let file = std::fs::File::open(&png).unwrap();
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    // 180 mm at 100 dots an inch are 709 pixels; 100 dots an inch are 3937 a metre.
    assert_eq!((reader.info().width, reader.info().height), (709, 236));
    assert_eq!(reader.info().pixel_dims.unwrap().xppu, 3937);
    wanted.out = folder.path().join("panels.svg");
    wanted.theme = Paper::Dark;
    plot(&wanted).unwrap();
    let text = std::fs::read_to_string(&wanted.out).unwrap();
    assert!(text.contains("mm\" height=") && text.contains(">\na\n"), "{}", &text[..400]);
    wanted.size = None;
    assert_eq!(plot(&wanted).unwrap_err(), "--dpi only matters with a --size in mm, like 85x60mm");
}

#[test]
fn a_size_at_which_nothing_can_be_read_is_refused_with_the_least_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = args(&epoch(), &folder.path().join("a.png"), FigureKind::Angles);
    wanted.size = Some("30x20mm".parse().unwrap());
    let refused = plot(&wanted).unwrap_err();
    assert!(refused.contains("cannot be read at 30x20mm") && !wanted.out.exists(), "{refused}");
    let least = refused.rsplit(' ').next().unwrap();
    wanted.size = Some(least.parse().unwrap());
    plot(&wanted).unwrap();
    assert!(wanted.out.exists());
}

#[test]
fn a_film_of_an_experiment_file_and_of_a_run_folder_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let toml = folder.path().join("experiment.toml");
    std::fs::write(&toml, "objective = \"normface(scale=4)\"\nsteps = 30\nper_class = 5\n").unwrap();
    let mut films = Vec::new();
    for (source, name) in [(toml.as_path(), "a.gif"), (folder.path(), "b.gif")] {
        let mut wanted = args(source, &folder.path().join(name), FigureKind::Projection);
        wanted.figure.clear();
        wanted.size = Some("320x180".parse().unwrap());
        wanted.film = film::FilmArgs { seconds: Some(0.5), fps: Some(10), spread: None };
        plot(&wanted).unwrap();
        films.push(std::fs::read(&wanted.out).unwrap());
    }
    assert!(films[0].starts_with(b"GIF89a") && films[0] == films[1]);
    let mut idle = args(&toml, &folder.path().join("a.png"), FigureKind::Projection);
    assert!(plot(&idle).unwrap_err().contains("--out a .gif"));
    idle.film.fps = Some(5);
    assert_eq!(plot(&idle).unwrap_err(), "--fps only matters with an --out that ends in .gif");
}
