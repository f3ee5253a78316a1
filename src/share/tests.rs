use proptest::prelude::*;

use super::packed::{pack, unpack};
use super::*;
use crate::data::write::{Array, write_npz};
use crate::experiment::{Model, OptimizerKind, Source, expression};
use crate::optimizer::Schedule;

fn share(experiment: Experiment) -> Share {
    Share { experiment, edits: Vec::new(), step: 0, view: View::default() }
}

fn objective(text: &str) -> Experiment {
    Experiment { objective: expression::parse(text).unwrap(), ..Experiment::default() }
}

/// A moment with something in every part.
fn rich() -> Share {
    let start = Experiment {
        class_sizes: Some(vec![9, 7, 5]),
        lr: Some(0.1 + 0.2),
        schedule: Some(Schedule::Constant),
        seed: 7,
        model: Model::Linear { depth: 3 },
        ..objective("arcface(scale=8, margin=0.3) + 1e-7*opl")
    };
    let next = Experiment { lr: Some(1.0 / 3.0), optimizer: OptimizerKind::Sgd, ..start.clone() };
    let last = Experiment { lr: None, optimizer: OptimizerKind::Adam, ..objective("softmax") };
    let last = Experiment { class_sizes: next.class_sizes.clone(), ..last };
    let view = View {
        projection: Some("pca".into()),
        camera: Some([0.5, -0.25, 2.0]),
        log_axis: Some(false),
        picked: Some(3),
        ..View::default()
    };
    let edits = vec![Edit { step: 10, experiment: next }, Edit { step: 10, experiment: last }];
    Share { experiment: start, edits, step: 1240, view }
}

#[test]
fn what_is_written_reads_back_to_the_last_bit() {
    for share in [share(Experiment::default()), rich()] {
        let text = share.encode().unwrap();
        assert!(text.starts_with("ll1:") && text.is_ascii(), "{text}");
        assert_eq!(Share::decode(&text), Ok(share));
    }
}

#[test]
fn only_what_differs_takes_characters() {
    let plain = share(Experiment::default()).encode().unwrap();
    assert!(plain.len() <= 32, "{plain}");
    assert!(share(objective("arcface")).encode().unwrap().len() <= 80);
    let rich = rich().encode().unwrap();
    assert!(rich.len() < 420, "{} {rich}", rich.len());
}

#[test]
fn white_space_of_a_wrapped_line_does_not_matter() {
    let text = rich().encode().unwrap();
    let wrapped = format!("  {}\n  {}\n", &text[..50], &text[50..]);
    assert_eq!(Share::decode(&wrapped), Ok(rich()));
}

#[test]
fn each_character_matters() {
    let text = rich().encode().unwrap();
    for at in 4..text.len() {
        let mut other = text.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        assert_eq!(Share::decode(&other), Err(ShareError::Damaged), "{at}");
        let shorter = format!("{}{}", &text[..at], &text[at + 1..]);
        assert_eq!(Share::decode(&shorter), Err(ShareError::Damaged), "{at}");
    }
    assert_eq!(Share::decode("ll1:"), Err(ShareError::Damaged));
    assert_eq!(Share::decode("lab.toml"), Err(ShareError::NotOne));
    assert!(matches!(Share::decode("ll2:AAAA"), Err(ShareError::Kind { kind }) if kind == "ll2"));
}

/// The error for a string that says this.
fn refusal(json: &str) -> String {
    Share::decode(&pack(json).unwrap()).unwrap_err().to_string()
}

