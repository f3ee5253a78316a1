//! `losslab man`.

use crate::app::Keymap;
use crate::app::keys::Scope;

/// Prints the man page: the program, then every command with its options.
pub fn run() -> u8 {
    let definition = super::definition().disable_help_subcommand(true);
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(definition.clone());
    if let Err(error) = whole.render(&mut page) {
        return super::refuse(&format!("the man page could not be made: {error}"));
    }
    page.extend(keys().into_bytes());
    for command in definition.get_subcommands() {
        let title = format!("losslab-{}", command.get_name());
        let man = clap_mangen::Man::new(command.clone()).title(title);
        let sections = [
            man.render_name_section(&mut page),
            man.render_synopsis_section(&mut page),
            man.render_options_section(&mut page),
        ];
        if let Some(error) = sections.into_iter().find_map(Result::err) {
            return super::refuse(&format!("the man page could not be made: {error}"));
        }
    }
    super::say(&String::from_utf8_lossy(&page));
    super::FINE
}

/// The keys of the lab as a section, from the key table.
fn keys() -> String {
    let keymap = Keymap::default();
    let mut section =
        ".SH KEYS\nIn the lab; a configuration file can give every action other keys.\n".to_owned();
    let plain = |text: &str| text.replace('\\', "\\\\").replace('-', "\\-");
    for (binding, _) in keymap.rows() {
        let place = match binding.scope {
            Scope::Anywhere => String::new(),
            Scope::In(pane) => format!(" ({})", pane.name()),
            Scope::Lesson => " (lesson)".to_owned(),
            Scope::Lists => " (lists)".to_owned(),
            Scope::Comparison => " (comparison)".to_owned(),
        };
        let keys = plain(&keymap.names(binding));
        // A line that begins with a dot or a quote would be a request.
        section += &format!(".TP\n\\fB\\&{keys}\\fR\n\\&{}{place}\n", plain(binding.help));
    }
    section
}
