//! The one key table: which key does what, where, and the words for it. Dispatch, footer, help and palette read it.

use crossterm::event::KeyCode;

use super::keymap::Keymap;
use super::layout::Pane;

/// What a key makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run or pause.
    Toggle,
    /// One step.
    Step,
    /// Fifty steps.
    Leap,
    /// One step back.
    StepBack,
    /// Fifty steps back.
    LeapBack,
    /// The start.
    First,
    /// The newest step.
    Newest,
    /// A branch from here.
    Branch,
    /// The list of branches.
    Branches,
    /// Take a change of a knob back.
    Undo,
    /// Bring it back again.
    Redo,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// Act in the focused pane.
    Arrow(Way),
    /// Ten times as far.
    Far(Way),
    /// Open or confirm.
    Enter,
    /// The next pane.
    NextPane,
    /// The pane before.
    LastPane,
    /// The pane of this number.
    Focus(u8),
    /// The focused pane alone, or all.
    Expand,
    /// The view as it was.
    ResetView,
    /// Nearer.
    ZoomIn,
    /// Farther.
    ZoomOut,
    /// The next projection.
    NextProjection,
    /// The projection before.
    LastProjection,
    /// The grand tour, on or still.
    Tour,
    /// Whether the sphere turns by itself.
    Spin,
    /// The class plane through other means.
    Plane,
    /// The ways that points have come.
    Trails,
    /// The next kind of force arrows, or none.
    Forces,
    /// The picked point in numbers.
    Inspect,
    /// The force laws of other objectives, or none.
    Laws,
    /// The pull, or the target's logit.
    LawAxis,
    /// The proved arrangement over the points, or not.
    Target,
    /// Cosines, or how far they are from the proved arrangement.
    Difference,
    /// The curve's axis.
    LogAxis,
    /// Pick the next point.
    NextPoint,
    /// Pick the point before.
    LastPoint,
    /// Pick the next class.
    NextClass,
    /// Pick the class before.
    LastClass,
    /// Pick the next pair of classes.
    NextPair,
    /// Pick the pair before.
    LastPair,
    /// Find a point or class by name or number.
    Find,
    /// The same start again.
    Restart,
    /// Another start.
    NewSeed,
    /// Choose an objective.
    Objective,
    /// Write pictures and the state.
    Export,
    /// Copy the share string.
    Share,
    /// Free or take the mouse.
    Mouse,
    /// The list of warnings.
    Warnings,
    /// Everything that can be done, to be searched.
    Palette,
    /// The keys.
    Help,
    /// One layer up.
    Back,
    /// The list of lessons.
    Lessons,
    /// The list of presets.
    Presets,
    /// The next page of a lesson.
    NextPage,
    /// The page before.
    PageBack,
    /// The next page, whatever the check says.
    SkipPage,
    /// The hint of the page.
    Hint,
    /// Everything may be changed on this page.
    Unlock,
    /// Out of the lesson.
    LeaveLesson,
    /// Ten entries or lines up.
    PageUp,
    /// Ten entries or lines down.
    PageDown,
    /// The last character typed, or the chosen branch, away.
    Erase,
    /// This run once more beside itself.
    Compare,
    /// The run beside it has the focus.
    NextRun,
    /// The run before has the focus.
    LastRun,
    /// The main run has the focus.
    FirstRun,
    /// The run beside the main one has the focus.
    SecondRun,
    /// One camera and the same axes for all runs, or one each.
    LockViews,
    /// Lines from where one run has a point to where the other has it.
    Apart,
    /// The same runs from more seeds.
    Seeds,
    /// Let this run go.
    DropRun,
    /// One layer up, and out of the comparison.
    LeaveComparison,
    /// Record the session, or end the recording.
    Record,
    /// A mark in the recording.
    Mark,
    /// Leave.
    Quit,
    /// Leave the last frame on the terminal.
    QuitKeeping,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Anywhere,
    /// While this pane has the focus.
    In(Pane),
    /// While a lesson is open, before anything else.
    Lesson,
    /// In what lies over the panes: lists, menus, texts. Where letters are typed they stay letters.
    Lists,
    /// While runs go side by side, before anything else but the keys of the focused pane.
    Comparison,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys, the first shown.
    pub keys: &'static [KeyCode],
    /// What they do.
    pub action: Action,
    /// Where.
    pub scope: Scope,
    /// A word or two for the footer.
    pub label: &'static str,
    /// A sentence for help, palette and manual.
    pub help: &'static str,
}

