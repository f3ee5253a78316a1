use super::*;
use crate::app::keys::name;

#[test]
fn a_file_says_how_the_lab_looks() {
    let text = "theme = \"light\"\nmarker = \"half\"\ngraphics = \"none\"\nmouse = false\npace = 0.25\nlog_axis = false\n\
                [colours]\naccent = \"bright-blue\"\nclasses = [\"#0072b2\", \"vermillion\"]\n\
                [keys]\nexport = [\"F5\", \"E\"]\nnext-point = []\n";
    let config = parse(text).unwrap();
    assert_eq!(
        (config.look.theme, config.marks, config.graphics),
        (Theme::Light, Some(Marks::HalfBlock), Graphics::None)
    );
    assert_eq!((config.mouse, config.log_axis, config.pace.steps_per_frame()), (false, false, 0.25));
    assert_eq!(
        (config.look.roles[0], config.look.classes[1]),
        (Some(Ink::Own(12)), Some(Ink::Rgb(213, 94, 0)))
    );
    assert_eq!(config.keymap.key_of(Action::Export), "F5");
    assert_eq!(config.keymap.key_of(Action::NextPoint), "");
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn everything_wrong_is_told_at_once_with_its_line() {
    let text = "theme = \"drak\"\nmousse = true\nmouse = \"yes\"\npace = 3\n\n[colours]\nacent = \"red\"\ntarget = \"blurple\"\n\
                [keys]\nexprot = \"x\"\nexport = \"ctrl-x\"\nforces = \"m\"\n";
    let error = parse(text).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 9, "{error}");
    assert_eq!(
        lines[0],
        "line 1: theme is one of auto, terminal, okabe-ito, dark, light, mono, not \"drak\"; did you mean dark?"
    );
    assert_eq!(lines[1], "line 2: unknown key \"mousse\"; did you mean mouse?");
    assert!(lines[2].starts_with("line 3: mouse is true or false"));
    assert!(lines[3].starts_with("line 4: pace is the steps a frame"));
    assert_eq!(lines[4], "line 7: no part of the screen is called \"acent\"; did you mean accent?");
    assert!(lines[5].starts_with("line 8: \"blurple\" is no colour"));
    assert_eq!(lines[6], "line 10: no action is called \"exprot\"; did you mean export?");
    assert!(lines[7].starts_with("line 11: \"ctrl-x\" needs a modifier"));
    assert_eq!(lines[8], "line 12: m would mean both forces and mouse");
}

#[test]
fn the_template_is_the_default() {
    let bare: String = template()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(set) if !set.starts_with(' ') => format!("{set}\n"),
            _ => "\n".to_owned(),
        })
        .collect();
    assert!(bare.lines().count() > 60, "{bare}");
    assert_eq!(parse(&bare).unwrap(), Config::default());
    assert_eq!(parse(&template()).unwrap(), Config::default());
    for key in KEYS_OF_FILE {
        assert!(
            template().contains(&format!("#{key} =")) || template().contains(&format!("#[{key}]")),
            "{key}"
        );
    }
    assert_eq!(name(KeyCode::Char(' ')), "space");
}

#[test]
fn any_text_is_read_or_refused() {
    for text in [
        "= = =",
        "[keys]\nexport = 3",
        "colours = 1",
        "theme = \"\u{1b}[31m\"",
        "keys.\"\u{1b}\" = \"x\"",
        "pace = 1e999",
    ] {
        let said = parse(text).unwrap_err().to_string();
        assert!(!said.contains('\u{1b}') && said.starts_with("line "), "{said:?}");
    }
}

#[test]
fn the_place_follows_the_environment() {
    let of = |pairs: &'static [(&str, &str)]| {
        place(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value)))
    };
    assert_eq!(of(&[("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]), Some("/c/losslab/config.toml".into()));
    assert_eq!(
        of(&[("XDG_CONFIG_HOME", "relative"), ("HOME", "/h")]),
        Some("/h/.config/losslab/config.toml".into())
    );
    assert_eq!(of(&[]), None);
}
