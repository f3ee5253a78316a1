//! Presets: found by their names, and put in the place of what runs.

use std::sync::LazyLock;

use super::stake::Deed;
use super::{App, Command, Overlay, Search};
use crate::experiment::preset::{self, Preset};

/// Read once: an open list is searched with every key and every frame.
static ALL: LazyLock<Vec<Preset>> = LazyLock::new(preset::all);

/// The presets a text finds.
pub fn found(text: &str) -> Vec<Preset> {
    let text = text.trim().to_lowercase();
    let found = |preset: &Preset| {
        let within = |words: &str| words.to_lowercase().contains(&text);
        within(preset.name) || within(&preset.title) || within(&preset.paper)
    };
    ALL.iter().filter(|preset| found(preset)).cloned().collect()
}

impl App {
    /// Takes the chosen entry of the list of presets.
    pub(super) fn choose_preset(&mut self, search: Search) -> Vec<Command> {
        let Some(preset) = found(&search.text).into_iter().nth(search.at) else {
            self.wrong(format!("no preset has \"{}\" in its name", search.text.trim()));
            self.overlay = Some(Overlay::Presets(search));
            return Vec::new();
        };
        self.load_preset(preset)
    }

    /// Starts a preset, outside any lesson, after a question where something is lost by it.
    pub(super) fn load_preset(&mut self, preset: Preset) -> Vec<Command> {
        self.when_meant(Deed::Preset(Box::new(preset)))
    }

    pub(super) fn begin_preset(&mut self, preset: Preset) -> Vec<Command> {
        let mut commands = self.drop_lesson();
        self.row = 0;
        self.say(format!("{}: {}", preset.title, preset.look_for));
        commands.extend(self.begin_alone(preset.document.experiment));
        commands
    }
}
