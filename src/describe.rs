//! What the screen shows, in plain sentences: for screen readers, logs, and the lines around the panes. Everybody
//! who says these things says them in these words. Where sentences go is not decided here.

pub mod beside;
pub mod changes;
pub mod divergence;
pub mod knobs;
pub mod point;
pub mod selection;
pub mod verdict;

use crate::experiment::expression;
use crate::features::Matrix;
use crate::geometry::Measurements;
use crate::objectives::{Family, Floor};
use crate::snapshot::{Convergence, Snapshot, Status};
use crate::theory::Members;

/// How many strays are named by their number.
const NAMED: usize = 8;
/// Beyond so many products of coordinates, strays are not looked for.
const MOST_WORK: usize = 200_000_000;

/// A loss in at most eight characters.
pub fn number(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        "0".into()
    } else if !x.is_finite() {
        "not finite".into()
    } else if (1e-3..1000.0).contains(&size) {
        format!("{x:.4}")
    } else {
        format!("{x:.2e}")
    }
}

/// The loss in digits, once there is one.
pub fn loss(snapshot: &Snapshot) -> String {
    if snapshot.terms.is_empty() { "not known yet".to_owned() } else { number(snapshot.loss) }
}

/// The least angle between classes at the proved arrangement, in degrees.
pub fn target_angle(snapshot: &Snapshot) -> Option<f64> {
    let target = snapshot.brief.theory.target.as_ref()?;
    if target.members == Members::Classes { target.least_angle() } else { None }
}

/// The whole screen: what runs, where the loss stands and why, angles, collapse, strays, and what to try.
pub fn sentences(snapshot: &Snapshot) -> Vec<String> {
    let mut said = vec![what_runs(snapshot), state(snapshot), loss_and_floor(snapshot)];
    said.extend(snapshot.geometry.remarks.iter().map(|remark| sentence(remark)));
    let target = target_angle(snapshot);
    said.extend(geometry(&snapshot.geometry.measured, target));
    if let Some(fit) = &snapshot.geometry.fit {
        said.push(format!(
            "The {} that theory names lies {} away, as the root mean square over unit rows.",
            fit.name,
            number(fit.distance)
        ));
    }
    said.extend(selection::view(snapshot));
    said.extend(strays(snapshot).map(|rows| stray_words(snapshot, &rows)));
    said.extend(noise(snapshot).map(|text| sentence(&text)));
    said.extend(point::point(snapshot));
    said.extend(snapshot.notices.iter().map(|notice| format!("Warning: {}", sentence(notice))));
    said.extend(beside::sentences(snapshot));
    said.push(format!("To try: {}", what_to_try(snapshot)));
    said
}

/// One line about where the run is, for a log that is read aloud.
pub fn line(snapshot: &Snapshot) -> String {
    let mut text = format!("Step {}: loss {}", snapshot.step, loss(snapshot));
    if let Some(floor) = snapshot.floor.value() {
        text += &format!(", floor {}", number(floor));
    }
    let measured = &snapshot.geometry.measured;
    let between = measured.get("min_class_angle_deg").map(|angle| {
        let target = target_angle(snapshot).map(|target| format!(" of {target:.1}")).unwrap_or_default();
        format!("smallest class angle {angle:.1}{target} degrees")
    });
    let within =
        measured.get("mean_within_angle_deg").map(|angle| format!("within classes {angle:.1} degrees"));
    let angles: Vec<String> = between.into_iter().chain(within).collect();
    if !angles.is_empty() {
        // While a run goes on, what takes longer to measure is of a step a little before.
        let of = snapshot.geometry.step;
        let at = if of == snapshot.step { String::new() } else { format!("at step {of}: ") };
        text += &format!("{} {at}{}", if at.is_empty() { "," } else { ";" }, angles.join(", "));
    }
    text + "."
}

/// What is minimised on what.
pub fn what_runs(snapshot: &Snapshot) -> String {
    let experiment = &snapshot.experiment;
    let classes = match (snapshot.cast.labelled, snapshot.cast.classes) {
        (false, _) => "without labels".to_owned(),
        (true, 1) => "of 1 class".to_owned(),
        (true, classes) => format!("of {classes} classes"),
    };
    format!(
        "{} is minimised over {} rows {classes} in {} dimensions, from seed {}, on the {}.",
        expression::print(&experiment.objective),
        snapshot.points.rows,
        snapshot.points.cols,
        experiment.seed,
        snapshot.engine,
    )
}

