//! What is known about a picked point, class or pair of classes, and about the projection: once, in these words, for
//! panes, status line and plain text.

use super::{number, target_angle};
use crate::palette;
use crate::snapshot::{Picture, Snapshot};

/// A row of a table: what it is, its value, and what it should be.
pub type Fact = (String, String, String);

/// The name of a class, or its letter; its number where letters run out.
pub fn class_name(snapshot: &Snapshot, class: u32) -> String {
    super::divergence::class_name(&snapshot.cast, class)
}

/// The angle between two class means in degrees, once it is known.
pub fn pair_angle(snapshot: &Snapshot, a: u32, b: u32) -> Option<f64> {
    let gram = snapshot.geometry.gram.as_ref()?;
    let (k, l) = (gram.labels.binary_search(&a).ok()?, gram.labels.binary_search(&b).ok()?);
    Some(gram.cosine(k, l).clamp(-1.0, 1.0).acos().to_degrees())
}

/// The angle that theory puts two classes at, in degrees: that of the pair itself where the arrangement has several.
pub fn pair_target(snapshot: &Snapshot, a: u32, b: u32) -> Option<f64> {
    let target = snapshot.brief.theory.target.as_ref()?;
    let angle = target_angle(snapshot)?;
    let count = target.shape.nrows();
    let inside = (a as usize) < count && (b as usize) < count && a != b;
    // Members of a frame with several angles have no names: only the least is known.
    let own = inside.then(|| target.cosine(a as usize, b as usize).clamp(-1.0, 1.0).acos().to_degrees());
    Some(own.filter(|own| (own - angle).abs() < 1e-6).unwrap_or(angle))
}

/// The class whose mean lies nearest in angle, and that angle in degrees.
pub fn nearest_class(snapshot: &Snapshot, class: u32) -> Option<(u32, f64)> {
    let gram = snapshot.geometry.gram.as_ref()?;
    let others = gram.labels.iter().copied().filter(|other| *other != class);
    let angles = others.filter_map(|other| Some((other, pair_angle(snapshot, class, other)?)));
    angles.min_by(|a, b| a.1.total_cmp(&b.1))
}

/// The mean angle of the rows of a class to their mean in degrees, and how many rows there are.
pub fn spread(snapshot: &Snapshot, class: u32) -> Option<(Option<f64>, usize)> {
    let spreads = &snapshot.geometry.spreads;
    let at = spreads.binary_search_by_key(&class, |spread| spread.label).ok()?;
    Some((spreads[at].degrees, spreads[at].rows))
}

/// The angle of a row to the mean of its class in degrees.
pub fn to_own_mean(snapshot: &Snapshot, row: u32) -> Option<f64> {
    let (cast, geometry) = (&snapshot.cast, &snapshot.geometry);
    let here = (row as usize) < snapshot.points.rows && geometry.means.cols == snapshot.points.cols;
    let label = cast.labels.get(row as usize).copied().filter(|_| here && cast.labelled)?;
    let class = geometry.spreads.binary_search_by_key(&label, |spread| spread.label).ok()?;
    let (row, mean) = (snapshot.points.row(row as usize), geometry.means.row(class));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
    let (product, lengths) = (dot(row, mean), dot(row, row) * dot(mean, mean));
    (lengths > 0.0).then(|| (product / lengths.sqrt()).clamp(-1.0, 1.0).acos().to_degrees())
}

/// What is known about a class.
pub fn class_facts(snapshot: &Snapshot, class: u32) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String, aim: String| facts.push((name.to_owned(), value, aim));
    if let Some((degrees, rows)) = spread(snapshot, class) {
        fact("rows", rows.to_string(), String::new());
        fact(
            "to own mean",
            degrees.map_or("no direction".into(), |angle| format!("{angle:.2}°")),
            String::new(),
        );
    }
    if let Some((other, angle)) = nearest_class(snapshot, class) {
        let aim = target_angle(snapshot).map_or(String::new(), |target| format!("of {target:.2}°"));
        fact(&format!("nearest: {}", class_name(snapshot, other)), format!("{angle:.2}°"), aim);
    }
    facts
}

