//! What is said when the lab opens on rows of a person's own.

use super::App;
use crate::experiment::Source;

impl App {
    /// Says what was read and that nothing moves yet.
    pub fn welcome(&mut self) {
        let (cast, points) = (&self.snapshot.cast, &self.snapshot.points);
        let name = match &self.experiment.source {
            Source::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Source::Bundled(name) => Some(name.clone()),
            Source::Synthetic => None,
        };
        let name = name.map_or_else(String::new, |name| format!("{}: ", crate::data::printable(&name)));
        let classes = if cast.labelled { format!(" in {} classes", cast.classes) } else { String::new() };
        let more = match self.snapshot.notices.len() {
            0 => String::new(),
            1 => "; <warnings> has a notice".to_owned(),
            notices => format!("; <warnings> has {notices} notices"),
        };
        self.say(format!(
            "{name}{} rows of {} dimensions{classes}, as they were read: <next-projection> looks from elsewhere, \
             <toggle> lets the loss move them{more}",
            points.rows, points.cols
        ));
    }
}
