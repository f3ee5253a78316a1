//! What the bar of keys says: what matters here, by the names and keys of the table.

use crossterm::event::KeyCode;

use super::{Action, KEYS, Way, name};
use crate::app::Overlay;
use crate::app::keymap::Keymap;
use crate::app::layout::Pane;

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
            ("type", &[Action::Enter]),
            ("undo", &[Action::Undo]),
            ("x10", &[Action::Far(Way::Left), Action::Far(Way::Right)]),
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
        ("objective", &[Action::Objective]),
        ("compare", &[Action::Compare]),
        ("help", &[Action::Help]),
        ("quit", &[Action::Quit]),
        ("pane", &[Action::NextPane]),
        ("speed", &[Action::Faster, Action::Slower]),
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

/// The same while this lies over the panes: a list of which an entry is taken, or a text.
pub fn over(keymap: &Keymap, overlay: &Overlay) -> Vec<Entry> {
    const CHOOSE: (&str, &[Action]) = ("choose", &[Action::Arrow(Way::Up), Action::Arrow(Way::Down)]);
    const SCROLL: (&str, &[Action]) = ("scroll", &[Action::Arrow(Way::Up), Action::Arrow(Way::Down)]);
    const TAKE: (&str, &[Action]) = ("take", &[Action::Enter]);
    const PAGE: (&str, &[Action]) = ("page", &[Action::PageUp, Action::PageDown]);
    let own: &[(&'static str, &'static [Action])] = match overlay {
        Overlay::Help(_) => &[SCROLL, PAGE, ("search", &[Action::Palette])],
        Overlay::Warnings(_) | Overlay::Inspector(_) => &[SCROLL, PAGE],
        Overlay::Branches(_) => &[CHOOSE, TAKE, ("forget", &[Action::Erase])],
        Overlay::Export(_) => &[CHOOSE, TAKE],
        Overlay::Picker(_)
        | Overlay::Palette(_)
        | Overlay::Lessons(_)
        | Overlay::Presets(_)
        | Overlay::Find(_) => &[CHOOSE, TAKE, PAGE],
    };
    let entry = |&(label, actions): &(&'static str, &'static [Action])| {
        let keys = together(keymap, actions).concat();
        Entry { keys, label, actions, way_out: false }
    };
    let mut shown: Vec<Entry> = own.iter().map(entry).collect();
    shown.retain(|entry| !entry.keys.is_empty());
    // It closes whatever other keys there are.
    let back = Some(keymap.key_of(Action::Back)).filter(|key| !key.is_empty());
    let keys = back.unwrap_or_else(|| name(KeyCode::Esc));
    shown.push(Entry { keys, label: "close", actions: &[Action::Back], way_out: true });
    shown
}

/// What the footer says while a number is typed: these keys are what they are whatever the keymap says.
pub fn typing() -> Vec<Entry> {
    let entry = |key, label, actions| Entry { keys: name(key), label, actions, way_out: false };
    vec![
        entry(KeyCode::Enter, "sets the number", &[Action::Enter]),
        entry(KeyCode::Esc, "leaves it as it was", &[Action::Back]),
        entry(KeyCode::Backspace, "takes a digit back", &[Action::Erase]),
    ]
}

#[cfg(test)]
mod tests {
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
}
