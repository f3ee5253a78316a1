//! The one key table: which key does what, where, and the words for it. Dispatch, footer, help and palette read it.

use crossterm::event::KeyCode;

mod action;
mod footer;

pub use action::{Action, Way};
pub use footer::{Entry, footer, of_lesson, over, together, typing};

use super::layout::Pane;

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

/// What the help has a binding under: what it is for, where it holds everywhere, else the place where it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// How a run goes.
    Run,
    /// What has been.
    Past,
    /// What is run.
    Choice,
    /// How it is looked at.
    View,
    /// What is picked, and forces.
    Points,
    /// Where one is on the screen.
    Panes,
    /// What is kept.
    Keep,
    /// The rest.
    More,
    /// In this pane.
    In(Pane),
    /// In a comparison.
    Comparison,
    /// In a lesson.
    Lesson,
    /// In lists.
    Lists,
}

impl Heading {
    /// Those of keys that hold everywhere, in their order.
    pub const EVERYWHERE: [Self; 8] =
        [Self::Run, Self::Past, Self::Choice, Self::View, Self::Points, Self::Panes, Self::Keep, Self::More];

    /// Where what stands under it holds.
    pub const fn scope(self) -> Scope {
        match self {
            Self::In(pane) => Scope::In(pane),
            Self::Comparison => Scope::Comparison,
            Self::Lesson => Scope::Lesson,
            Self::Lists => Scope::Lists,
            Self::Run
            | Self::Past
            | Self::Choice
            | Self::View
            | Self::Points
            | Self::Panes
            | Self::Keep
            | Self::More => Scope::Anywhere,
        }
    }

    /// As the help writes it.
    pub fn words(self) -> String {
        match self {
            Self::Run => "The run".to_owned(),
            Self::Past => "Going back, branches".to_owned(),
            Self::Choice => "Another loss, another experiment".to_owned(),
            Self::View => "The view".to_owned(),
            Self::Points => "Points, classes, and what pulls them".to_owned(),
            Self::Panes => "Panes".to_owned(),
            Self::Keep => "Writing, sharing, recording".to_owned(),
            Self::More => "Help and ways out".to_owned(),
            Self::In(pane) => format!("In {}", pane.name()),
            Self::Comparison => "While runs go side by side".to_owned(),
            Self::Lesson => "In a lesson".to_owned(),
            Self::Lists => "In lists".to_owned(),
        }
    }
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
    /// What the help has it under.
    pub heading: Heading,
    /// A word or two for the footer.
    pub label: &'static str,
    /// A sentence for help, palette and manual.
    pub help: &'static str,
}

const fn row(
    keys: &'static [KeyCode],
    action: Action,
    heading: Heading,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, action, scope: heading.scope(), heading, label, help }
}

use Heading::{Choice, Comparison, In, Keep, More, Panes, Past, Points, Run, View};
use KeyCode::{Char, Down, Enter, Esc, F, Left, Right, Up};

