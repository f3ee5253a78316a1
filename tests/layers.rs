//! The architecture as tests: who may import whom, and where outside libraries may appear.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::path::{Path, PathBuf};

/// The layers, lowest first. A module may use modules of its own line and of lines above it in this
/// list only.
const LAYERS: &[&[&str]] = &[
    &["features", "lanes", "minus", "palette", "product", "random", "tape"],
    &["objective", "optimizer"],
    &["objectives", "models"],
    &["data", "geometry"],
    &["engine"],
    &["experiment", "share"],
    &["theory"],
    &["comparison"],
    &["snapshot"],
    &["describe"],
    &["simulation", "figure", "verify", "bench"],
    &["portrait", "lesson"],
    &["app"],
    &["config", "recording"],
    &["view"],
    &["terminal"],
    &["lab"],
    &["cli"],
];

/// Outside libraries and the only modules that may name them.
const FENCES: &[(&str, &[&str])] = &[
    ("wgpu", &["engine/gpu"]),
    ("plotters", &["figure"]),
    ("ratatui", &["view", "terminal", "lab"]),
    ("crossterm", &["app", "config", "recording", "terminal", "lab"]),
    ("clap", &["cli", "experiment", "optimizer"]),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file under `src`, as its path without extension, and its lines without tests.
fn modules() -> Vec<(String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let lines = code.lines().map(str::trim).filter(|l| !l.starts_with("//")).map(str::to_owned);
            let name = path.strip_prefix(&root).unwrap().with_extension("");
            (name.to_string_lossy().replace('\\', "/"), lines.collect())
        })
        .collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Whether `line` names the library or module `name` as a path: `name::`.
fn names(line: &str, name: &str) -> bool {
    let needle = format!("{name}::");
    line.match_indices(&needle).any(|(at, _)| {
        at == 0 || !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (module, lines) in modules() {
        let top = module.split('/').next().unwrap_or_default().to_owned();
        if top == "lib" || top == "main" {
            continue;
        }
        let Some(own) = layer(&top) else {
            wrong.push(format!("src/{module}.rs is in no layer of this test"));
            continue;
        };
        for line in &lines {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + 7..];
                let other: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                seen += 1;
                match layer(&other) {
                    Some(theirs) if theirs > own => {
                        wrong.push(format!("src/{module}.rs uses {other}, which lies above it: {line}"));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(seen > 50, "the test found the imports it is about");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_behind_their_fences() {
    let mut wrong = Vec::new();
    let mut seen = vec![0; FENCES.len()];
    for (module, lines) in modules() {
        for ((library, homes), seen) in FENCES.iter().zip(&mut seen) {
            let home = homes.iter().any(|home| module == *home || module.starts_with(&format!("{home}/")));
            for line in &lines {
                if names(line, library) {
                    *seen += 1;
                    if !home {
                        wrong.push(format!("src/{module}.rs names {library}: {line}"));
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|&n| n > 0), "every fence encloses something: {seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_objective_has_one_shader_of_its_name_and_no_shader_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders/objectives");
    let mut stems: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    stems.sort();
    let mut registered: Vec<String> =
        losslab::objectives::OBJECTIVES.iter().map(|o| o.name().replace('-', "_")).collect();
    registered.sort();
    assert_eq!(stems, registered);
    for stem in registered {
        let twin = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/objectives/{stem}.rs"));
        assert!(twin.exists(), "{} exists", twin.display());
    }
}

#[test]
fn golden_files_are_named_by_tests_alone() {
    for (module, lines) in modules() {
        assert!(
            !lines.iter().any(|l| l.contains("golden/") || l.contains("cases.json")),
            "src/{module}.rs names golden files"
        );
    }
}
