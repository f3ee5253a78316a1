//! Which keys do what for this person: the key table of [`super::keys`], with their own keys in place of its.
//!
//! Every action has a name ([`Action::id`]) under which it can be given other keys. How they are written in a
//! file stands in `config`.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keys::{Action, Binding, KEYS, Scope, name};
use super::layout::Pane;
use crate::experiment::nearest::did_you_mean;

/// The keys of each row of [`KEYS`], in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap(Arc<[Vec<KeyCode>]>);

impl Default for Keymap {
    fn default() -> Self {
        Self(KEYS.iter().map(|binding| binding.keys.to_vec()).collect())
    }
}

/// A key that would mean two things in one place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} would mean both {} and {}{}", name(*.key), .actions[0], .actions[1], place(*.scope))]
pub struct Clash {
    /// The key.
    pub key: KeyCode,
    /// The names of the two actions.
    pub actions: [String; 2],
    /// Where.
    pub scope: Scope,
}

fn place(scope: Scope) -> String {
    match scope {
        Scope::Anywhere => String::new(),
        Scope::In(pane) => format!(" while {} has the focus", pane.name()),
        Scope::Lesson => " in a lesson".to_owned(),
        Scope::Lists => " in lists".to_owned(),
        Scope::Comparison => " in a comparison".to_owned(),
    }
}

impl Action {
    /// The name of the action in files and on the command line: `next-projection`, `arrow-left`, `focus-3`.
    pub fn id(self) -> String {
        let mut id = String::new();
        for c in format!("{self:?}").chars() {
            if (c.is_ascii_uppercase() || c == '(') && !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
            if c.is_ascii_alphanumeric() {
                id.push(c.to_ascii_lowercase());
            }
        }
        id
    }

    /// The action of a name.
    pub fn of_id(id: &str) -> Option<Self> {
        KEYS.iter().map(|binding| binding.action).find(|action| action.id() == id)
    }

