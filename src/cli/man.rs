//! `losslab man`.

/// Prints the man page: the program, then every command with its options.
pub fn run() -> u8 {
    let definition = super::definition().disable_help_subcommand(true);
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(definition.clone());
    if let Err(error) = whole.render(&mut page) {
        return super::refuse(&format!("the man page could not be made: {error}"));
    }
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