/// What the run is doing, as a sentence.
pub fn state(snapshot: &Snapshot) -> String {
    let step = snapshot.step;
    match &snapshot.status {
        Status::Running => {
            let pace = snapshot.pace.steps_per_frame();
            format!("It runs, at step {step}, {pace} step{} a frame.", if pace == 1.0 { "" } else { "s" })
        }
        Status::Paused => format!("It is paused at step {step}."),
        Status::Converged(Convergence::Floor) => {
            format!("It is done at step {step}: within 1e-6 of the proven floor.")
        }
        Status::Converged(Convergence::Still) => {
            format!("It is done at step {step}: the loss has stood still for 500 steps.")
        }
        Status::Converged(Convergence::Schedule) => {
            let ended = spent(snapshot).unwrap_or_else(|| "the schedule of the rate has ended".to_owned());
            format!("It is done at step {step}: {ended}.")
        }
        Status::Diverged { step, why: Some(why), .. } => {
            format!("It is frozen: step {step} could not be made. {}", divergence::why(why, &snapshot.cast))
        }
        Status::Diverged { step, term, why: None } => {
            format!("It is frozen at the last finite step: {} at step {step}.", diverged(term.as_deref()))
        }
        Status::Failed(reason) => format!("It has failed: {}", sentence(reason)),
    }
}

/// Where the schedule of the rate has ended: since when nothing moves.
pub fn spent(snapshot: &Snapshot) -> Option<String> {
    let (schedule, end) = (snapshot.experiment.schedule?, snapshot.experiment.steps);
    let ended = schedule.ends() && snapshot.step >= end;
    ended.then(|| {
        format!("the {} schedule ended at step {end}, and the rate has been 0 since", schedule.name())
    })
}

/// What was not finite.
pub fn diverged(term: Option<&str>) -> String {
    match term {
        Some(term) => format!("{term} was not finite"),
        None => "the update overflowed".into(),
    }
}

fn loss_and_floor(snapshot: &Snapshot) -> String {
    if snapshot.terms.is_empty() {
        return "The loss is not known yet.".to_owned();
    }
    let decay = if snapshot.decay == 0.0 { "" } else { ", decay included" };
    let above = match snapshot.floor.value() {
        Some(floor) => format!(", {} above its floor", number(snapshot.loss - floor)),
        None => String::new(),
    };
    format!("The loss is {}{decay}{above}. {}", number(snapshot.loss), floor(snapshot))
}

/// What is proved about the least loss, and what it needs.
pub fn floor(snapshot: &Snapshot) -> String {
    match &snapshot.floor {
        Floor::Proved { value, .. } => match target_angle(snapshot) {
            Some(angle) => format!(
                "Proved: it cannot fall below {}, which needs class angles of {angle:.2}°.",
                number(*value)
            ),
            None => format!("Proved: it cannot fall below {}.", number(*value)),
        },
        Floor::Infimum { value, why } => {
            format!("It approaches {} but never gets there: {why}.", number(*value))
        }
        Floor::Unknown(why) => format!("No floor drawn: {why}."),
    }
}

/// What the objective does, in general.
pub fn effect(snapshot: &Snapshot) -> String {
    match snapshot.experiment.objective.as_slice() {
        [term] => term.objective.about().effect.to_owned(),
        terms => format!("A sum of {} terms, each pulling its own way.", terms.len()),
    }
}

/// The geometry in short phrases, most important first.
pub fn facts(snapshot: &Snapshot) -> Vec<String> {
    let measured = &snapshot.geometry.measured;
    let mut parts = Vec::new();
    if let Some(angle) = measured.get("min_class_angle_deg") {
        let target = target_angle(snapshot).map(|t| format!(" of {t:.2}°")).unwrap_or_default();
        let about = if measured.is_sampled("min_class_angle_deg") { "≤ " } else { "" };
        parts.push(format!("smallest class angle {about}{angle:.1}°{target}"));
    }
    if let Some(angle) = measured.get("mean_within_angle_deg") {
        parts.push(format!("within classes {angle:.1}°"));
    }
    if let Some(nc1) = measured.get("nc1") {
        parts.push(format!("NC1 {}", number(nc1)));
    }
    if let Some(norm) = snapshot.gradient_norm {
        parts.push(format!("gradient {}", number(norm)));
    }
    if let Some(fit) = &snapshot.geometry.fit {
        parts.push(format!("{} {:.3} away", fit.name, fit.distance));
    }
    parts.extend(noise(snapshot).map(|text| text + " (underlined)"));
    parts
}

fn noise(snapshot: &Snapshot) -> Option<String> {
    let cast = &snapshot.cast;
    let moved = cast.labels.iter().zip(&cast.truth).filter(|(a, b)| a != b).count();
    (moved > 0).then(|| format!("{moved} labels are wrong"))
}