    /// The names of all actions that have a row in the table, each once, in its order.
    pub fn ids() -> Vec<String> {
        let mut ids = Vec::new();
        for binding in KEYS {
            let id = binding.action.id();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

/// Whether two rows can hold at the same time.
fn meet(a: Scope, b: Scope) -> bool {
    a == b || a == Scope::Anywhere || b == Scope::Anywhere
}

impl Keymap {
    /// The rows of the table with the keys that hold now.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Binding, &[KeyCode])> {
        KEYS.iter().zip(self.0.iter().map(Vec::as_slice))
    }

    /// The same with other keys for an action, wherever it holds. What clashes is found by [`Self::clashes`].
    #[must_use]
    pub fn with(&self, action: Action, keys: &[KeyCode]) -> Self {
        let row = |(binding, now): (&Binding, &[KeyCode])| {
            if binding.action == action { keys.to_vec() } else { now.to_vec() }
        };
        Self(self.rows().map(row).collect())
    }

    /// Every key that means two things in one place. A particular row may stand before a general one where the
    /// table itself has it so: arrows turn the view, and in the params pane they change a value.
    pub fn clashes(&self) -> Vec<Clash> {
        let rows: Vec<_> = self.rows().collect();
        let mut found = Vec::new();
        for (k, (one, keys)) in rows.iter().enumerate() {
            for (other, others) in &rows[k + 1..] {
                let meant = one.scope != other.scope && one.keys.iter().any(|key| other.keys.contains(key));
                if one.action == other.action || meant || !meet(one.scope, other.scope) {
                    continue;
                }
                for key in keys.iter().filter(|key| others.contains(key)) {
                    let scope = if one.scope == Scope::Anywhere { other.scope } else { one.scope };
                    let actions = [one.action.id(), other.action.id()];
                    let clash = Clash { key: *key, actions, scope };
                    if !found.contains(&clash) {
                        found.push(clash);
                    }
                }
            }
        }
        found
    }

    /// What a key does while this pane has the focus, and while runs go side by side or not.
    pub fn action(&self, key: &KeyEvent, focus: Pane, compares: bool) -> Option<Action> {
        if key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('r') {
            return Some(Action::Redo);
        }
        if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER) {
            return None;
        }
        let far = key.modifiers.contains(KeyModifiers::SHIFT);
        let of = |scope: fn(Scope, Pane) -> bool| {
            self.rows().find(|(binding, keys)| scope(binding.scope, focus) && keys.contains(&key.code))
        };
        // A lesson looks for its keys itself, before these; in lists [`Keymap::in_lists`] does.
        let own = of(|scope, focus| scope == Scope::In(focus));
        let beside = || if compares { of(|scope, _| scope == Scope::Comparison) } else { None };
        let (binding, _) = own.or_else(beside).or_else(|| of(|scope, _| matches!(scope, Scope::Anywhere)))?;
        Some(match binding.action {
            // Where a terminal lets Shift with an arrow through, it means the same as the braces.
            Action::Arrow(way) if far => Action::Far(way),
            action => action,
        })
    }

    /// The key by which lists, menus and texts over the panes know what was pressed: that of the table for the action
    /// which it has here. Where letters are `typed`, a character is one. Nothing for a key that was taken from its
    /// action.
    pub fn in_lists(&self, code: KeyCode, typed: bool) -> Option<KeyCode> {
        if typed && matches!(code, KeyCode::Char(_)) {
            return Some(code);
        }
        let here = |row: &Binding| row.scope == Scope::Lists || !typed && row.scope == Scope::Anywhere;
        let mut rows = self.rows().filter(|(row, _)| here(row));
        let now = rows.find_map(|(row, keys)| Some((row, keys.iter().position(|key| *key == code)?)));
        match now {
            Some((row, place)) => row.keys.get(place).or(row.keys.first()).copied(),
            // Digits of a menu and the like mean themselves, unless they are another action's by the table.
            // Whatever happens to it, Esc closes.
            None if code != KeyCode::Esc && KEYS.iter().any(|row| here(row) && row.keys.contains(&code)) => {
                None
            }
            None => Some(code),
        }
    }

    /// Whether the first key of an action means something else while runs go side by side and this pane has the focus.
    pub fn is_shadowed(&self, action: Action, focus: Pane) -> bool {
        let first = self.rows().find(|(binding, keys)| binding.action == action && !keys.is_empty());
        let over = |scope, key| self.rows().any(|(row, own)| row.scope == scope && own.contains(&key));
        first.is_some_and(|(binding, keys)| match binding.scope {
            Scope::Anywhere => over(Scope::Comparison, keys[0]),
            Scope::Comparison => over(Scope::In(focus), keys[0]),
            _ => false,
        })
    }

    /// The keys of a row, written out.
    pub fn names(&self, binding: &Binding) -> String {
        let same = |row: &Binding| row.action == binding.action && row.scope == binding.scope;
        let keys = self.rows().find(|(row, _)| same(row)).map_or(&[][..], |(_, keys)| keys);
        keys.iter().map(|key| name(*key)).collect::<Vec<_>>().join(" ")
    }

    /// How what a row does is had: by its keys, and where it has none by its name in the palette.
    pub fn way_to(&self, binding: &Binding) -> String {
        match (self.names(binding), self.key_of(Action::Palette)) {
            (keys, palette) if keys.is_empty() => format!("{palette} {}", binding.label).trim().to_owned(),
            (keys, _) => keys,
        }
    }

    /// The first key of an action, written out; nothing where it has none.
    pub fn key_of(&self, action: Action) -> String {
        let found = self.rows().find(|(binding, keys)| binding.action == action && !keys.is_empty());
        found.map(|(_, keys)| name(keys[0])).unwrap_or_default()
    }

    /// A sentence with the names of actions in angle brackets, each replaced by the key that it has now, or where it has
    /// none by its name in the palette: `<toggle> runs on` is `space runs on` where nobody has chosen other keys.
    pub fn spell(&self, sentence: &str) -> String {
        let mut text = String::with_capacity(sentence.len());
        let mut rest = sentence;
        while let Some(at) = rest.find('<') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            let end = rest.find('>').unwrap_or(0);
            let binding = KEYS.iter().find(|binding| end > 1 && binding.action.id() == rest[1..end]);
            let Some(binding) = binding else {
                text.push('<');
                rest = &rest[1..];
                continue;
            };
            match self.key_of(binding.action) {
                key if key.is_empty() => text.push_str(&self.way_to(binding)),
                key => text.push_str(&key),
            }
            rest = &rest[end + 1..];
        }
        text + rest
    }
}

/// Names of keys that are not one character, and other ways to write some that are.
const NAMED: [(&str, KeyCode); 23] = [
    ("bksp", KeyCode::Backspace),
    ("space", KeyCode::Char(' ')),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("comma", KeyCode::Char(',')),
];

