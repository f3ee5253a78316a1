//! A recording played without a screen, as fast as it goes; sentences at its marks and at its end.

use std::sync::Arc;
use std::time::Duration;

use super::{Played, Player};
use crate::app::{App, Command, Message};
use crate::describe;
use crate::recording::Recording;
use crate::simulation::Simulation;
use crate::snapshot::Snapshot;

/// How often a new snapshot is looked for.
const LOOK: Duration = Duration::from_millis(1);

/// Plays a recording on the CPU and hands over the text at every mark it stops at, and at the end where it is not told
/// to stop before. Returns what is on the screen then.
///
/// # Errors
/// One sentence, where it cannot begin, or with the line at which it cannot go on.
pub fn play(
    recording: Recording,
    stop_at: Option<&str>,
    mut say: impl FnMut(&str),
) -> Result<Arc<Snapshot>, String> {
    let player = Player::new(recording, None, stop_at)?;
    let beginning = &player.recording().beginning;
    let simulation = Simulation::start(&beginning.share.experiment)?;
    let app = App::new(simulation.snapshot(), beginning.size);
    let mut unseen = Unseen { app, simulation, player };
    unseen.player.open(&mut unseen.app, &unseen.simulation);
    loop {
        unseen.look();
        match unseen.player.play(&mut unseen.app, &unseen.simulation)? {
            Played::Waits(_) => std::thread::sleep(LOOK),
            Played::Stands(mark) => {
                say(&unseen.told(&format!("Mark {}", mark.unwrap_or_default()))?);
                if stop_at.is_some() {
                    return Ok(unseen.app.snapshot);
                }
                unseen.player.go_on(&mut unseen.app, &unseen.simulation);
            }
            Played::Over => {
                let broken = unseen.player.recording().end.broken;
                say(&unseen.told(if broken { "Here it breaks off" } else { "The end" })?);
                unseen.player.compare(&unseen.app.snapshot)?;
                return Ok(unseen.app.snapshot);
            }
        }
    }
}

/// So often the numbers of a state are looked for; then it is told with those there are.
const MOST_LOOKS: usize = 60_000;

/// The screen that nobody sees, the run, and what is played.
struct Unseen {
    app: App,
    simulation: Simulation,
    player: Player,
}

impl Unseen {
    /// Takes a new snapshot in.
    fn look(&mut self) {
        let newest = self.simulation.snapshot();
        if Arc::ptr_eq(&newest, &self.app.snapshot) {
            return;
        }
        for command in self.app.update(Message::Snapshot(newest)) {
            if let Command::Ask(request) = command {
                self.player.pass_on(&self.simulation, request);
            }
        }
    }

    /// What is to be said of the state, with its numbers.
    fn told(&mut self, place: &str) -> Result<String, String> {
        for _ in 0..MOST_LOOKS {
            if self.app.snapshot.analysed {
                break;
            }
            self.player.waits(&self.app)?;
            std::thread::sleep(LOOK);
            self.look();
        }
        let snapshot = Snapshot { pace: self.player.pace, ..Snapshot::clone(&self.app.snapshot) };
        let (step, loss) = (snapshot.step, snapshot.loss);
        let sentences = describe::sentences(&snapshot).join("\n");
        Ok(format!("{place}, at step {step}, loss {loss:?}.\n{sentences}\n"))
    }
}
