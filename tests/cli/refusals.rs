//! Bad input is refused: one sentence, exit code 2, at once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{code, golden, losslab, stderr};

/// An npy file with this header text.
fn npy(header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16 + 1).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.push(b'\n');
    bytes.extend(body);
    bytes
}

fn npz(folder: &Path, name: &str, entries: &[(&str, Vec<u8>)]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (key, bytes) in entries {
        zip.start_file(format!("{key}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn floats(shape: &str, numbers: &[f32]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    npy(&header, &numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>())
}

fn integers(shape: &str, numbers: &[i64]) -> Vec<u8> {
    let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}");
    npy(&header, &numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of bad inputs")]
fn bad_input_is_refused_at_once_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    let rows = || floats("(2, 2)", &[1., 0., 0., 1.]);
    let file = |name: &str, bytes: Vec<u8>| {
        let path = f.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let nested = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': {}{}, }}",
        "[".repeat(30),
        "]".repeat(30)
    );
    let mut huge_header = b"\x93NUMPY\x02\x00".to_vec();
    huge_header.extend(0xFFFF_FFF0u32.to_le_bytes());
    let cases: Vec<(&str, PathBuf)> = vec![
        ("nested header", file("nested.npy", npy(&nested, &[]))),
        ("4 GiB header", file("header.npy", huge_header)),
        (
            "overflowing shape",
            file(
                "shape.npy",
                npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", &[]),
            ),
        ),
        (
            "pickle",
            file(
                "pickle.npy",
                npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", b"\x80\x04"),
            ),
        ),
        ("NaN rows", npz(f, "nan.npz", &[("features", floats("(2, 2)", &[1., f32::NAN, 0., 1.]))])),
        (
            "wrong length",
            npz(f, "length.npz", &[("features", rows()), ("labels", integers("(3,)", &[0, 1, 1]))]),
        ),
        ("negative", npz(f, "negative.npz", &[("features", rows()), ("labels", integers("(2,)", &[0, -1]))])),
        ("empty", npz(f, "empty.npz", &[("features", floats("(0, 2)", &[]))])),
        (
            "weights",
            npz(
                f,
                "weights.npz",
                &[
                    ("features", rows()),
                    ("labels", integers("(2,)", &[0, 1])),
                    ("weights", floats("(2, 3)", &[0.; 6])),
                ],
            ),
        ),
        (
            "labels beyond the weights",
            npz(
                f,
                "beyond.npz",
                &[
                    ("features", rows()),
                    ("labels", integers("(2,)", &[0, 5])),
                    ("weights", floats("(2, 2)", &[0.5; 4])),
                ],
            ),
        ),
        (
            "zip bomb",
            npz(
                f,
                "bomb.npz",
                &[(
                    "features",
                    npy(
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (6000, 6000), }",
                        &vec![0; 144_000_000],
                    ),
                )],
            ),
        ),
        ("missing", f.join("missing.npz")),
    ];
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for (what, path) in &cases {
        let path = path.to_str().unwrap().to_owned();
        let words = ["eval", "--objective", "uniformity", "--features"].map(str::to_owned);
        let mut arguments = words.to_vec();
        arguments.push(path.clone());
        if *what == "zip bomb" || *what == "missing" {
            commands.push((format!("measure {what}"), vec!["measure".to_owned(), path]));
        }
        commands.push(((*what).to_owned(), arguments));
    }
    let plain = golden("plain");
    for (what, words) in [
        ("unknown objective", vec!["run", "--objective", "softmaxx"]),
        ("knob out of range", vec!["run", "--objective", "normface(scale=-1)"]),
        ("unknown knob", vec!["run", "--objective", "normface(scael=2)"]),
        ("unknown option", vec!["run", "--clases", "4"]),
        ("word that is no engine", vec!["run", "--engine", "gpuu"]),
        ("word that is no number", vec!["run", "--dim", "three"]),
        ("number without option", vec!["eval", "--features", &plain]),
        ("command mistyped", vec!["lsit"]),
        ("unknown objective to verify", vec!["verify", "softmaxx"]),
        ("figure of nothing", vec!["plot", "no-such.npz", "--out", "x.png"]),
        (
            "class objective without weights",
            vec!["eval", "--objective", "softmax", "--features", "NOWEIGHTS"],
        ),
        ("sizes twice", vec!["run", "--class-sizes", "3,3", "--classes", "2"]),
        ("views for nt-xent", vec!["run", "--objective", "nt-xent"]),
        (
            "dim against the file",
            vec!["run", "--features", &plain, "--objective", "uniformity", "--dim", "99"],
        ),
        ("unknown data", vec!["run", "--data", "digit"]),
        ("unknown experiment", vec!["run", "no-such.toml"]),
    ] {
        let no_weights =
            npz(f, "noweights.npz", &[("features", rows()), ("labels", integers("(2,)", &[0, 1]))]);
        let words = words.iter().map(|w| w.replace("NOWEIGHTS", no_weights.to_str().unwrap())).collect();
        commands.push((what.to_owned(), words));
    }
    for (what, arguments) in &commands {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let begin = Instant::now();
        let output = losslab(&words);
        let took = begin.elapsed();
        assert_eq!(
            code(&output),
            2,
            "{what}: {} {}",
            stderr(&output),
            String::from_utf8_lossy(&output.stdout)
        );
        let said = stderr(&output);
        assert!(said.starts_with("losslab: "), "{what}: {said}");
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
        assert!(output.stdout.is_empty() && !output.stderr.contains(&0x1b), "{what}: {said}");
        assert!(took < Duration::from_millis(600), "{what} took {took:?}");
    }
    let hint = stderr(&losslab(&["run", "--objective", "softmaxx"]));
    assert!(hint.contains("did you mean softmax"), "{hint}");
}
