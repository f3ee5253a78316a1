//! `losslab replay`: a recorded session played in the lab, or as sentences at its marks.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::data::printable;
use crate::lab::replaying::{Player, headless};
use crate::recording::{self, Recording};

/// The exit code of a recording that went another way.
const DEPARTED: u8 = 1;

/// The format in short, for `--help`.
const FORMAT: &str = "\
In the lab r begins a recording, M puts a mark into it, r ends it. losslab-NNN.llrec is written line by line as the
session goes; one that broke off is played as far as it goes. It is a text:

  losslab-recording 1          # the version of the format
  losslab 0.1.0                # what wrote it
  share ll1:...                # the run as far as it had gone when the recording began, and how it was looked at;
                               #   rates that it leaves open are those of the lab
  size 80 24                   # columns and rows
  engine cpu                   # what ran; another engine may give other last digits
  pace 1                       # steps a frame
  row 0                        # the chosen row of the params pane
  keys export F5               # only where a configuration gives an action other keys; a line each
  begin 120 running            # the step it begins at, running or paused
  130 133 1500 key shift A     # step seen, step heard, milliseconds, and what happened:
                               #   key [ctrl] [alt] [shift] [super] NAME
                               #   mouse [...] down|up|drag left|right|middle COLUMN ROW, scroll up|down
                               #   paste \"TEXT\", size COLUMNS ROWS
  140 140 1700 mark 1          # a mark; give it a name of your own here
  150 150 1800 diverged        # the next step could not be made
  400 400 9000 end 0.0143      # where it ended, and the loss there

An event is played when its time has come and the run stands at the step at which it was seen; what it asks of the
run happens at the step at which that was heard. On the CPU engine a replay is the same run to the bit.

In the lab a replay stops at its marks: space or Enter goes on, Esc takes over; space between two marks holds it.
Without a terminal, or with --plain, it is played as fast as it goes and said in sentences at every mark and at the
end. Exit code 1: it could not be played to its end, since the run went another way than the recorded one; its line is
named.
";

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = FORMAT)]
pub struct Arguments {
    /// A recording, as r writes it in the lab
    #[arg(value_name = "FILE.llrec")]
    file: PathBuf,
    /// So many times as fast as it was recorded
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Stop at this mark only (every mark)
    #[arg(long, value_name = "MARK")]
    stop_at: Option<String>,
    #[command(flatten)]
    screen: super::screen::ScreenArgs,
}

/// Plays a recording.
pub fn run(arguments: &Arguments) -> ExitCode {
    let recording = match open(arguments) {
        Ok(recording) => recording,
        Err(sentence) => return ExitCode::from(super::refuse(&sentence)),
    };
    let stop_at = arguments.stop_at.as_deref();
    let player = match Player::new(recording.clone(), Some(arguments.speed), stop_at) {
        Ok(player) => player,
        Err(sentence) => return ExitCode::from(super::refuse(&named(&arguments.file, &sentence))),
    };
    if arguments.screen.plain() {
        return ExitCode::from(match headless::play(recording, stop_at, super::say) {
            Ok(_) => super::FINE,
            Err(sentence) => {
                super::complain(&named(&arguments.file, &sentence));
                DEPARTED
            }
        });
    }
    match arguments.screen.config() {
        Ok(config) => crate::lab::replay(player, config),
        Err(sentence) => ExitCode::from(super::refuse(&sentence)),
    }
}

fn named(file: &Path, sentence: &str) -> String {
    format!("{}: {sentence}", printable(&file.to_string_lossy()))
}

fn open(arguments: &Arguments) -> Result<Recording, String> {
    let file = &arguments.file;
    if !(arguments.speed.is_finite() && arguments.speed > 0.0) {
        return Err("--speed is a number above 0: 2 is twice as fast, 0.5 half".to_owned());
    }
    let failed =
        |error: std::io::Error| format!("cannot read {}", named(file, &crate::data::plain_io(&error)));
    let mut text = Vec::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    opened.take(recording::MOST_BYTES + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > recording::MOST_BYTES {
        return Err(named(file, &format!("a recording has {} MiB at most", recording::MOST_BYTES >> 20)));
    }
    let text = String::from_utf8(text).map_err(|_| named(file, "this is no text, and so no recording"))?;
    let mut recording = recording::read(&text).map_err(|error| named(file, &error.to_string()))?;
    let share = &mut recording.beginning.share;
    let mut document: crate::experiment::file::Document = share.clone().into();
    super::source::find_features(&mut document)?;
    (share.experiment, share.edits) = (document.experiment, document.edits);
    Ok(recording)
}