/// Angles and collapse of any features; `target` is the angle between classes that is proved to be best.
pub fn geometry(measured: &Measurements, target: Option<f64>) -> Vec<String> {
    let mut said = Vec::new();
    let about = |key| if measured.is_sampled(key) { "about " } else { "" };
    if let Some(angle) = measured.get("min_class_angle_deg") {
        let aim = match target {
            Some(target) if (target - angle).abs() < 0.05 => ", which is where theory puts it".to_owned(),
            Some(target) => format!(", where theory puts it at {target:.2} degrees"),
            None => String::new(),
        };
        said.push(format!(
            "The smallest angle between class means is {}{angle:.1} degrees{aim}.",
            about("min_class_angle_deg")
        ));
    }
    if let Some(angle) = measured.get("mean_within_angle_deg") {
        said.push(format!(
            "Within a class, rows are {}{angle:.1} degrees apart on average.",
            about("mean_within_angle_deg")
        ));
    }
    if let Some(nc1) = measured.get("nc1") {
        let words = match nc1 {
            _ if beside::nc1_is_hollow(measured) => {
                "it says little, for class means lie nearly flat and it divides by that"
            }
            x if x < 1e-3 => "classes have collapsed to points",
            x if x < 0.1 => "classes are tight",
            x if x < 1.0 => "classes are loose",
            _ => "classes overlap",
        };
        said.push(format!(
            "Collapse NC1, spread within over spread between classes, is {}: {words}.",
            number(nc1)
        ));
    }
    if let Some(nc2) = measured.get("nc2_etf_distance") {
        said.push(format!(
            "Collapse NC2, the distance of the class means from a simplex, is {}.",
            number(nc2)
        ));
    }
    if let Some(nc3) = measured.get("nc3") {
        said.push(format!(
            "Collapse NC3, the distance of class weights from class means, is {}.",
            number(nc3)
        ));
    }
    if let Some(accuracy) = measured.get("accuracy") {
        said.push(format!(
            "{:.1} percent of the rows score highest with their own class weight.",
            100.0 * accuracy
        ));
    }
    if said.is_empty() {
        if let Some(rank) = measured.get("effective_rank") {
            said.push(format!(
                "The rows fill {rank:.1} dimensions, counted by the entropy of their spectrum."
            ));
        }
        if let Some(uniformity) = measured.get("uniformity") {
            said.push(format!("Their uniformity is {}.", number(uniformity)));
        }
    }
    said
}

/// The rows that lie nearer in angle to the centre of another class than to their own: class weights where a term
/// uses them, else class means. `None` where there are no classes, or too much to look at.
pub fn strays(snapshot: &Snapshot) -> Option<Vec<u32>> {
    let (points, cast) = (&snapshot.points, &snapshot.cast);
    let work = points.rows.saturating_mul(cast.classes).saturating_mul(points.cols);
    if !cast.labelled || cast.classes < 2 || work > MOST_WORK || cast.labels.len() != points.rows {
        return None;
    }
    let uses_weights =
        snapshot.experiment.objective.iter().any(|term| term.objective.family() == Family::Class);
    let centres = match &snapshot.weights {
        Some(weights) if uses_weights => (**weights).clone(),
        _ => means(points, &cast.labels, cast.classes),
    };
    let lengths: Vec<f64> = centres.rows_iter().map(|row| dot(row, row).sqrt()).collect();
    let stray = |row: &usize| {
        let here = points.row(*row);
        let cosine = |class: usize| match lengths[class] {
            length if length > 0.0 => dot(here, centres.row(class)) / length,
            _ => f64::NEG_INFINITY,
        };
        let own = cast.labels[*row] as usize;
        own < centres.rows && (0..centres.rows).any(|class| class != own && cosine(class) > cosine(own))
    };
    Some((0..points.rows).filter(stray).map(|row| row as u32).collect())
}

fn stray_words(snapshot: &Snapshot, rows: &[u32]) -> String {
    let total = snapshot.points.rows;
    let name = |row: &u32| {
        let names = snapshot.cast.point_names.as_ref();
        names.and_then(|names| names.get(*row as usize).cloned()).unwrap_or_else(|| row.to_string())
    };
    let named: Vec<String> = rows.iter().take(NAMED).map(name).collect();
    let more = if rows.len() > NAMED { " and others" } else { "" };
    match rows.len() {
        0 => "No row lies nearer to another class than to its own.".to_owned(),
        1 => format!("1 of {total} rows lies nearer to another class than to its own: row {}.", named[0]),
        count => format!(
            "{count} of {total} rows lie nearer to another class than to their own: rows {}{more}.",
            named.join(", ")
        ),
    }
}

