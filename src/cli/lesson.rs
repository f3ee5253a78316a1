//! `losslab lesson`: the list, a lesson in the lab or as plain text, and the test of every taught fact.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use crate::app::Keymap;
use crate::lesson::{self, LESSONS, Lesson, trial};

/// The exit code of a fact that is not true.
const FALSE: u8 = 1;

/// The format in short, for `--help`; assets/lessons/README.md says more.
const FORMAT: &str = "\
A lesson of your own is a TOML file:

  title = \"Where do four classes go?\"
  next = \"what to look at then\"
  [run]                        # what runs, as in an experiment file
  objective = \"normface(scale=4)\"
  classes = 4
  [[page]]
  text = \"At most 40 words.\"   # <toggle> in a text is the key of that action: losslab keys
  predict = { options = [\"90\", \"109.5\", \"120\"], answer = \"b\" }
  hint = \"...\"                 # h
  set = { scale = 8 }          # options and knobs, as the page opens
  at = [{ step = 300, set = { scale = 1 } }]
  restart = true               # begin anew rather than go on
  allow = [\"lr\", \"scale\"]      # what may be changed; or lock = [...]
  projection = \"pca\"
  forces = true
  check = \"min_class_angle > 108.5 and nc1 < 0.01\"
  says = \"the fact in words\"
  after = 0                    # steps before the check counts
  steps = 2000                 # steps until which it must hold
  fails-with = { classes = 5 } # settings under which it must be false
  explain = \"At most 40 words.\"

[runs.NAME] and compare = [\"A\", \"B\"] on a page run several in turn; a check then names A.loss, B.loss.
A check compares with > < >= <= or = (a = b +- c), knows + - * / ( ) ln exp sqrt abs cos sin acos deg pi,
every metric of \"losslab list metrics\", every numeric knob, and:
";

/// Arguments of `lesson`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub struct Arguments {
    /// A lesson by name or number, a TOML file of your own, or "test" with names, files or "all"
    #[arg(value_name = "NAME|FILE | test NAME|FILE|all")]
    what: Vec<String>,
    /// How the lab looks; `--plain` prints the pages and measured checks instead of opening it.
    #[command(flatten)]
    screen: super::screen::ScreenArgs,
}

fn help() -> String {
    let mut text = FORMAT.to_owned();
    for lesson::quantity::Quantity { name, about: meaning, .. } in lesson::quantity::QUANTITIES {
        let _ = writeln!(text, "  {name:<24} {meaning}");
    }
    text
}

/// Lists, opens, prints or tests.
pub fn run(arguments: &Arguments) -> ExitCode {
    if let [name] = arguments.what.as_slice()
        && name != "test"
        && !arguments.screen.plain()
    {
        return match (open(name), arguments.screen.config()) {
            (Ok(lesson), Ok(config)) => crate::lab::teach(lesson, config),
            (Err(sentence), _) | (_, Err(sentence)) => ExitCode::from(super::refuse(&sentence)),
        };
    }
    ExitCode::from(in_words(arguments))
}

/// Everything but the lab.
fn in_words(arguments: &Arguments) -> u8 {
    let words: Vec<&str> = arguments.what.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => list(),
        ["test"] => test(&["all"]),
        ["test", names @ ..] => test(names),
        [name] => match open(name) {
            Ok(lesson) => print(&lesson),
            Err(sentence) => super::refuse(&sentence),
        },
        [_, extra, ..] => {
            super::refuse(&format!("one lesson at a time: \"{}\" is too much", crate::data::printable(extra)))
        }
    }
}

/// A lesson by name, number or file.
fn open(name: &str) -> Result<Lesson, String> {
    let path = Path::new(name);
    if name.contains(['.', '/', '\\']) || path.exists() {
        return lesson::read(path).map_err(|error| error.to_string());
    }
    lesson::find(name)
}

fn list() -> u8 {
    let progress = crate::lab::progress::read();
    let mut text = String::new();
    for (place, lesson) in lesson::all().iter().enumerate() {
        let done = if progress.finished(&lesson.name) { "done" } else { "" };
        let line = format!("{:>3} {:<20}{:<34}{done}", place + 1, lesson.name, lesson.title);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str(
        "\n\"losslab lesson NAME\" opens one; \"losslab lesson test all\" measures every taught fact.\n",
    );
    super::say(&text);
    super::FINE
}

fn test(names: &[&str]) -> u8 {
    let everything: Vec<&str> = LESSONS.iter().map(|(name, _)| *name).collect();
    let mut code = super::FINE;
    let (mut facts, mut wrong) = (0, 0);
    for name in names.iter().flat_map(|name| if *name == "all" { everything.clone() } else { vec![*name] }) {
        let lesson = match open(name) {
            Ok(lesson) => lesson,
            Err(sentence) => {
                code = super::refuse(&sentence);
                continue;
            }
        };
        let begins = Instant::now();
        match trial::examine(&lesson) {
            Ok(verdicts) => {
                let mut text = format!("{}: {}\n", lesson.name, lesson.title);
                for verdict in &verdicts {
                    facts += 1;
                    wrong += u32::from(!verdict.passes());
                    show(verdict, &mut text);
                }
                let _ = writeln!(text, "  {:.1} s", begins.elapsed().as_secs_f64());
                super::say(&text);
            }
            Err(sentence) => code = super::refuse(&sentence),
        }
    }
    super::say(&format!("{facts} facts measured, {wrong} not true\n"));
    if wrong > 0 && code == super::FINE { FALSE } else { code }
}

fn show(verdict: &trial::Verdict, text: &mut String) {
    let mark = if verdict.passes() { "true " } else { "FALSE" };
    let _ = writeln!(text, "  {mark} page {} (line {}): {}", verdict.page, verdict.line, verdict.says);
    for outcome in &verdict.outcomes {
        let mark = if outcome.holds { " " } else { "!" };
        let _ = writeln!(
            text,
            "      {mark} {}: {}, wanted {} (step {})",
            outcome.words, outcome.now, outcome.wanted, verdict.steps
        );
    }
    if let Some(why) = &verdict.stopped {
        let _ = writeln!(text, "      ! the run stopped: {why}");
    }
    match verdict.refuted {
        Some(true) => text.push_str("        false under fails-with, as it should be\n"),
        Some(false) => text.push_str("      ! true even under fails-with: it teaches nothing\n"),
        None => {}
    }
}

/// The lesson as text, with its checks measured.
fn print(lesson: &Lesson) -> u8 {
    let lesson = &lesson.clone().told(|text| Keymap::default().spell(text));
    let verdicts = match trial::examine(lesson) {
        Ok(verdicts) => verdicts,
        Err(sentence) => return super::refuse(&sentence),
    };
    let mut text = format!("{}\n\n", lesson.title);
    for (place, page) in lesson.pages.iter().enumerate() {
        let _ = writeln!(text, "Page {} of {}\n{}", place + 1, lesson.pages.len(), page.text);
        for (letter, option) in ('a'..).zip(page.predict.iter().flat_map(|predict| &predict.options)) {
            let _ = writeln!(text, "  {letter}) {option}");
        }
        if let Some(predict) = &page.predict {
            let _ = writeln!(text, "The answer is {}.", predict.options[predict.answer]);
        }
        if let Some(verdict) = verdicts.iter().find(|verdict| verdict.page == place + 1) {
            text.push_str("Measured:\n");
            show(verdict, &mut text);
        }
        let _ = writeln!(text, "{}\n", page.explain);
    }
    let _ = writeln!(text, "Next: {}", lesson.next);
    super::say(&text);
    if verdicts.iter().all(trial::Verdict::passes) { super::FINE } else { FALSE }
}