/// Every key of the lab. More particular rows come first: those of a lesson, of the focused pane, then of a comparison
/// are looked for before all others.
pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], Action::Toggle, Run, "run/pause", "run or pause"),
    row(&[Char('.')], Action::Step, Run, "step", "make one step"),
    row(&[Char('>')], Action::Leap, Run, "50 steps", "make 50 steps"),
    row(&[Char(',')], Action::StepBack, Past, "step back", "go one step back"),
    row(&[Char('<')], Action::LeapBack, Past, "50 back", "go 50 steps back"),
    row(&[KeyCode::Home], Action::First, Past, "start", "go back to the start"),
    row(&[KeyCode::End], Action::Newest, Past, "newest", "go to the newest step"),
    row(&[Char('b')], Action::Branch, Past, "branch", "begin a branch at this step"),
    row(&[Char('B')], Action::Branches, Past, "branches", "list the branches, go to one"),
    row(&[Char('u')], Action::Undo, Past, "undo", "take back the last change or restart"),
    row(&[Char('U')], Action::Redo, Past, "redo", "bring the change back again (Ctrl-R too)"),
    row(&[Left], Action::Arrow(Way::Left), In(Pane::Time), "scrub", "back in time"),
    row(&[Right], Action::Arrow(Way::Right), In(Pane::Time), "scrub", "on in time"),
    row(&[Up], Action::Arrow(Way::Up), In(Pane::Time), "edit before", "to the edit before"),
    row(&[Down], Action::Arrow(Way::Down), In(Pane::Time), "next edit", "to the next edit"),
    row(&[Char('8')], Action::Focus(8), Panes, "time", "go to the line of time"),
    row(&[Char('+'), Char('=')], Action::Faster, Run, "faster", "twice as many steps a frame"),
    row(&[Char('-')], Action::Slower, Run, "slower", "half as many steps a frame"),
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
    row(&[Left], Action::Arrow(Way::Left), View, "turn", "turn the view to the left"),
    row(&[Right], Action::Arrow(Way::Right), View, "turn", "turn the view to the right"),
    row(&[Up], Action::Arrow(Way::Up), View, "turn", "turn the view up"),
    row(&[Down], Action::Arrow(Way::Down), View, "turn", "turn the view down"),
    row(&[Enter], Action::Enter, In(Pane::Loss), "objective", "choose an objective"),
    row(&[KeyCode::Tab], Action::NextPane, Panes, "pane", "the next pane"),
    row(&[KeyCode::BackTab], Action::LastPane, Panes, "pane", "the pane before"),
    row(&[Char('1')], Action::Focus(1), Panes, "view", "go to the view"),
    row(&[Char('2')], Action::Focus(2), Panes, "loss", "go to the loss curve"),
    row(&[Char('3')], Action::Focus(3), Panes, "angles", "go to the angles"),
    row(&[Char('4')], Action::Focus(4), Panes, "params", "go to what can be set"),
    row(&[Char('5')], Action::Focus(5), Panes, "force law", "go to the force law"),
    row(&[Char('6')], Action::Focus(6), Panes, "gram", "go to the cosines between classes"),
    row(&[Char('7')], Action::Focus(7), Panes, "point", "go to the picked point"),
    row(&[Char('9')], Action::Focus(9), Panes, "numbers", "go to the metrics"),
    row(&[Char('e')], Action::Expand, Panes, "expand", "show the focused pane alone, or all again"),
    row(&[Char('o')], Action::Objective, Choice, "objective", "choose an objective"),
    row(&[Char('z')], Action::ZoomIn, View, "zoom", "nearer"),
    row(&[Char('Z')], Action::ZoomOut, View, "zoom", "farther"),
    row(&[Char('0')], Action::ResetView, View, "reset view", "turn and zoom the view back"),
    row(&[Char('v')], Action::NextProjection, View, "projection", "the next projection"),
    row(&[Char('V')], Action::LastProjection, View, "projection", "the projection before"),
    row(&[Char('T')], Action::Tour, View, "tour", "go on a tour through random directions, or stand still"),
    row(&[], Action::Spin, View, "spin", "let the view turn by itself while the run goes, or stop it"),
    row(
        &[Char('P')],
        Action::Plane,
        View,
        "class plane",
        "the plane through what is picked and its neighbours; with nothing picked, the next three classes",
    ),
    row(&[Char('t')], Action::Trails, View, "trails", "show the ways that points have come, or hide them"),
    row(
        &[Char('f')],
        Action::Forces,
        Points,
        "forces",
        "the next force arrows: net, by class, along the sphere, the radius, on weights, none",
    ),
    row(
        &[Char('i')],
        Action::Inspect,
        Points,
        "inspect",
        "the picked point in numbers: who pulls it, its scores, exponentials and weights",
    ),
    row(
        &[Char('a')],
        Action::Laws,
        Points,
        "other laws",
        "lay the force laws of normface, cosface and arcface over that of the run, or take them away",
    ),
    row(
        &[Char('g')],
        Action::Target,
        View,
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
    row(&[Char('y')], Action::LogAxis, Panes, "log axis", "logarithmic or linear loss axis"),
    row(&[Char('n')], Action::NextPoint, Points, "point", "pick the next point"),
    row(&[Char('N')], Action::LastPoint, Points, "point", "pick the point before"),
    row(&[Char('j')], Action::NextClass, Points, "class", "pick the next class"),
    row(&[Char('J')], Action::LastClass, Points, "class", "pick the class before"),
    row(&[Char('k')], Action::NextPair, Points, "pair", "pick the next pair of classes"),
    row(&[Char('K')], Action::LastPair, Points, "pair", "pick the pair before"),
    row(&[Char('/')], Action::Find, Points, "find", "find a point, class or pair by name or number"),
    row(&[Char('R')], Action::Restart, Run, "restart", "restart with the same seed"),
    row(&[Char('D')], Action::NewSeed, Run, "new seed", "restart with another seed"),
    row(
        &[Char('x')],
        Action::Export,
        Keep,
        "export",
        "write pictures, a film, the curve, the numbers or the state; again: as last time",
    ),
    row(
        &[Char('Y')],
        Action::Share,
        Keep,
        "share",
        "copy this moment as a share string, and print it on leaving",
    ),
    row(
        &[Char('r')],
        Action::Record,
        Keep,
        "record",
        "record the session into a file for losslab replay, or end that",
    ),
    row(&[Char('M')], Action::Mark, Keep, "mark", "put a mark into the recording: a replay stops there"),
    row(&[Char('m')], Action::Mouse, More, "mouse", "free the mouse for selecting text, or take it"),
    row(&[Char('w')], Action::Warnings, More, "warnings", "list warnings and notices"),
    row(&[Char(':')], Action::Palette, More, "commands", "search everything that can be done"),
    row(&[Char('?'), F(1)], Action::Help, More, "help", "show the keys"),
    row(
        &[Char('c')],
        Action::Compare,
        Choice,
        "compare",
        "copy this run to go beside itself, and take both to their start; then change the copy",
    ),
    row(&[Char('L')], Action::Lessons, Choice, "lessons", "choose a lesson: predict, run, measure"),
    row(&[Char('p')], Action::Presets, Choice, "presets", "choose a ready-made experiment"),
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
        "run all of them from six more seeds and count the signs of differences; again: stop",
    ),
    row(&[KeyCode::Delete], Action::DropRun, Comparison, "drop", "let this run go"),
    row(
        &[Esc],
        Action::LeaveComparison,
        Comparison,
        "leave",
        "one layer up, then out of the comparison; asks before a run is lost",
    ),
    row(&[Enter], Action::NextPage, Heading::Lesson, "next", "the next page of the lesson"),
    row(&[KeyCode::Backspace], Action::PageBack, Heading::Lesson, "back", "the page of the lesson before"),
    row(&[Char('h')], Action::Hint, Heading::Lesson, "hint", "show the hint of the page"),
    row(&[Char('s')], Action::SkipPage, Heading::Lesson, "skip", "skip this page of the lesson"),
    row(
        &[],
        Action::Unlock,
        Heading::Lesson,
        "unlock",
        "let everything be changed on this page of the lesson",
    ),
    row(&[Esc], Action::LeaveLesson, Heading::Lesson, "leave", "leave the lesson; the page is kept"),
    row(&[Up], Action::Arrow(Way::Up), Heading::Lists, "choose", "choose the entry above, or scroll up"),
    row(
        &[Down],
        Action::Arrow(Way::Down),
        Heading::Lists,
        "choose",
        "choose the entry below, or scroll down",
    ),
    row(&[KeyCode::PageUp], Action::PageUp, Heading::Lists, "page", "ten entries or lines up"),
    row(&[KeyCode::PageDown], Action::PageDown, Heading::Lists, "page", "ten entries or lines down"),
    row(&[KeyCode::Home], Action::First, Heading::Lists, "first", "choose the first entry"),
    row(&[KeyCode::End], Action::Newest, Heading::Lists, "last", "choose the last entry"),
    row(&[Enter], Action::Enter, Heading::Lists, "take", "take the chosen entry"),
    row(
        &[KeyCode::Backspace, KeyCode::Delete],
        Action::Erase,
        Heading::Lists,
        "erase",
        "take back what was typed last; in the list of branches, forget the chosen one",
    ),
    row(&[Esc], Action::Back, Heading::Lists, "close", "close what lies over the panes"),
    row(&[Esc], Action::Back, More, "back", "one layer up; never quits"),
    row(
        &[Char('q')],
        Action::Quit,
        More,
        "quit",
        "quit; asks before a film, a comparison or branches are lost, prints how a run is opened again",
    ),
    row(
        &[Char('Q')],
        Action::QuitKeeping,
        More,
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

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;
    use crate::app::keymap::Keymap;

    #[test]
    fn control_does_nothing_and_shift_goes_far() {
        let key = |modifiers| KeyEvent::new(Left, modifiers);
        let action = |key| Keymap::default().action(&key, Pane::View, false);
        assert_eq!(action(key(KeyModifiers::CONTROL)), None);
        assert_eq!(action(key(KeyModifiers::SHIFT)), Some(Action::Far(Way::Left)));
    }
}
