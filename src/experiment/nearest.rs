//! The nearest right name to a wrong one, for error messages.

/// How alike two names must be (Jaro–Winkler, 0 to 1) before one is offered for the other.
const ALIKE: f64 = 0.75;

/// The name among `known` that looks most like `name`, if any does.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.replace('_', "-")), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// "; did you mean X?" where a name is near enough, else nothing.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let known = ["softmax", "normface", "nt-xent"];
        assert_eq!(nearest("sofmax", known), Some("softmax"));
        assert_eq!(nearest("NT_Xent", known), Some("nt-xent"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(did_you_mean("normfcae", known), "; did you mean normface?");
    }
}