/// The key of a name as [`name`] writes it, in small or capital letters: `x`, `X`, `space`, `Shift-Tab`, `F5`.
///
/// # Errors
/// One sentence; nothing that needs Ctrl or Alt is a key here.
pub fn key_of_name(text: &str) -> Result<KeyCode, String> {
    let mut characters = text.chars();
    if let (Some(only), None) = (characters.next(), characters.next())
        && !only.is_control()
        && !NAMED.iter().any(|(name, _)| *name == text)
    {
        return Ok(KeyCode::Char(only));
    }
    let small = text.to_lowercase();
    if let Some((_, key)) = NAMED.iter().find(|(name, _)| *name == small) {
        return Ok(*key);
    }
    if let Some(number) = small.strip_prefix('f').and_then(|number| number.parse::<u8>().ok())
        && (1..=12).contains(&number)
    {
        return Ok(KeyCode::F(number));
    }
    if ["ctrl", "alt", "control", "cmd"].iter().any(|word| small.starts_with(word)) {
        return Err(format!(
            "\"{text}\" needs a modifier that not every terminal passes on: take a plain key"
        ));
    }
    let hint = did_you_mean(&small, NAMED.iter().map(|(name, _)| *name));
    Err(format!("no key is called \"{text}\"{hint}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::app::keys::Way;

    #[test]
    fn every_action_has_a_name_of_its_own_and_comes_back_from_it() {
        let mut seen = HashSet::new();
        for binding in KEYS {
            let id = binding.action.id();
            assert_eq!(Action::of_id(&id), Some(binding.action), "{id}");
            seen.insert(format!("{:?}", binding.action));
        }
        assert_eq!(seen.len(), Action::ids().len());
        assert_eq!(Action::NextProjection.id(), "next-projection");
        assert_eq!(Action::Arrow(Way::Left).id(), "arrow-left");
        assert_eq!(Action::Focus(3).id(), "focus-3");
    }

    #[test]
    fn no_key_means_two_things_anywhere_in_the_table() {
        assert_eq!(Keymap::default().clashes(), []);
    }

    #[test]
    fn other_keys_take_the_place_of_the_old_ones_and_clashes_are_named() {
        let keymap = Keymap::default().with(Action::Export, &[KeyCode::F(5)]);
        let press = |code| keymap.action(&KeyEvent::new(code, KeyModifiers::NONE), Pane::View, false);
        assert_eq!((press(KeyCode::F(5)), press(KeyCode::Char('x'))), (Some(Action::Export), None));
        assert_eq!(keymap.key_of(Action::Export), "F5");
        assert_eq!(keymap.clashes(), []);
        let clash = Keymap::default().with(Action::Export, &[KeyCode::Char('f')]).clashes();
        assert_eq!(clash[0].to_string(), "f would mean both forces and export");
        let shadowed = Keymap::default().with(Action::Export, &[KeyCode::Char('d')]).clashes();
        assert_eq!(
            shadowed[0].to_string(),
            "d would mean both difference and export while Gram has the focus"
        );
        let arrows = Keymap::default().with(Action::Arrow(Way::Left), &[KeyCode::F(6)]);
        assert_eq!(arrows.clashes(), [], "one action in several places is no clash");
    }

    #[test]
    fn lists_have_keys_of_their_own_and_letters_that_are_typed_stay_letters() {
        let plain = Keymap::default();
        for code in [KeyCode::Up, KeyCode::PageDown, KeyCode::Enter, KeyCode::Esc, KeyCode::Delete] {
            assert_eq!((plain.in_lists(code, true), plain.in_lists(code, false)), (Some(code), Some(code)));
        }
        let own = plain.with(Action::Arrow(Way::Down), &[KeyCode::Char('s'), KeyCode::F(2)]);
        assert_eq!(own.in_lists(KeyCode::Char('s'), false), Some(KeyCode::Down));
        assert_eq!(own.in_lists(KeyCode::F(2), true), Some(KeyCode::Down));
        assert_eq!(own.in_lists(KeyCode::Char('s'), true), Some(KeyCode::Char('s')));
        assert_eq!(own.in_lists(KeyCode::Down, false), None, "it was taken away");
        let own = plain.with(Action::Export, &[KeyCode::F(5)]);
        assert_eq!(own.in_lists(KeyCode::F(5), false), Some(KeyCode::Char('x')));
        assert_eq!(own.in_lists(KeyCode::Char('x'), false), None);
        assert_eq!(own.in_lists(KeyCode::Char('3'), false), Some(KeyCode::Char('3')));
        let own = plain.with(Action::Erase, &[KeyCode::F(8)]);
        assert_eq!(
            (own.in_lists(KeyCode::F(8), true), own.clashes()),
            (Some(KeyCode::Backspace), Vec::new())
        );
    }

    #[test]
    fn a_sentence_names_actions_by_the_keys_that_they_have_now() {
        let usual = Keymap::default();
        assert_eq!(usual.spell("<toggle> runs on, <first> or <focus-4>"), "space runs on, Home or 4");
        let own = usual.with(Action::Toggle, &[KeyCode::F(2)]).with(Action::Branches, &[]);
        assert_eq!(
            own.spell("a < b: <toggle> goes on; <branches> lists them"),
            "a < b: F2 goes on; : branches lists them"
        );
        for plain in ["", "<", "< >", "<>", "a <b> c", "x <toggle", "1 > 0 < 2"] {
            assert_eq!(usual.spell(plain), plain);
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (_, keys) in Keymap::default().rows() {
            for key in keys {
                assert_eq!(key_of_name(&name(*key)), Ok(*key));
            }
        }
        assert_eq!(key_of_name("spcae").unwrap_err(), "no key is called \"spcae\"; did you mean space?");
        assert!(key_of_name("ctrl-x").unwrap_err().contains("plain key"));
        assert!(key_of_name("").is_err() && key_of_name("F13").is_err());
    }
}
