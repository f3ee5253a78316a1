//! Asks the terminal, before raw mode, whether it takes pictures. Everything is put back within a tenth of a second.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, isatty, tcgetattr, tcsetattr};

use super::Protocol;

/// A picture of one pixel that kitty is to say whether it could show, and a question that every terminal answers.
const QUESTION: &[u8] = b"\x1b_Gi=7311,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c";

/// Asks, and waits no longer than `patience`. Nothing where it is no terminal or gives no whole answer.
pub fn ask(patience: Duration) -> Option<Protocol> {
    if !isatty(stdin()) || !isatty(stdout()) {
        return None;
    }
    let found = tcgetattr(stdin()).ok()?;
    let mut quiet = found.clone();
    // The answer is to be read as it comes, and not to be shown.
    quiet.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    quiet.special_codes[SpecialCodeIndex::VMIN] = 0;
    quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(stdin(), OptionalActions::Now, &quiet).ok()?;
    let answer = rustix::io::write(stdout(), QUESTION).ok().map(|_| heard(patience));
    // What came too late for an answer is dropped with the modes.
    let _ = tcsetattr(stdin(), OptionalActions::Flush, &found);
    understood(&answer?)
}

fn heard(patience: Duration) -> Vec<u8> {
    let (deadline, mut answer) = (Instant::now() + patience, Vec::new());
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        let input = stdin();
        let mut ready = [PollFd::new(&input, PollFlags::IN)];
        if !matches!(poll(&mut ready, Some(&wait)), Ok(1..)) {
            break;
        }
        let mut bytes = [0u8; 256];
        match rustix::io::read(stdin(), &mut bytes) {
            Ok(count @ 1..) => answer.extend(&bytes[..count]),
            _ => break,
        }
        if attributes(&answer).is_some() || answer.len() > 4096 {
            break;
        }
    }
    answer
}

/// The numbers of `ESC [ ? … c`, once it is whole.
fn attributes(answer: &[u8]) -> Option<Vec<u32>> {
    let text = String::from_utf8_lossy(answer);
    let rest = text.split_once("\x1b[?")?.1;
    let numbers = rest.split_once('c')?.0;
    Some(numbers.split(';').filter_map(|number| number.parse().ok()).collect())
}

/// What an answer means. Without the part that every terminal gives, nothing: the rest might come any time.
fn understood(answer: &[u8]) -> Option<Protocol> {
    let attributes = attributes(answer)?;
    if String::from_utf8_lossy(answer).contains("\x1b_Gi=7311;OK") {
        return Some(Protocol::Kitty);
    }
    attributes.contains(&4).then_some(Protocol::Sixel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_terminals_mean_by_them() {
        let table: [(&[u8], Option<Protocol>); 6] = [
            (b"\x1b_Gi=7311;OK\x1b\\\x1b[?62;c", Some(Protocol::Kitty)),
            (b"\x1b[?62;4;22c", Some(Protocol::Sixel)),
            (b"\x1b[?62;22c", None),
            (b"\x1b_Gi=7311;ENOTSUPPORTED\x1b\\\x1b[?1;2c", None),
            (b"\x1b_Gi=7311;OK\x1b\\", None),
            (b"", None),
        ];
        for (answer, wanted) in table {
            assert_eq!(understood(answer), wanted, "{}", String::from_utf8_lossy(answer).escape_debug());
        }
    }
}
