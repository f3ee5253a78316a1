//! A run as a film: made anew from its start, looked at now and then, and drawn beside its curve as a GIF.
//!
//! No file and no clock: who asks for a film is told how far it is, and may end it early.

use rayon::prelude::*;

use super::screen::{self, Turn};
use crate::experiment::{Edit, Experiment};
use crate::features::Matrix;
use crate::figure::{
    Animation, Curves, Figure, Pane, Panels, ProjectedPoint, ProjectedWeight, Projection, Size, Stage, Theme,
    XScale,
};
use crate::geometry::projection::{self, ProjectionKind, Source};
use crate::simulation::Run;
use crate::snapshot::{Snapshot, Status};

/// The most points a film shows: more would be noise that no file can hold small.
const MOST_POINTS: usize = 600;
/// The most bytes of all points kept at once.
const MOST_BYTES: usize = 128 << 20;
/// A film of more bytes than this is thinned until it has less.
const LARGEST: usize = 5_000_000;
/// The most steps between two looks at whether to go on.
const STRETCH: u64 = 256;
/// Frames painted at once.
const BATCH: usize = 8;

/// How the frames lie along the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// As many steps between any two frames.
    Even,
    /// Each step at the start, ever more between frames later: most happens early.
    #[default]
    Log,
}

/// What a film is to be.
#[derive(Clone)]
pub struct Plan {
    /// Steps the run makes.
    pub steps: u64,
    /// The most frames.
    pub frames: usize,
    /// Frames a second, 1 to 50.
    pub fps: u32,
    /// How they lie along the steps.
    pub spread: Spread,
    /// The size of a frame.
    pub size: Size,
    /// Its paper.
    pub theme: Theme,
    /// The projection; nothing for the one that fits.
    pub projection: Option<&'static ProjectionKind>,
    /// The labels of the classes that span the class plane.
    pub plane: Option<[u32; 3]>,
    /// Pairs of key and value that stand in the file beside the pictures.
    pub metadata: Vec<(String, String)>,
}

impl Plan {
    /// Ten seconds at 20 frames a second, 800×450, of so many steps.
    pub fn of(steps: u64) -> Self {
        Self {
            steps,
            frames: 200,
            fps: 20,
            spread: Spread::Log,
            size: Size::new(800, 450).unwrap_or_default(),
            theme: Theme::Light,
            projection: None,
            plane: None,
            metadata: Vec::new(),
        }
    }

