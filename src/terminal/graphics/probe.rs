//! Asks the terminal, before raw mode, whether it takes pictures and on what colour. Everything is put back within a
//! tenth of a second.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, isatty, tcgetattr, tcsetattr};

use super::{Protocol, Rgb};

/// A picture of one pixel that kitty is to say whether it could show, the colour of the background, and a question that
/// every terminal answers.
const QUESTION: &[u8] = b"\x1b_Gi=7311,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b]11;?\x1b\\\x1b[c";

/// What a terminal said of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How it takes pictures, if it does.
    pub protocol: Option<Protocol>,
    /// What text stands on, if it says so.
    pub paper: Option<Rgb>,
}

/// Asks, and waits no longer than `patience`. Nothing where it is no terminal or gives no whole answer.
pub fn ask(patience: Duration) -> Answer {
    asked(patience).map(|answer| understood(&answer)).unwrap_or_default()
}

fn asked(patience: Duration) -> Option<Vec<u8>> {
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
    answer
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

/// Red, green and blue of `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, of one to four hexadecimal digits each.
fn paper(answer: &[u8]) -> Option<Rgb> {
    let text = String::from_utf8_lossy(answer);
    let rest = text.split_once("\x1b]11;rgb")?.1.split_once(':')?.1;
    let mut levels = rest.split(['\x1b', '\x07']).next()?.split('/').map(|digits| {
        let most =
            16u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|&most| most > 0)?;
        u8::try_from(u32::from_str_radix(digits, 16).ok()? * 255 / most).ok()
    });
    Some((levels.next()??, levels.next()??, levels.next()??))
}

/// What an answer means. Without the part that every terminal gives, nothing: the rest might come any time.
fn understood(answer: &[u8]) -> Answer {
    let Some(attributes) = attributes(answer) else {
        return Answer::default();
    };
    let protocol = if String::from_utf8_lossy(answer).contains("\x1b_Gi=7311;OK") {
        Some(Protocol::Kitty)
    } else {
        attributes.contains(&4).then_some(Protocol::Sixel)
    };
    Answer { protocol, paper: paper(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_terminals_mean_by_them() {
        let table: [(&[u8], Option<Protocol>, Option<Rgb>); 10] = [
            (b"\x1b_Gi=7311;OK\x1b\\\x1b[?62;c", Some(Protocol::Kitty), None),
            (b"\x1b[?62;4;22c", Some(Protocol::Sixel), None),
            (b"\x1b[?62;22c", None, None),
            (b"\x1b_Gi=7311;ENOTSUPPORTED\x1b\\\x1b[?1;2c", None, None),
            (b"\x1b_Gi=7311;OK\x1b\\", None, None),
            (b"", None, None),
            (b"\x1b]11;rgb:ffff/8080/0000\x1b\\\x1b[?62;4c", Some(Protocol::Sixel), Some((255, 128, 0))),
            (b"\x1b]11;rgb:f/0/8\x07\x1b[?62c", None, Some((255, 0, 136))),
            (b"\x1b]11;rgba:1e/1e/2e/ff\x07\x1b[?62c", None, Some((30, 30, 46))),
            (b"\x1b]11;rgb:zz//\x07\x1b[?62c", None, None),
        ];
        for (answer, protocol, paper) in table {
            let wanted = Answer { protocol, paper };
            assert_eq!(understood(answer), wanted, "{}", String::from_utf8_lossy(answer).escape_debug());
        }
    }
}