#[test]
fn what_a_later_version_says_is_refused_by_name() {
    let said = refusal(r#"{"v":"9.4.0","x":{"objective":"sofmax(scale=2)"}}"#);
    assert_eq!(
        said,
        format!(
            "this share string is from losslab 9.4.0, and this is losslab {VERSION}: unknown objective \"sofmax\" at \
             column 1 of the objective; did you mean softmax?"
        )
    );
    let said = refusal(r#"{"v":"9.4.0","x":{"warp":3}}"#);
    assert!(said.contains("from losslab 9.4.0") && said.contains("unknown field \"warp\""), "{said}");
    let said = refusal(&format!(r#"{{"v":"{VERSION}","x":{{"label-noise":2}}}}"#));
    assert!(said.contains("must be between 0 and 1, not 2") && !said.contains("and this is"), "{said}");
    let said = refusal(r#"{"v":"0.1.0","edits":[[5,{"lr":0.1}],[4,{"lr":0.2}]]}"#);
    assert!(said.contains("not in the order"), "{said}");
    let said = refusal(r#"{"v":"0.1.0","edits":[[5,{"lr":-1}]]}"#);
    assert!(said.contains("the edit at step 5") && said.contains("--lr"), "{said}");
    assert!(refusal(r#"{"v":"0.1.0","at":5000000000}"#).contains("no run makes more"));
    assert!(!refusal("{\"v\":\"\u{1b}[31m\"}x").contains('\u{1b}'));
}

#[test]
fn a_view_of_a_later_version_is_looked_through_as_far_as_it_is_known() {
    let share = Share::decode(&pack(r#"{"v":"9.0.0","view":{"p":"hyper","zz":[1]}}"#).unwrap()).unwrap();
    assert_eq!(share.view, View { projection: Some("hyper".into()), ..View::default() });
}

#[test]
fn a_bomb_is_refused_before_it_unpacks() {
    let error = pack(&" ".repeat(1 << 21)).unwrap_err();
    assert!(matches!(error, ShareError::TooLong { .. }));
    assert!(matches!(Share::decode(&"A".repeat(1 << 20)), Err(ShareError::TooLong { .. })));
    let nested = pack(&"[".repeat(100_000)).unwrap();
    assert!(matches!(Share::decode(&nested), Err(ShareError::Content { .. })));
}

#[test]
fn exported_files_carry_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = rich().encode().unwrap();
    let path = |name: &str| folder.path().join(name);
    // As figures carry it: text chunks in a PNG, lines of key and value in an SVG.
    let mut encoder = png::Encoder::new(std::fs::File::create(path("a.png")).unwrap(), 1, 1);
    let mut lines = String::new();
    for (key, value) in metadata(Some(&text)) {
        lines += &format!("{key}: {value}\n");
        encoder.add_text_chunk(key, value).unwrap();
    }
    encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
    std::fs::write(path("a.svg"), format!("<svg><metadata>\n{lines}</metadata></svg>")).unwrap();
    std::fs::write(path("a.json"), format!("{{\"loss\": 1, \"share\": \"{text}\"}}\n")).unwrap();
    let points = crate::features::Matrix::from_fn(2, 2, |i, j| (i + j) as f32);
    let texts = [text.clone()];
    let arrays = [("features", Array::matrix(&points)), (KEY, Array::texts(&texts))];
    write_npz(&path("a.npz"), &arrays).unwrap();
    std::fs::write(path("a.csv"), format!("{COMMENT}{text}\nstep,loss,floor\n0,1.5,\n")).unwrap();
    // A film's comment is cut into blocks, and is not the first of its extensions.
    let mut film = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    film.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00\x21\xfe");
    for block in lines.as_bytes().chunks(50) {
        film.push(block.len() as u8);
        film.extend(block);
    }
    film.extend(b"\x00\x3b");
    std::fs::write(path("a.gif"), film).unwrap();
    for name in ["a.png", "a.svg", "a.json", "a.npz", "a.csv", "a.gif"] {
        assert!(carried::may_carry(&path(name)), "{name}");
        assert_eq!(carried::share_in(&path(name)), Some(Ok(rich())), "{name}");
    }
    let read = crate::data::read(&path("a.npz"), &crate::data::ReadOptions::default()).unwrap();
    assert_eq!((read.points, read.notices), (points.clone(), vec![]));
    write_npz(&path("b.npz"), &[("features", Array::matrix(&points))]).unwrap();
    std::fs::write(path("c.npz"), b"PK\x03\x04 not an archive").unwrap();
    std::fs::write(path("d.toml"), b"# losslab\nsteps = 3\n").unwrap();
    std::fs::write(path("e.gif"), b"GIF89a\x01\x00\x01\x00\xf7").unwrap();
    std::fs::write(path("f.csv"), b"step,loss\n").unwrap();
    for name in ["b.npz", "c.npz", "d.toml", "e.gif", "f.csv", "missing"] {
        assert_eq!(carried::share_in(&path(name)), None, "{name}");
    }
    assert!(!carried::may_carry(&path("d.toml")));
}

#[test]
fn a_path_that_is_no_text_has_no_string() {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::OsStr::from_bytes(&[0xff]).into();
    let experiment = Experiment { source: Source::File(path), ..Experiment::default() };
    assert!(matches!(share(experiment).encode(), Err(ShareError::Unsayable(_))));
}

proptest! {
    #[test]
    fn any_string_gives_an_error_or_a_value(text in ".{0,200}", json in "[{}\\[\\]\",:a-z0-9.-]{0,80}") {
        let _ = Share::decode(&text);
        let _ = Share::decode(&format!("ll1:{text}"));
        // Past the checksum, so that what is inside is met as well.
        let packed = pack(&json).unwrap();
        prop_assert_eq!(unpack(&packed).unwrap(), json.clone());
        let _ = Share::decode(&packed);
        let _ = Share::decode(&pack(&format!("{{\"v\":\"1\",\"x\":{{{json}}}}}")).unwrap());
    }

    #[test]
    fn any_number_of_a_setting_comes_back(lr in 1e-300f64..1e300, seed in 0u64..1 << 62, step in 0u64..1 << 32) {
        let moment = Share { step, ..share(Experiment { lr: Some(lr), seed, ..Experiment::default() }) };
        prop_assert_eq!(Share::decode(&moment.encode().unwrap()), Ok(moment));
    }
}