    /// The steps that are looked at, ascending, first and last among them.
    fn looks(&self) -> Vec<u64> {
        let last = (self.frames.max(2) - 1) as f64;
        let mut looks: Vec<u64> = Vec::new();
        for k in 0..self.frames.max(2) {
            let share = k as f64 / last;
            let at = match self.spread {
                Spread::Even => share * self.steps as f64,
                Spread::Log => (self.steps as f64 + 1.0).powf(share) - 1.0,
            };
            // Where the spacing is less than a step, every step has its frame.
            let least = looks.last().map_or(0, |before| before + 1);
            looks.push((at.round() as u64).max(least).min(self.steps));
        }
        looks.dedup();
        looks
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The run has made so many of so many steps.
    Steps(u64, u64),
    /// So many of so many frames are painted.
    Frames(usize, usize),
}

/// A finished film.
#[derive(Clone, Debug)]
pub struct Film {
    /// The GIF.
    pub bytes: Vec<u8>,
    /// Its frames.
    pub frames: usize,
    /// The steps of the run it shows.
    pub steps: u64,
}

/// What is kept of a moment.
struct Shot {
    step: u64,
    points: Matrix,
    weights: Option<Matrix>,
}

/// Runs an experiment with its edits from the start, and makes the film. `watch` hears how far it is and says
/// whether to go on: where it does not while steps are made, the film is of the steps so far; where it does not
/// while frames are painted, of the frames so far.
///
/// # Errors
/// A sentence, where the experiment cannot start.
pub fn make(
    experiment: &Experiment,
    edits: &[Edit],
    plan: &Plan,
    turn: Turn<'_>,
    watch: &mut dyn FnMut(Progress) -> bool,
) -> Result<Film, String> {
    let mut run = Run::new(experiment)?;
    let looks = plan.looks();
    let total = run.job().points.rows;
    let columns = run.job().points.cols.max(1);
    let shown = total.min(MOST_POINTS).min((MOST_BYTES / (4 * looks.len() * columns)).max(1));
    let rows: Vec<usize> =
        (0..shown).map(|k| (k as u64 * total as u64 / shown.max(1) as u64) as usize).collect();
    let mut shots = Vec::new();
    for &look in &looks {
        if !advance_to(&mut run, edits, look, plan.steps, watch) {
            break;
        }
        run.read_back();
        shots.push(shot(&run, &rows));
        if run.step() < look {
            break;
        }
    }
    run.pause();
    run.read_back();
    run.analyse();
    if shots.last().is_none_or(|shot| shot.step < run.step()) {
        shots.push(shot(&run, &rows));
    }
    let snapshot = run.snapshot();
    let scenes = scenes(&snapshot, &shots, &rows, plan, turn);
    develop(&scenes, plan, watch).map(|(bytes, frames)| Film { bytes, frames, steps: snapshot.step })
}

/// Makes the steps up to a look, with the edits on the way; whether to go on.
fn advance_to(
    run: &mut Run,
    edits: &[Edit],
    look: u64,
    steps: u64,
    watch: &mut dyn FnMut(Progress) -> bool,
) -> bool {
    while run.step() < look && run.can_go() {
        let step = run.step();
        // Of several edits at a step the last holds; those at the steps before were made before.
        if let Some(edit) = edits.iter().rev().find(|edit| edit.step == step)
            && *run.experiment != edit.experiment
            && run.change(&edit.experiment).is_err()
        {
            return false;
        }
        let edit = edits.iter().map(|edit| edit.step).filter(|at| *at > step).min().unwrap_or(u64::MAX);
        run.advance((look - step).min(edit - step).min(STRETCH) as usize);
        if run.step() == step || matches!(run.status, Status::Diverged { .. } | Status::Failed(_)) {
            return false;
        }
        if !watch(Progress::Steps(run.step(), steps)) {
            return false;
        }
    }
    true
}

fn shot(run: &Run, rows: &[usize]) -> Shot {
    let job = run.job();
    let mut points = Matrix::zeros(rows.len(), job.points.cols);
    for (to, &row) in rows.iter().enumerate() {
        points.row_mut(to).copy_from_slice(job.points.row(row));
    }
    Shot { step: run.step(), points, weights: job.weights.as_deref().cloned() }
}

/// The frames, all seen along the axes that show most of the last one.
fn scenes(snapshot: &Snapshot, shots: &[Shot], rows: &[usize], plan: &Plan, turn: Turn<'_>) -> Vec<Figure> {
    let kind = plan.projection.unwrap_or(projection::default_for(snapshot.points.cols));
    let classes = crate::geometry::Classes::new(&snapshot.points, &snapshot.cast.labels).ok();
    let source = Source { classes: classes.as_ref(), ..Source::of_points(&snapshot.points) };
    let source = Source { seed: snapshot.experiment.seed, plane: plan.plane, ..source };
    let Ok(last) = (kind.build)(&source) else { return Vec::new() };
    let sphere = snapshot.picture.sphere && !last.map;
    let turned = last.shares.len() >= 3;
    let see = |axes: &projection::Projection, p: [f32; 3]| {
        let origin = axes.project_one(&vec![0.0; snapshot.points.cols]);
        let p = if sphere { [p[0] - origin[0], p[1] - origin[1], p[2] - origin[2]] } else { p };
        let seen = if turned { turn(p) } else { p };
        [f64::from(seen[0]), f64::from(seen[1])]
    };
    // A tour goes on from frame to frame; all other axes stay.
    let along = |k: usize| match &last.tour {
        Some(tour) => tour.at(k as f64 / f64::from(plan.fps.max(1)) / projection::tour::SECONDS_A_FRAME),
        None => last.clone(),
    };
    let names = screen::names(snapshot);
    let title = screen::title(snapshot);
    let class = |row: usize| snapshot.cast.truth.get(row).map_or(0, |class| *class as usize);
    let fit = snapshot.geometry.fit.as_ref().filter(|fit| fit.places.cols == snapshot.points.cols);
    let target_name = fit.map_or(String::new(), |fit| format!("target: {}", fit.name));
    let projections: Vec<Projection> = shots
        .iter()
        .enumerate()
        .map(|(k, shot)| {
            let axes = along(k);
            let see = |p: [f32; 3]| see(&axes, p);
            let targets = fit.map_or(Vec::new(), |fit| axes.project(&fit.places));
            let places = axes.project(&shot.points).into_iter().zip(rows);
            let weights = shot.weights.as_ref().map(|weights| axes.project(weights)).unwrap_or_default();
            Projection {
                view: axes.name.to_owned(),
                subtitle: format!("step {}, {} of {} points", shot.step, rows.len(), snapshot.points.rows),
                hidden_variance: Some(axes.hidden),
                class_names: names.clone(),
                points: places
                    .map(|(at, &row)| ProjectedPoint { at: see(at), class: class(row), given: None })
                    .collect(),
                weights: weights
                    .into_iter()
                    .enumerate()
                    .map(|(class, at)| ProjectedWeight { at: see(at), class })
                    .collect(),
                targets: targets.into_iter().map(see).collect(),
                target_name: target_name.clone(),
                radius: sphere.then_some(1.0),
                map: axes.map.then(|| super::map::of(see)),
                ..Projection::default()
            }
        })
        .collect();
    let far = |projection: &Projection| {
        let points = projection.points.iter().map(|p| p.at).chain(projection.weights.iter().map(|w| w.at));
        points.flatten().filter(|x| x.is_finite()).fold(0.0f64, |most, x| most.max(x.abs()))
    };
    let reach = projections.iter().map(far).fold(0.0, f64::max);
    let curves = screen::curves(snapshot, true);
    let frame = |(shot, projection): (&Shot, Projection)| {
        let curves = Curves {
            title: String::new(),
            subtitle: String::new(),
            // In a film there is no room for what was changed.
            edits: Vec::new(),
            now: Some(shot.step as f64),
            x_scale: if plan.spread == Spread::Log { XScale::Steps } else { XScale::Linear },
            ..curves.clone()
        };
        let projection = Projection { reach: Some(reach), ..projection };
        Figure::Panels(Panels {
            title: title.clone(),
            subtitle: String::new(),
            panels: vec![
                Pane { figure: Figure::Projection(projection), place: [0.0, 0.0, 0.6, 1.0] },
                Pane { figure: Figure::Curves(curves), place: [0.6, 0.0, 1.0, 1.0] },
            ],
            lettered: false,
        })
    };
    shots.iter().zip(projections).map(frame).collect()
}

/// Paints the frames and puts them together; thinned where the film would be too large.
fn develop(
    scenes: &[Figure],
    plan: &Plan,
    watch: &mut dyn FnMut(Progress) -> bool,
) -> Result<(Vec<u8>, usize), String> {
    let (Some(first), Some(last)) = (scenes.first(), scenes.last()) else {
        return Err("there is nothing to film: the projection cannot be made".into());
    };
    let said = |error: crate::figure::FigureError| error.to_string();
    let stage = Stage::new(plan.size, plan.theme, &[first, last]);
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for batch in scenes.chunks(BATCH) {
        let painted: Result<Vec<_>, _> = batch.par_iter().map(|scene| stage.paint(scene)).collect();
        frames.extend(painted.map_err(said)?);
        if !watch(Progress::Frames(frames.len(), scenes.len())) {
            break;
        }
    }
    let mut every = 1;
    loop {
        let kept: Vec<&Vec<u8>> = frames.iter().rev().step_by(every).collect();
        let delay = (100 * every as u32 / plan.fps.clamp(1, 50)).max(2) as u16;
        let mut animation = Animation::new(Vec::new(), &stage, &plan.metadata).map_err(said)?;
        for frame in kept.iter().rev() {
            animation.push(frame, delay).map_err(said)?;
        }
        let bytes = animation.finish().map_err(said)?;
        if bytes.len() <= LARGEST || kept.len() <= 2 {
            return Ok((bytes, kept.len()));
        }
        every *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: u64, frames: usize) -> Plan {
        Plan { frames, size: "320x200".parse().unwrap(), ..Plan::of(steps) }
    }

    fn small() -> Experiment {
        Experiment { per_class: Some(5), ..Experiment::default() }
    }

    #[test]
    fn a_film_carries_what_it_is_given_in_a_comment() {
        use crate::share::{Share, View, carried, metadata};
        // Longer than a block of a comment.
        let edit = |k: u64| {
            let lr = Some(0.01 + 0.000_137 * ((k * 7919) % 1009) as f64);
            Edit { step: 10 * k, experiment: Experiment { lr, ..small() } }
        };
        let moment = Share {
            experiment: small(),
            edits: (1..80).map(edit).collect(),
            step: 900,
            view: View::default(),
        };
        let text = moment.encode().unwrap();
        assert!(text.len() > 300, "{}", text.len());
        let plan = Plan { metadata: metadata(Some(&text)), ..plan(6, 3) };
        let film = make(&small(), &[], &plan, &|p| p, &mut |_| true).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.gif");
        std::fs::write(&path, &film.bytes).unwrap();
        assert_eq!(carried::share_in(&path), Some(Ok(moment)));
    }

    #[test]
    fn looks_begin_at_the_start_end_at_the_end_and_never_repeat() {
        assert_eq!(Plan { spread: Spread::Even, ..plan(100, 5) }.looks(), [0, 25, 50, 75, 100]);
        let log = plan(2000, 200).looks();
        assert_eq!((log[..4].to_vec(), log[log.len() - 1]), (vec![0, 1, 2, 3], 2000));
        assert!(log.windows(2).all(|two| two[0] < two[1]));
        assert_eq!(plan(3, 200).looks(), [0, 1, 2, 3]);
        assert_eq!(plan(0, 200).looks(), [0]);
    }

    #[test]
    fn a_film_has_the_frames_asked_for_and_the_same_run_the_same_bytes() {
        let turn = |p: [f32; 3]| p;
        let mut heard = Vec::new();
        let film = make(&small(), &[], &plan(40, 6), &turn, &mut |at| {
            heard.push(at);
            true
        })
        .unwrap();
        assert_eq!((film.steps, film.frames, &film.bytes[..6]), (40, 6, &b"GIF89a"[..]));
        assert_eq!(heard.last(), Some(&Progress::Frames(6, 6)));
        let again = make(&small(), &[], &plan(40, 6), &turn, &mut |_| true).unwrap();
        assert!(again.bytes == film.bytes);
    }

    #[test]
    fn a_film_that_is_ended_shows_what_there_was() {
        let turn = |p: [f32; 3]| p;
        let in_the_run = make(
            &small(),
            &[],
            &plan(4000, 20),
            &turn,
            &mut |at| !matches!(at, Progress::Steps(s, _) if s >= 100),
        )
        .unwrap();
        assert!(in_the_run.steps >= 100 && in_the_run.steps < 1000 && in_the_run.frames > 2);
        let mut decoder = gif::DecodeOptions::new().read_info(&in_the_run.bytes[..]).unwrap();
        while decoder.read_next_frame().unwrap().is_some() {}
    }

    #[test]
    fn an_edit_holds_from_its_step_on() {
        let turn = |p: [f32; 3]| p;
        let after = Experiment { lr: Some(0.5), ..small() };
        let edits = [Edit { step: 10, experiment: after }];
        let plain = make(&small(), &[], &plan(40, 4), &turn, &mut |_| true).unwrap();
        let edited = make(&small(), &edits, &plan(40, 4), &turn, &mut |_| true).unwrap();
        assert!(plain.bytes != edited.bytes);
    }
}