const fn row(
    keys: &'static [KeyCode],
    action: Action,
    scope: Scope,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, action, scope, label, help }
}

use KeyCode::{Char, Down, Enter, Esc, F, Left, Right, Up};
use Scope::{Anywhere, Comparison, In};

/// Every key of the lab. More particular rows come first: those of a lesson, of the focused pane, then of a comparison
/// are looked for before all others.
pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], Action::Toggle, Anywhere, "run/pause", "run or pause"),
    row(&[Char('.')], Action::Step, Anywhere, "step", "make one step"),
    row(&[Char('>')], Action::Leap, Anywhere, "50 steps", "make 50 steps"),
    row(&[Char(',')], Action::StepBack, Anywhere, "step back", "go one step back"),
    row(&[Char('<')], Action::LeapBack, Anywhere, "50 back", "go 50 steps back"),
    row(&[KeyCode::Home], Action::First, Anywhere, "start", "go back to the start"),
    row(&[KeyCode::End], Action::Newest, Anywhere, "newest", "go to the newest step"),
    row(&[Char('b')], Action::Branch, Anywhere, "branch", "begin a branch at this step"),
    row(&[Char('B')], Action::Branches, Anywhere, "branches", "list the branches, go to one"),
    row(&[Char('u')], Action::Undo, Anywhere, "undo", "take the last change of a knob back"),
    row(&[Char('U')], Action::Redo, Anywhere, "redo", "bring the change back again (Ctrl-R too)"),
    row(&[Left], Action::Arrow(Way::Left), In(Pane::Time), "scrub", "back in time"),
    row(&[Right], Action::Arrow(Way::Right), In(Pane::Time), "scrub", "on in time"),
    row(&[Up], Action::Arrow(Way::Up), In(Pane::Time), "edit before", "to the edit before"),
    row(&[Down], Action::Arrow(Way::Down), In(Pane::Time), "next edit", "to the next edit"),
    row(&[Char('8')], Action::Focus(8), Anywhere, "time", "go to the line of time"),
    row(&[Char('+'), Char('=')], Action::Faster, Anywhere, "faster", "twice as many steps a frame"),
    row(&[Char('-')], Action::Slower, Anywhere, "slower", "half as many steps a frame"),
    row(&[Left], Action::Arrow(Way::Left), In(Pane::Gram), "cell", "pick the cell to the left"),
    row(&[Right], Action::Arrow(Way::Right), In(Pane::Gram), "cell", "pick the cell to the right"),
    row(&[Up], Action::Arrow(Way::Up), In(Pane::Gram), "cell", "pick the cell above"),
    row(&[Down], Action::Arrow(Way::Down), In(Pane::Gram), "cell", "pick the cell below"),
    row(&[Left], Action::Arrow(Way::Left), In(Pane::Params), "less", "a notch less of the chosen row"),
    row(&[Right], Action::Arrow(Way::Right), In(Pane::Params), "more", "a notch more of the chosen row"),
    row(&[Up], Action::Arrow(Way::Up), In(Pane::Params), "pick", "choose the row above"),
    row(&[Down], Action::Arrow(Way::Down), In(Pane::Params), "pick", "choose the row below"),
    row(&[Char('{')], Action::Far(Way::Left), In(Pane::Params), "x10 less", "ten notches less"),
    row(&[Char('}')], Action::Far(Way::Right), In(Pane::Params), "x10 more", "ten notches more"),
    row(&[Enter], Action::Enter, In(Pane::Params), "type", "type a number, or pick a new objective"),
    row(&[Left], Action::Arrow(Way::Left), Anywhere, "turn", "turn the view to the left"),
    row(&[Right], Action::Arrow(Way::Right), Anywhere, "turn", "turn the view to the right"),
    row(&[Up], Action::Arrow(Way::Up), Anywhere, "turn", "turn the view up"),
    row(&[Down], Action::Arrow(Way::Down), Anywhere, "turn", "turn the view down"),
    row(&[Enter], Action::Enter, In(Pane::Loss), "objective", "choose an objective"),
    row(&[KeyCode::Tab], Action::NextPane, Anywhere, "pane", "the next pane"),
    row(&[KeyCode::BackTab], Action::LastPane, Anywhere, "pane", "the pane before"),
    row(&[Char('1')], Action::Focus(1), Anywhere, "view", "go to the view"),
    row(&[Char('2')], Action::Focus(2), Anywhere, "loss", "go to the loss curve"),
    row(&[Char('3')], Action::Focus(3), Anywhere, "angles", "go to the angles"),
    row(&[Char('4')], Action::Focus(4), Anywhere, "params", "go to what can be set"),
    row(&[Char('5')], Action::Focus(5), Anywhere, "force law", "go to the force law"),
    row(&[Char('6')], Action::Focus(6), Anywhere, "gram", "go to the cosines between classes"),
    row(&[Char('7')], Action::Focus(7), Anywhere, "point", "go to the picked point"),
    row(&[Char('9')], Action::Focus(9), Anywhere, "numbers", "go to the metrics"),
    row(&[Char('e')], Action::Expand, Anywhere, "expand", "show the focused pane alone, or all again"),
    row(&[Char('o')], Action::Objective, Anywhere, "objective", "choose an objective"),
    row(&[Char('z')], Action::ZoomIn, Anywhere, "zoom", "nearer"),
    row(&[Char('Z')], Action::ZoomOut, Anywhere, "zoom", "farther"),
    row(&[Char('0')], Action::ResetView, Anywhere, "reset view", "turn and zoom the view back"),
    row(&[Char('v')], Action::NextProjection, Anywhere, "projection", "the next projection"),
    row(&[Char('V')], Action::LastProjection, Anywhere, "projection", "the projection before"),
    row(
        &[Char('T')],
        Action::Tour,
        Anywhere,
        "tour",
        "go on a tour through random directions, or stand still",
    ),
    row(&[], Action::Spin, Anywhere, "spin", "let the view turn by itself while the run goes, or stop it"),
    row(
        &[Char('P')],
        Action::Plane,
        Anywhere,
        "class plane",
        "the plane through what is picked and its neighbours; with nothing picked, the next three classes",
    ),
    row(
        &[Char('t')],
        Action::Trails,
        Anywhere,
        "trails",
        "show the ways that points have come, or hide them",
    ),
    row(
        &[Char('f')],
        Action::Forces,
        Anywhere,
        "forces",
        "the next force arrows: net, by class, along the sphere, the radius, on weights, none",
    ),
    row(
        &[Char('i')],
        Action::Inspect,
        Anywhere,
        "inspect",
        "the picked point in numbers: who pulls it, its scores, exponentials and weights",
    ),
    row(
        &[Char('a')],
        Action::Laws,
        Anywhere,
        "other laws",
        "lay the force laws of normface, cosface and arcface over that of the run, or take them away",
    ),
    row(
        &[Char('g')],
        Action::Target,
        Anywhere,
        "target",
        "lay the proved arrangement over the points, or take it away",
    ),
    row(
        &[Char('d')],
        Action::Difference,
        In(Pane::Gram),
        "difference",
        "show cosines, or how far they are from the proved arrangement",
    ),
    row(&[Char('d')], Action::LawAxis, In(Pane::Law), "logit", "show the pull, or the logit of the target"),
    row(&[Char('y')], Action::LogAxis, Anywhere, "log axis", "logarithmic or linear loss axis"),
    row(&[Char('n')], Action::NextPoint, Anywhere, "point", "pick the next point"),
    row(&[Char('N')], Action::LastPoint, Anywhere, "point", "pick the point before"),
    row(&[Char('j')], Action::NextClass, Anywhere, "class", "pick the next class"),
    row(&[Char('J')], Action::LastClass, Anywhere, "class", "pick the class before"),
    row(&[Char('k')], Action::NextPair, Anywhere, "pair", "pick the next pair of classes"),
    row(&[Char('K')], Action::LastPair, Anywhere, "pair", "pick the pair before"),
    row(&[Char('/')], Action::Find, Anywhere, "find", "find a point, class or pair by name or number"),
    row(&[Char('R')], Action::Restart, Anywhere, "restart", "restart with the same seed"),
    row(&[Char('D')], Action::NewSeed, Anywhere, "new seed", "restart with another seed"),
    row(
        &[Char('x')],
        Action::Export,
        Anywhere,
        "export",
        "write pictures, a film, the curve, the numbers or the state; again: as last time",
    ),
    row(
        &[Char('Y')],
        Action::Share,
        Anywhere,
        "share",
        "copy this moment as a share string, and print it on leaving",
    ),
    row(
        &[Char('r')],
        Action::Record,
        Anywhere,
        "record",
        "record the session into a file for losslab replay, or end that",
    ),
    row(&[Char('M')], Action::Mark, Anywhere, "mark", "put a mark into the recording: a replay stops there"),
    row(&[Char('m')], Action::Mouse, Anywhere, "mouse", "free the mouse for selecting text, or take it"),
    row(&[Char('w')], Action::Warnings, Anywhere, "warnings", "list warnings and notices"),
    row(&[Char(':')], Action::Palette, Anywhere, "commands", "search everything that can be done"),
    row(&[Char('?'), F(1)], Action::Help, Anywhere, "help", "show the keys"),
    row(
        &[Char('c')],
        Action::Compare,
        Anywhere,
        "compare",
        "copy this run to go beside itself, and take both to their start; then change the copy",
    ),
    row(&[Char('L')], Action::Lessons, Anywhere, "lessons", "choose a lesson: predict, run, measure"),
    row(&[Char('p')], Action::Presets, Anywhere, "presets", "choose a ready-made experiment"),
    row(
        &[Char('a')],
        Action::FirstRun,
        Comparison,
        "A",
        "look at the first run: keys and params are about it",
    ),
    row(
        &[Char('b')],
        Action::SecondRun,
        Comparison,
        "B",
        "look at the second run: keys and params are about it",
    ),
    row(&[KeyCode::Tab], Action::NextRun, Comparison, "run", "look at the next run"),
    row(&[KeyCode::BackTab], Action::LastRun, Comparison, "run", "look at the run before"),
    row(
        &[Char('=')],
        Action::LockViews,
        Comparison,
        "lock views",
        "one camera and the same axes for all runs, or one for each",
    ),
    row(
        &[Char('d')],
        Action::Apart,
        Comparison,
        "difference",
        "lines from where the first run has a point to where this one has it",
    ),
    row(
        &[Char('S')],
        Action::Seeds,
        Comparison,
        "seeds",
        "run all of them from five more seeds and count the signs of differences; again: stop",
    ),
    row(&[KeyCode::Delete], Action::DropRun, Comparison, "drop", "let this run go"),
    row(&[Esc], Action::LeaveComparison, Comparison, "leave", "one layer up, then out of the comparison; asks before a run is lost"),
    row(&[Enter], Action::NextPage, Scope::Lesson, "next", "the next page of the lesson"),
    row(&[KeyCode::Backspace], Action::PageBack, Scope::Lesson, "back", "the page of the lesson before"),
    row(&[Char('h')], Action::Hint, Scope::Lesson, "hint", "show the hint of the page"),
    row(&[Char('s')], Action::SkipPage, Scope::Lesson, "skip", "skip this page of the lesson"),
    row(&[], Action::Unlock, Scope::Lesson, "unlock", "let everything be changed on this page of the lesson"),
    row(&[Esc], Action::LeaveLesson, Scope::Lesson, "leave", "leave the lesson; the page is kept"),
    row(&[Up], Action::Arrow(Way::Up), Scope::Lists, "choose", "choose the entry above, or scroll up"),
    row(&[Down], Action::Arrow(Way::Down), Scope::Lists, "choose", "choose the entry below, or scroll down"),
    row(&[KeyCode::PageUp], Action::PageUp, Scope::Lists, "page", "ten entries or lines up"),
    row(&[KeyCode::PageDown], Action::PageDown, Scope::Lists, "page", "ten entries or lines down"),
    row(&[KeyCode::Home], Action::First, Scope::Lists, "first", "choose the first entry"),
    row(&[KeyCode::End], Action::Newest, Scope::Lists, "last", "choose the last entry"),
    row(&[Enter], Action::Enter, Scope::Lists, "take", "take the chosen entry"),
    row(
        &[KeyCode::Backspace, KeyCode::Delete],
        Action::Erase,
        Scope::Lists,
        "erase",
        "take back what was typed last; in the list of branches, forget the chosen one",
    ),
    row(&[Esc], Action::Back, Scope::Lists, "close", "close what lies over the panes"),
    row(&[Esc], Action::Back, Anywhere, "back", "one layer up; never quits"),
    row(&[Char('q')], Action::Quit, Anywhere, "quit", "quit"),
    row(
        &[Char('Q')],
        Action::QuitKeeping,
        Anywhere,
        "quit, keep",
        "quit and leave the last frame on the terminal",
    ),
];

