//! Options of the lab itself: how it looks and listens. They win over the configuration file.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::app::look::Theme;
use crate::config::{self, Config, Graphics, MARKERS};

/// Options that hold for the screen, not for what is run.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Screen")]
pub struct ScreenArgs {
    /// Lines of plain sentences instead of a screen; commands are typed (also where stdout is no terminal)
    #[arg(long)]
    plain: bool,
    /// The configuration file (losslab/config.toml in the XDG config folder; a template of it:
    /// losslab doctor --config-template)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
    /// The colours
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Theme::ALL.map(|(name, _)| name)))]
    theme: Option<String>,
    /// How points and curves are drawn
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(MARKERS.map(|(name, _)| name)))]
    marker: Option<String>,
    /// Where real pixels are drawn
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Graphics::ALL.map(|(name, _)| name)))]
    graphics: Option<String>,
}

/// Whether stdout is closed or the null device, which the runtime puts where it was closed: nobody would read there.
fn leads_nowhere() -> bool {
    let null = rustix::fs::stat("/dev/null").map(|facts| facts.st_rdev);
    match rustix::fs::fstat(rustix::stdio::stdout()) {
        Ok(facts) => {
            rustix::fs::FileType::from_raw_mode(facts.st_mode) == rustix::fs::FileType::CharacterDevice
                && null == Ok(facts.st_rdev)
        }
        Err(_) => true,
    }
}

impl ScreenArgs {
    /// Whether sentences are wanted instead of a screen: asked for, or the only thing that stdout can take. A
    /// closed stdout takes nothing, and is left to the screen to complain about.
    pub(super) fn plain(&self) -> bool {
        self.plain || !(super::doctor::on_terminal() || leads_nowhere())
    }

    /// The configuration, with what the flags say over it.
    ///
    /// # Errors
    /// Sentences, one a line, for the user.
    pub(super) fn config(&self) -> Result<Config, String> {
        let mut config = config::load(self.config.as_deref())
            .map_err(|error| format!("{error}\nthe lab does not open until this is mended"))?;
        let chosen = |name: &Option<String>| name.clone().unwrap_or_default();
        if let Some((_, theme)) = Theme::ALL.iter().find(|(name, _)| *name == chosen(&self.theme)) {
            config.look.theme = *theme;
        }
        if let Some((_, marks)) = MARKERS.iter().find(|(name, _)| *name == chosen(&self.marker)) {
            config.marks = *marks;
        }
        if let Some((_, graphics)) = Graphics::ALL.iter().find(|(name, _)| *name == chosen(&self.graphics)) {
            config.graphics = *graphics;
        }
        config.mouse &= !self.no_mouse;
        Ok(config)
    }
}
