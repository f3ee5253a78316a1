//! What is set by a typed text rather than by a key: an objective as an expression, a row of the params pane by its
//! name. The picker and the line mode read the same here.

use super::settings::Setting;
use super::stake::Deed;
use super::{App, Command};
use crate::experiment::expression;
use crate::experiment::nearest::did_you_mean;
use crate::objectives::{Grouping, Term};

/// How a name is compared: small letters, hyphens between words.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

impl App {
    /// Whether a text means an expression rather than a word to search for.
    pub fn is_expression(text: &str) -> bool {
        text.contains(['(', '+', '*', '='])
    }

    /// Minimises what an expression says, live where that is possible.
    ///
    /// # Errors
    /// One sentence with the place and the nearest name.
    pub fn take_expression(&mut self, text: &str) -> Result<Vec<Command>, String> {
        let mut terms = expression::parse(text.trim()).map_err(|error| error.to_string())?;
        expression::resolve(&mut terms, self.snapshot.cast.classes);
        let by_instance = |term: &Term| term.objective.grouping(&term.knobs) == Grouping::Instance;
        let mut experiment = self.experiment.clone();
        let needs_views = terms.iter().any(by_instance) && experiment.views < 2;
        if needs_views {
            experiment.views = 2;
        }
        let printed = expression::print(&terms);
        experiment.objective = terms;
        self.row = 0;
        if needs_views {
            self.say(format!("{printed} compares views: restarted with 2 views of each instance"));
            return Ok(self.when_meant(Deed::Restart(Box::new(experiment), Some(Setting::Views))));
        }
        self.say(format!("now minimising {printed}"));
        Ok(self.change(experiment, true))
    }

    /// Sets the row of a name or symbol to a typed value.
    ///
    /// # Errors
    /// One sentence: no such row, or what its values may be.
    pub fn set_by_name(&mut self, name: &str, value: &str) -> Result<Vec<Command>, String> {
        let rows = self.rows();
        let wanted = plain(name);
        let found = rows
            .iter()
            .find(|row| plain(&row.name) == wanted)
            .or_else(|| rows.iter().find(|row| !row.symbol.is_empty() && (row.symbol == name.trim())));
        let Some(row) = found else {
            let names: Vec<String> = rows.iter().map(|row| plain(&row.name)).collect();
            let hint = did_you_mean(&wanted, names.iter().map(String::as_str));
            return Err(format!("nothing is called \"{}\" here{hint}", crate::data::printable(name.trim())));
        };
        let value = row.parse(value)?;
        let experiment = row.set(&self.experiment, value);
        let row = row.clone();
        Ok(self.set(&row, experiment))
    }
}