/// How a key is written.
pub fn name(key: KeyCode) -> String {
    match key {
        Char(' ') => "space".into(),
        Char(c) => c.to_string(),
        Left => "←".into(),
        Right => "→".into(),
        Up => "↑".into(),
        Down => "↓".into(),
        KeyCode::BackTab => "Shift-Tab".into(),
        KeyCode::Backspace => "Bksp".into(),
        F(n) => format!("F{n}"),
        other => format!("{other:?}"),
    }
}

/// One entry of the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The keys of its actions, written out.
    pub keys: String,
    /// A word or two.
    pub label: &'static str,
    /// What a click on each key does; on the label, the first.
    pub actions: &'static [Action],
    /// Whether it leads out, or to the other keys: there is always room for it.
    pub way_out: bool,
}

/// The keys of some actions as an entry writes them one after another: those of several letters apart.
pub fn together(keymap: &Keymap, actions: &[Action]) -> Vec<String> {
    let mut keys: Vec<String> = actions.iter().map(|action| keymap.key_of(*action)).collect();
    if keys.iter().any(|key| key.chars().count() > 1) {
        for key in keys.iter_mut().skip(1).filter(|key| !key.is_empty()) {
            key.insert(0, ' ');
        }
    }
    keys
}

/// What matters while runs go side by side.
const OF_COMPARISON: &[(&str, &[Action])] = &[
    ("run/pause", &[Action::Toggle]),
    ("step", &[Action::StepBack, Action::Step]),
    ("run", &[Action::FirstRun, Action::SecondRun]),
    ("leave", &[Action::LeaveComparison]),
    ("help", &[Action::Help]),
    ("objective", &[Action::Objective]),
    ("seeds", &[Action::Seeds]),
    ("lock", &[Action::LockViews]),
    ("start", &[Action::First]),
    ("params", &[Action::Focus(4)]),
    ("another", &[Action::Compare]),
    ("drop", &[Action::DropRun]),
    ("difference", &[Action::Apart]),
    ("export", &[Action::Export]),
];

