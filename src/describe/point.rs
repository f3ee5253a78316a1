//! One row in sentences: where it lies, what it costs, who pulls it.

use super::number;
use crate::engine::cpu::pulls::By;
use crate::palette;
use crate::snapshot::{Cast, Inspected, Inspection, Share, Snapshot};

/// So many of those who act are named one by one.
pub const NAMED: usize = 6;

/// The name of a class.
pub fn class_name(cast: &Cast, class: u32) -> String {
    let name = cast.label_names.as_ref().and_then(|names| names.get(class as usize));
    name.cloned().unwrap_or_else(|| palette::letter(class as usize).to_string())
}

/// Who acts: a class by its name, the own one said to be that.
pub fn actor(cast: &Cast, own: u32, by: By) -> String {
    match by {
        By::Class(class) if class == own => format!("own {}", class_name(cast, class)),
        By::Class(class) => class_name(cast, class),
        By::Decay => "decay".to_owned(),
    }
}

/// Those who act, the own class first and the rest strongest first, as many as are [`NAMED`]; then how many are left
/// out, and what they add to the net force.
pub fn actors(inspected: &Inspected) -> (Vec<Share>, usize, f64) {
    let own = |share: &Share| share.by == By::Class(inspected.class);
    let mut shares = inspected.shares.clone();
    shares.sort_by(|a, b| own(b).cmp(&own(a)).then(b.pull.abs().total_cmp(&a.pull.abs())));
    let rest = shares.split_off(shares.len().min(NAMED));
    (shares, rest.len(), rest.iter().map(|share| share.along).sum())
}

/// A force with its sign.
pub fn signed(x: f64) -> String {
    let text = number(x.abs());
    if x < 0.0 { format!("-{text}") } else { format!("+{text}") }
}

/// What one of those who act does, and how hard: `own A pulls 0.03`.
pub fn act(cast: &Cast, own: u32, share: &Share) -> String {
    let does = if share.pull < 0.0 { "pushes" } else { "pulls" };
    format!("{} {does} {}", actor(cast, own, share.by), number(share.pull.abs()))
}

/// What unit length does with the part of the push along the radius.
pub fn radius(inspected: &Inspected) -> String {
    let (all, kept) = (inspected.radius, inspected.kept_radius);
    if (all - kept).abs() <= 1e-6 * all.abs() {
        signed(all)
    } else if kept.abs() <= 1e-6 * all.abs() {
        format!("{} (dropped: unit length)", signed(all))
    } else {
        format!("{} ({} of it dropped: unit length)", signed(all), signed(all - kept))
    }
}

/// The row that was asked about; nothing where none was.
pub fn point(snapshot: &Snapshot) -> Vec<String> {
    match &snapshot.inspection {
        Inspection::Nothing => Vec::new(),
        Inspection::Coming => vec!["The forces on the picked row are not known yet.".to_owned()],
        Inspection::Refused(why) => vec![format!("Of the picked row nothing is said: {why}.")],
        Inspection::Known(inspected) => sentences(inspected, &snapshot.cast),
    }
}

fn sentences(inspected: &Inspected, cast: &Cast) -> Vec<String> {
    let centre = if inspected.weighted { "class weight" } else { "class mean" };
    let mut place = format!("Row {} is of class {}", inspected.row, class_name(cast, inspected.class));
    if let Some(angle) = inspected.own_angle {
        place += &format!(", {angle:.1} degrees from its own {centre}");
    }
    if let Some(angle) = inspected.class_angle {
        place += &format!(" (rows of its class: {angle:.1} on average)");
    }
    if let Some((class, angle)) = inspected.nearest {
        place += &format!("; the nearest other is {}, at {angle:.1} degrees", class_name(cast, class));
    }
    let mut said = vec![place + "."];
    if let Some((loss, rank)) = inspected.loss {
        let p = inspected.p_own.map(|p| format!("; p(own) is {p:.3}")).unwrap_or_default();
        said.push(format!("Its loss is {}, rank {rank} of {}{p}.", number(loss), inspected.rows));
    }
    let (shares, left, rest) = actors(inspected);
    let name = |share: &Share| actor(cast, inspected.class, share.by);
    let acts: Vec<String> = shares.iter().map(|share| act(cast, inspected.class, share)).collect();
    said.push(format!("Of those who act on it, {}.", acts.join(", ")));
    let mut parts: Vec<String> =
        shares.iter().map(|share| format!("{} {}", name(share), signed(share.along))).collect();
    if left > 0 {
        parts.push(format!("{left} others {}", signed(rest)));
    }
    said.push(format!(
        "The net force on it, times N, is {}; along it act {}, which add up to {}.",
        number(inspected.net),
        parts.join(", "),
        number(inspected.sum())
    ));
    if let Some(strongest) = inspected.strongest() {
        let acts = match (strongest.by, strongest.pull < 0.0) {
            (By::Decay, _) => "draws it to the origin",
            (By::Class(_), true) => "pushes it away",
            (By::Class(_), false) => "pulls it",
        };
        said.push(format!(
            "Strongest is {}, which {acts} with {}.",
            name(strongest),
            number(strongest.pull.abs())
        ));
    }
    said.push(format!(
        "Along the sphere all pushes come to {}, along the radius to {}.",
        number(inspected.sphere),
        radius(inspected)
    ));
    said
}
