//! The one key table: which key does what, where, and the words for it. Dispatch, footer, help and palette read it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
    /// Whether the sphere turns by itself.
    Spin,
    /// Force arrows on or off.
    Forces,
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
    /// The same start again.
    Restart,
    /// Another start.
    NewSeed,
    /// Choose an objective.
    Objective,
    /// Write pictures and the state.
    Export,
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
use Scope::{Anywhere, In};

/// Every key of the lab. More particular rows come first.
pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], Action::Toggle, Anywhere, "run/pause", "run or pause"),
    row(&[Char('.')], Action::Step, Anywhere, "step", "make one step"),
    row(&[Char('>')], Action::Leap, Anywhere, "50 steps", "make 50 steps"),
    row(&[Char('+'), Char('=')], Action::Faster, Anywhere, "faster", "twice as many steps a frame"),
    row(&[Char('-')], Action::Slower, Anywhere, "slower", "half as many steps a frame"),
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
    row(&[Char('5')], Action::Focus(5), Anywhere, "numbers", "go to the metrics"),
    row(&[Char('6')], Action::Focus(6), Anywhere, "gram", "go to the cosines between classes"),
    row(&[Char('7')], Action::Focus(7), Anywhere, "point", "go to the picked point"),
    row(&[Char('e')], Action::Expand, Anywhere, "expand", "show the focused pane alone, or all again"),
    row(&[Char('o')], Action::Objective, Anywhere, "objective", "choose an objective"),
    row(&[Char('z')], Action::ZoomIn, Anywhere, "zoom", "nearer"),
    row(&[Char('Z')], Action::ZoomOut, Anywhere, "zoom", "farther"),
    row(&[Char('0')], Action::ResetView, Anywhere, "reset view", "turn and zoom the view back"),
    row(&[Char('v')], Action::NextProjection, Anywhere, "projection", "the next projection"),
    row(&[Char('V')], Action::LastProjection, Anywhere, "projection", "the projection before"),
    row(&[Char('T')], Action::Spin, Anywhere, "spin", "let the view turn by itself, or stop it"),
    row(&[Char('f')], Action::Forces, Anywhere, "forces", "show the force on each point, or hide it"),
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
    row(&[Char('y')], Action::LogAxis, Anywhere, "log axis", "logarithmic or linear loss axis"),
    row(&[Char('n')], Action::NextPoint, Anywhere, "point", "pick the next point"),
    row(&[Char('N')], Action::LastPoint, Anywhere, "point", "pick the point before"),
    row(&[Char('R')], Action::Restart, Anywhere, "restart", "restart with the same seed"),
    row(&[Char('D')], Action::NewSeed, Anywhere, "new seed", "restart with another seed"),
    row(
        &[Char('x')],
        Action::Export,
        Anywhere,
        "export",
        "write pictures, a film, the curve, the numbers or the state; again: as last time",
    ),
    row(&[Char('m')], Action::Mouse, Anywhere, "mouse", "free the mouse for selecting text, or take it"),
    row(&[Char('w')], Action::Warnings, Anywhere, "warnings", "list warnings and notices"),
    row(&[Char(':')], Action::Palette, Anywhere, "commands", "search everything that can be done"),
    row(&[Char('?'), F(1)], Action::Help, Anywhere, "help", "show the keys"),
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

/// What a key does while this pane has the focus.
pub fn action(key: &KeyEvent, focus: Pane) -> Option<Action> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER) {
        return None;
    }
    let far = key.modifiers.contains(KeyModifiers::SHIFT);
    let here = |binding: &&Binding| binding.scope == Anywhere || binding.scope == In(focus);
    let action = KEYS.iter().filter(here).find(|binding| binding.keys.contains(&key.code))?.action;
    Some(match action {
        // Where a terminal lets Shift with an arrow through, it means the same as the braces.
        Action::Arrow(way) if far => Action::Far(way),
        action => action,
    })
}

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
        F(n) => format!("F{n}"),
        other => format!("{other:?}"),
    }
}

/// The keys of an action, written out.
pub fn names(binding: &Binding) -> String {
    binding.keys.iter().map(|key| name(*key)).collect::<Vec<_>>().join(" ")
}

/// The footer: what matters here, most important first, as pairs of keys and label.
pub fn footer(focus: Pane) -> Vec<(String, &'static str)> {
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
        Pane::Selected => &[("next, last", &[Action::NextPoint, Action::LastPoint])],
        Pane::Gram => &[("difference", &[Action::Difference])],
        Pane::Angles | Pane::Numbers => &[],
    };
    let common: &[(&str, &'static [Action])] = &[
        ("run/pause", &[Action::Toggle]),
        ("step", &[Action::Step]),
        ("speed", &[Action::Faster, Action::Slower]),
        ("pane", &[Action::NextPane]),
        ("help", &[Action::Help]),
        ("quit", &[Action::Quit]),
        ("objective", &[Action::Objective]),
        ("restart", &[Action::Restart]),
        ("seed", &[Action::NewSeed]),
        ("export", &[Action::Export]),
        ("expand", &[Action::Expand]),
        ("forces", &[Action::Forces]),
        ("commands", &[Action::Palette]),
        ("zoom", &[Action::ZoomIn, Action::ZoomOut]),
        ("projection", &[Action::NextProjection]),
        ("point", &[Action::NextPoint]),
        ("warnings", &[Action::Warnings]),
    ];
    let mut shown: Vec<(String, &'static str)> = Vec::new();
    for (label, actions) in own.iter().chain(common) {
        if shown.iter().any(|(_, there)| there == label) {
            continue;
        }
        let first = |action: &Action| {
            let here = |b: &&Binding| {
                b.action == *action
                    || matches!((b.action, action), (Action::Arrow(a), Action::Arrow(c)) if a == *c)
            };
            KEYS.iter().find(here).and_then(|binding| binding.keys.first()).map(|key| name(*key))
        };
        let keys: Vec<String> = actions.iter().filter_map(first).collect();
        shown.push((keys.concat(), label));
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = HashSet::new();
        for binding in KEYS {
            for key in binding.keys {
                assert!(seen.insert((format!("{:?}", binding.scope), *key)), "{key:?} is bound twice");
            }
        }
    }

    #[test]
    fn every_label_of_the_footer_has_its_keys() {
        for pane in Pane::ALL {
            assert!(footer(pane).iter().all(|(keys, _)| !keys.is_empty()), "{pane:?}");
        }
    }

    #[test]
    fn control_does_nothing_and_shift_goes_far() {
        let key = |modifiers| KeyEvent::new(Left, modifiers);
        assert_eq!(action(&key(KeyModifiers::CONTROL), Pane::View), None);
        assert_eq!(action(&key(KeyModifiers::SHIFT), Pane::View), Some(Action::Far(Way::Left)));
    }
}