/// All that the footer could say: what matters here, most important first.
pub fn footer(keymap: &Keymap, focus: Pane, compares: bool) -> Vec<Entry> {
    let aside: &[(&str, &[Action])] = if compares { OF_COMPARISON } else { &[] };
    let own: &[(&str, &'static [Action])] = match focus {
        Pane::Params => &[
            ("pick", &[Action::Arrow(Way::Up), Action::Arrow(Way::Down)]),
            ("change", &[Action::Arrow(Way::Left), Action::Arrow(Way::Right)]),
            ("x10", &[Action::Far(Way::Left), Action::Far(Way::Right)]),
            ("type", &[Action::Enter]),
        ],
        Pane::Loss => &[("log axis", &[Action::LogAxis]), ("objective", &[Action::Objective])],
        Pane::View => {
            &[("turn", &[Action::Arrow(Way::Left), Action::Arrow(Way::Right)]), ("target", &[Action::Target])]
        }
        Pane::Selected => {
            &[("next, last", &[Action::NextPoint, Action::LastPoint]), ("inspect", &[Action::Inspect])]
        }
        Pane::Law => &[("other laws", &[Action::Laws]), ("logit", &[Action::LawAxis])],
        Pane::Gram => &[
            ("cell", &[Action::Arrow(Way::Left), Action::Arrow(Way::Right)]),
            ("difference", &[Action::Difference]),
        ],
        Pane::Time => &[
            ("scrub", &[Action::Arrow(Way::Left), Action::Arrow(Way::Right)]),
            ("start, newest", &[Action::First, Action::Newest]),
            ("branches", &[Action::Branches]),
        ],
        Pane::Angles | Pane::Numbers => &[],
    };
    let common: &[(&str, &'static [Action])] = &[
        ("run/pause", &[Action::Toggle]),
        ("step", &[Action::StepBack, Action::Step]),
        ("speed", &[Action::Faster, Action::Slower]),
        ("pane", &[Action::NextPane]),
        ("help", &[Action::Help]),
        ("quit", &[Action::Quit]),
        ("objective", &[Action::Objective]),
        ("compare", &[Action::Compare]),
        ("undo", &[Action::Undo]),
        ("branches", &[Action::Branches]),
        ("restart", &[Action::Restart]),
        ("seed", &[Action::NewSeed]),
        ("export", &[Action::Export]),
        ("share", &[Action::Share]),
        ("expand", &[Action::Expand]),
        ("forces", &[Action::Forces]),
        ("inspect", &[Action::Inspect]),
        ("commands", &[Action::Palette]),
        ("zoom", &[Action::ZoomIn, Action::ZoomOut]),
        ("projection", &[Action::NextProjection]),
        ("point", &[Action::NextPoint]),
        ("class", &[Action::NextClass]),
        ("pair", &[Action::NextPair]),
        ("find", &[Action::Find]),
        ("tour", &[Action::Tour]),
        ("trails", &[Action::Trails]),
        ("warnings", &[Action::Warnings]),
        ("lessons", &[Action::Lessons]),
        ("presets", &[Action::Presets]),
        ("record", &[Action::Record]),
    ];
    let mut shown: Vec<Entry> = Vec::new();
    // Some panes have keys of their own wherever they are; else a comparison's come first.
    let steers = matches!(focus, Pane::Params | Pane::Law | Pane::Gram);
    let (first, second) = if steers { (own, aside) } else { (aside, own) };
    for (label, actions) in first.iter().chain(second).chain(common) {
        let means_other = compares && actions.iter().any(|action| keymap.is_shadowed(*action, focus));
        if shown.iter().any(|entry| entry.label == *label) || means_other {
            continue;
        }
        let keys = together(keymap, actions).concat();
        // An action that was left without a key is still in the palette.
        if !keys.is_empty() {
            let way_out = match actions[0] {
                Action::Help | Action::LeaveComparison => true,
                Action::Quit => !compares,
                _ => false,
            };
            shown.push(Entry { keys, label, actions, way_out });
        }
    }
    shown
}

/// The same while a lesson is open.
pub fn of_lesson(keymap: &Keymap) -> Vec<Entry> {
    const ACTIONS: &[Action] = &[
        Action::Toggle,
        Action::NextPage,
        Action::LeaveLesson,
        Action::Help,
        Action::Hint,
        Action::SkipPage,
        Action::PageBack,
        Action::Faster,
        Action::Step,
        Action::NextPane,
        Action::Quit,
    ];
    let entry = |actions: &'static [Action]| {
        let binding = KEYS.iter().find(|binding| binding.action == actions[0])?;
        let keys = Some(keymap.key_of(binding.action)).filter(|keys| !keys.is_empty())?;
        Some(Entry { keys, label: binding.label, actions, way_out: false })
    };
    ACTIONS.chunks(1).filter_map(entry).collect()
}

/// What the footer says while a number is typed: these keys are what they are whatever the keymap says.
pub fn typing() -> Vec<Entry> {
    let entry = |key, label, actions| Entry { keys: name(key), label, actions, way_out: false };
    vec![
        entry(Enter, "sets the number", &[Action::Enter]),
        entry(Esc, "leaves it as it was", &[Action::Back]),
        entry(KeyCode::Backspace, "takes a digit back", &[Action::Erase]),
    ]
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;

    #[test]
    fn every_label_of_the_footer_has_its_keys() {
        for pane in Pane::ALL {
            for compares in [false, true] {
                let footer = footer(&Keymap::default(), pane, compares);
                assert!(footer.len() > 10 && footer.iter().all(|entry| !entry.keys.is_empty()), "{pane:?}");
            }
        }
    }

    #[test]
    fn control_does_nothing_and_shift_goes_far() {
        let key = |modifiers| KeyEvent::new(Left, modifiers);
        let action = |key| Keymap::default().action(&key, Pane::View, false);
        assert_eq!(action(key(KeyModifiers::CONTROL)), None);
        assert_eq!(action(key(KeyModifiers::SHIFT)), Some(Action::Far(Way::Left)));
    }
}