/// What a person could do next.
pub fn what_to_try(snapshot: &Snapshot) -> String {
    let (classes, dim) = (snapshot.cast.classes, snapshot.points.cols);
    let narrow = snapshot.cast.labelled && classes > dim + 1;
    match &snapshot.status {
        Status::Diverged { why: Some(why), .. } => {
            format!("{}.", divergence::what_to_do(why, &snapshot.cast))
        }
        Status::Diverged { .. } => "set a lower rate and restart.".to_owned(),
        Status::Failed(_) => "restart, or go back to the settings that ran.".to_owned(),
        Status::Converged(Convergence::Floor) => {
            "another loss, or a smaller scale, to see the floor move.".to_owned()
        }
        Status::Converged(Convergence::Still) if narrow => {
            format!("{} dimensions, which give {classes} classes room for a simplex.", classes - 1)
        }
        Status::Converged(Convergence::Still) => {
            "another start (a new seed), to see whether it ends in the same place.".to_owned()
        }
        Status::Converged(Convergence::Schedule) => {
            "a run of more steps, or one of a constant rate: the schedule of this one has ended.".to_owned()
        }
        Status::Running | Status::Paused if spent(snapshot).is_some() => {
            "going back in time, or a restart: at a rate of 0 nothing moves.".to_owned()
        }
        Status::Running | Status::Paused if snapshot.step == 0 => "let it run.".to_owned(),
        Status::Running | Status::Paused if narrow => format!(
            "{} dimensions, which give {classes} classes room for a simplex, or let it run on.",
            classes - 1
        ),
        Status::Running | Status::Paused => "let it run on, or change a knob and watch.".to_owned(),
    }
}

/// A remark as a sentence: a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
}

/// The mean of each class; a class without rows has a mean of zeros, and so no direction.
pub fn means(points: &Matrix, labels: &[u32], classes: usize) -> Matrix {
    let mut means = Matrix::zeros(classes, points.cols);
    let mut counts = vec![0.0f32; classes];
    for (row, &label) in points.rows_iter().zip(labels) {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1.0;
            for (mean, &x) in means.row_mut(label as usize).iter_mut().zip(row) {
                *mean += x;
            }
        }
    }
    for (class, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        means.row_mut(class).iter_mut().for_each(|x| *x /= count);
    }
    means
}

/// Breaks a text into lines of at most `width` characters, at spaces.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line from the start");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::experiment::Experiment;

    /// A snapshot may not know the simulation; its tests may.
    fn snapshot() -> Snapshot {
        let mut run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        run.advance(200);
        run.read_back();
        run.analyse();
        run.snapshot()
    }

    #[test]
    fn the_sentences_hold_the_numbers_of_the_screen() {
        let snapshot = snapshot();
        let text = sentences(&snapshot).join("\n");
        assert!(
            text.starts_with(
                "normface(scale=4) is minimised over 200 rows of 4 classes in 3 dimensions, from seed 0"
            ),
            "{text}"
        );
        for part in [
            format!("The loss is {}, ", number(snapshot.loss)),
            "cannot fall below 0.0144, which needs class angles of 109.47°".to_owned(),
            format!("{:.1} degrees", snapshot.geometry.measured.get("min_class_angle_deg").unwrap()),
            "Collapse NC1".to_owned(),
            "To try:".to_owned(),
        ] {
            assert!(text.contains(&part), "{part}: {text}");
        }
        assert!(
            sentences(&snapshot).iter().all(|said| said.ends_with('.') && !said.contains('\n')),
            "{text}"
        );
    }

    #[test]
    fn a_row_by_another_class_is_a_stray() {
        let mut snapshot = snapshot();
        let rows = strays(&snapshot).unwrap();
        // Rows 0 and 199 are of the first and the last class: each now lies where the other lay.
        let mut points = (*snapshot.points).clone();
        let (first, last) = (points.row(0).to_vec(), points.row(199).to_vec());
        points.row_mut(0).copy_from_slice(&last);
        points.row_mut(199).copy_from_slice(&first);
        snapshot.points = Arc::new(points);
        let now = strays(&snapshot).unwrap();
        assert!(now.contains(&0) && now.contains(&199) && now.len() >= rows.len(), "{now:?}");
        assert!(stray_words(&snapshot, &[7]).starts_with("1 of 200 rows lies nearer"));
        assert!(stray_words(&snapshot, &(0..9).collect::<Vec<_>>()).ends_with("6, 7 and others."));
    }

    #[test]
    fn every_state_has_words_and_advice() {
        let mut snapshot = snapshot();
        for status in [
            Status::Running,
            Status::Paused,
            Status::Converged(Convergence::Floor),
            Status::Converged(Convergence::Still),
            Status::Converged(Convergence::Schedule),
            Status::Diverged { step: 3, term: None, why: None },
            Status::Failed("of a bug".into()),
        ] {
            snapshot.status = status;
            assert!(state(&snapshot).ends_with('.') && what_to_try(&snapshot).ends_with('.'));
        }
        assert_eq!(sentence("éclair"), "éclair.");
    }
}