/// What is known about two classes.
pub fn pair_facts(snapshot: &Snapshot, a: u32, b: u32) -> Vec<Fact> {
    let mut facts = Vec::new();
    let Some(angle) = pair_angle(snapshot, a, b) else {
        return vec![("angle".into(), "not known".into(), String::new())];
    };
    let target = pair_target(snapshot, a, b);
    let aim = target.map_or(String::new(), |target| format!("of {target:.2}°"));
    facts.push(("angle".to_owned(), format!("{angle:.2}°"), aim));
    if let Some(target) = target {
        facts.push(("off target".into(), format!("{:+.2}°", angle - target), String::new()));
    }
    facts.push(("cosine".into(), number(angle.to_radians().cos()), String::new()));
    for class in [a, b] {
        if let Some((Some(degrees), _)) = spread(snapshot, class) {
            let name = format!("{} to its mean", class_name(snapshot, class));
            facts.push((name, format!("{degrees:.2}°"), String::new()));
        }
    }
    facts
}

/// A class in a sentence.
pub fn class_words(snapshot: &Snapshot, class: u32) -> String {
    let mut words = format!("class {}", class_name(snapshot, class));
    if let Some((degrees, rows)) = spread(snapshot, class) {
        words += &format!(": {rows} rows");
        words += &degrees.map_or(String::new(), |angle| format!(", {angle:.1}° from their mean"));
    }
    if let Some((other, angle)) = nearest_class(snapshot, class) {
        words += &format!(", nearest {} at {angle:.1}°", class_name(snapshot, other));
    }
    words
}

/// Two classes in a sentence.
pub fn pair_words(snapshot: &Snapshot, a: u32, b: u32) -> String {
    let names = format!("classes {} and {}", class_name(snapshot, a), class_name(snapshot, b));
    let Some(angle) = pair_angle(snapshot, a, b) else {
        return format!("{names}: their angle is not known");
    };
    match pair_target(snapshot, a, b) {
        Some(target) => format!("{names}: {angle:.2}° apart, target {target:.2}°"),
        None => format!("{names}: {angle:.2}° apart, no target is proved"),
    }
}

/// A share as the title writes it: no "0.0" and no "100.0".
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share.clamp(0.0, 1.0);
    match percent {
        0.0 => "0%".into(),
        p if p < 0.05 => "<0.1%".into(),
        p if p < 99.95 => format!("{p:.1}%"),
        p if p < 100.0 => ">99.9%".into(),
        _ => "100%".into(),
    }
}

/// What the projection is called on the screen, with the classes of its plane.
pub fn projection_name(snapshot: &Snapshot) -> String {
    let picture = &snapshot.picture;
    match (picture.projection, picture.plane) {
        ("pca", _) => "PCA".to_owned(),
        ("lda", _) => "LDA".to_owned(),
        (name, Some(plane)) => {
            let names = plane.map(|class| {
                if snapshot.cast.classes <= 52 {
                    palette::letter(class as usize).to_string()
                } else {
                    class.to_string()
                }
            });
            format!("{name} {}", names.join(" "))
        }
        (name, None) => name.to_owned(),
    }
}

/// Which projection is looked through and what it hides, as a sentence.
pub fn view(snapshot: &Snapshot) -> Option<String> {
    let picture: &Picture = &snapshot.picture;
    if picture.projection.is_empty() {
        return None;
    }
    let plane = picture.plane.map(|plane| plane.map(|class| class_name(snapshot, class)));
    Some(view_words(picture.projection, plane.as_ref(), picture.notice.as_deref(), picture.hidden))
}

/// The same for any projection: its name, the classes of its plane, what was looked at, and the share hidden.
pub fn view_words(name: &str, plane: Option<&[String; 3]>, notice: Option<&str>, hidden: f64) -> String {
    let plane = plane.map_or(String::new(), |names| {
        format!(" of the classes {}, {} and {}", names[0], names[1], names[2])
    });
    let notice = notice.map_or(String::new(), |notice| format!(" ({notice})"));
    let hidden = percent(hidden);
    format!(
        "The view is the projection {name}{plane}{notice}, which hides {} percent of the variance.",
        hidden.trim_end_matches('%'),
    )
}
