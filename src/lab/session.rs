//! The lab while its session is recorded, or while a recording is played in it.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};

use super::recorder::{Recorder, Unbegun};
use super::replaying::{Played, Player};
use super::{End, Lab, LabError, SOON};
use crate::app::keys::Action;
use crate::app::{Command, Message, Pane, REST, Said, Unwritten};
use crate::terminal::{Event, Screen};

/// What becomes of an event while a recording is played.
pub(super) enum Heard {
    /// It is for the lab.
    Event(Event),
    /// It was for the player.
    Taken,
    /// The person leaves.
    End(End),
}

impl Lab<'_> {
    /// Takes in what a person did; while a session is recorded, in its turn.
    pub(super) fn take_in(&mut self, message: Message, screen: &mut Screen) -> Result<Option<End>, LabError> {
        let Some(recorder) = &self.recorder else {
            if self.touched.elapsed() >= REST {
                self.app.update(Message::Rest);
            }
            self.touched = Instant::now();
            let commands = self.app.update(message);
            return self.obey(commands, screen);
        };
        // Whoever wants to leave by it does not wait for anything.
        let leaves = matches!(&message, Message::Key(key) if is_control_c(*key));
        if leaves || recorder.is_ready(&self.app) && self.waiting.is_empty() {
            return self.take_down(message, screen);
        }
        // Of a drag only its last place counts, as when nothing is waited for.
        if is_drag(&message) && self.waiting.back().is_some_and(is_drag) {
            self.waiting.pop_back();
        }
        self.waiting.push_back(message);
        Ok(None)
    }

    /// Takes in what had to wait.
    pub(super) fn catch_up(&mut self, screen: &mut Screen) -> Result<Option<End>, LabError> {
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(self.app.snapshot.noted);
            if recorder.fault().is_some() {
                self.end_recording();
            }
        }
        while self.recorder.as_ref().is_none_or(|recorder| recorder.is_ready(&self.app)) {
            let Some(message) = self.waiting.pop_front() else { break };
            if let Some(end) = self.take_down(message, screen)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Takes a message in, and its event down where one is recorded.
    fn take_down(&mut self, message: Message, screen: &mut Screen) -> Result<Option<End>, LabError> {
        let what = self.recorder.as_ref().and_then(|_| Recorder::of_message(&message));
        let seen = self.app.snapshot.clone();
        if self.recorder.as_mut().is_some_and(Recorder::rests) {
            self.app.update(Message::Rest);
        }
        self.touched = Instant::now();
        let mut commands = self.app.update(message);
        if self.app.lesson.is_some() {
            // Lessons have runs of their own: what led into one is none of the session.
            if let Some(written) = self.write_recording() {
                self.recorded.push(written.clone());
                match written {
                    Err(why) => self.lost_recording(why),
                    written => self.tell(written),
                }
            }
        }
        // Nor is what ends the recording, or a film that a replay does not make.
        let apart =
            |command: &Command| matches!(command, Command::Quit(_) | Command::Record | Command::StopFilm);
        if let Some(what) = what.filter(|_| !commands.iter().any(apart))
            && let Some(recorder) = &mut self.recorder
        {
            commands = recorder.take(what, &seen, commands);
            if recorder.is_full() {
                self.end_recording();
            }
        }
        self.obey(commands, screen)
    }

    /// Begins a recording, or ends it.
    pub(super) fn record(&mut self) {
        if self.recorder.is_some() {
            return self.end_recording();
        }
        let folder = std::env::current_dir().unwrap_or_else(|_| ".".into());
        match Recorder::begin(&mut self.app, self.simulation, &folder) {
            Ok(recorder) => {
                let key = |action| self.app.keymap.key_of(action);
                let (end, mark, name) = (key(Action::Record), key(Action::Mark), recorder.name());
                let branches = self.app.snapshot.time.branches.len() > 1;
                let more = if branches { "; branches of before are not in it" } else { "" };
                self.recorder = Some(recorder);
                self.tell(Ok(format!("recording into {name}: {mark} puts a mark, {end} ends it{more}")));
            }
            Err(Unbegun::Unwritten(error)) => self.lost_recording(error.to_string()),
            Err(why) => self.tell(Err(why.to_string())),
        }
    }

    pub(super) fn mark(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            let text = recorder.mark(&mut self.app);
            self.tell(Ok(text));
        }
    }

    /// Ends the recording, and says on the status line where it is.
    fn end_recording(&mut self) {
        match self.write_recording() {
            Some(Err(why)) => self.lost_recording(why),
            Some(written) => self.tell(written),
            None => {}
        }
    }

    fn lost_recording(&mut self, why: String) {
        self.app.update(Message::Unwritten(Unwritten { what: "recording", why }));
    }

    /// Ends the recording, if there is one; where it was written.
    pub(super) fn write_recording(&mut self) -> Option<Result<String, String>> {
        let recorder = self.recorder.take()?;
        Some(recorder.end(&mut self.app, self.simulation))
    }

    fn tell(&mut self, said: Result<String, String>) {
        let wrong = said.is_err();
        let (Ok(text) | Err(text)) = said;
        self.app.update(Message::Said(Said { text, wrong }));
    }

    /// Puts a recording into the lab.
    pub(super) fn begin_to_play(&mut self, mut player: Player) {
        player.open(&mut self.app, self.simulation);
        self.player = Some(player);
    }

    /// Plays on; how long there is nothing to do. `None` where nothing is played.
    pub(super) fn play(&mut self) -> Option<Duration> {
        let player = self.player.as_mut()?;
        let stood = player.stands();
        match player.play(&mut self.app, self.simulation) {
            Ok(Played::Waits(wait)) => return Some(wait.min(SOON)),
            Ok(Played::Stands(mark)) => {
                if !stood {
                    let place = mark.map_or("held".to_owned(), |mark| format!("at the mark {mark}"));
                    self.tell(Ok(format!("{place}: space goes on, Esc takes over")));
                }
            }
            Ok(Played::Over) => {
                let step = self.app.snapshot.step;
                let over = match (player.compare(&self.app.snapshot), player.recording().end.broken) {
                    (Err(why), _) => Err(why),
                    (Ok(()), true) => {
                        Ok(format!("the recording breaks off at step {step}: the lab is yours"))
                    }
                    (Ok(()), false) => Ok("the replay is over: the lab is yours".to_owned()),
                };
                self.take_over(over);
            }
            Err(why) => self.take_over(Err(format!("{why}; the lab is yours"))),
        }
        None
    }

    /// Lets the recording go; the run stands, and the lab is as ever.
    fn take_over(&mut self, said: Result<String, String>) {
        if let Some(player) = self.player.take() {
            player.release(&mut self.app, self.simulation);
            self.tell(said);
        }
    }

    /// What a person does while a recording is played; what is left is for the lab.
    pub(super) fn hear_while_playing(&mut self, event: Event) -> Heard {
        let Some(player) = &mut self.player else { return Heard::Event(event) };
        let Event::Key(key) = event else {
            return match event {
                Event::Mouse(_) | Event::Paste(_) => Heard::Taken,
                other => Heard::Event(other),
            };
        };
        match key.code {
            KeyCode::Char(' ') | KeyCode::Enter if player.stands() => {
                player.go_on(&mut self.app, self.simulation);
                self.tell(Ok(String::new()));
            }
            KeyCode::Char(' ') => player.hold(),
            KeyCode::Esc => self.take_over(Ok("the lab is yours".to_owned())),
            _ => match player.own_keys().action(&key, Pane::View, false) {
                _ if is_control_c(key) => return Heard::End(End::Left { keep: false }),
                Some(Action::Quit) => return Heard::End(End::Left { keep: false }),
                Some(Action::QuitKeeping) => return Heard::End(End::Left { keep: true }),
                _ => self.tell(Ok("a recording is played: space holds it, Esc takes over".to_owned())),
            },
        }
        Heard::Taken
    }
}

fn is_control_c(key: KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c')
}

fn is_drag(message: &Message) -> bool {
    matches!(message, Message::Mouse(MouseEvent { kind: MouseEventKind::Drag(_), .. }))
}
