//! ratatui's way to the terminal: crossterm's drawing into a buffer of bytes, and nothing that asks the terminal.
//! ratatui asks for the cursor's place before it clears; here it is told, since an answer may never come.

use std::{cell::RefCell, io, rc::Rc};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use rustix::{stdio::stdout, termios::tcgetwinsize};

/// The bytes of the frame that is being drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl FrameBytes {
    /// The bytes so far; the next frame starts with none.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl io::Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws into [`FrameBytes`].
#[derive(Debug)]
pub(super) struct FrameBackend {
    drawing: CrosstermBackend<FrameBytes>,
}

impl FrameBackend {
    pub(super) fn new(bytes: FrameBytes) -> Self {
        Self { drawing: CrosstermBackend::new(bytes) }
    }
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.drawing.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.drawing.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.drawing.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.drawing.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.drawing.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.drawing.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.window()?.columns_rows)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.window()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FrameBackend {
    #[expect(clippy::unused_self, reason = "the size is that of the one terminal this backend draws on")]
    fn window(&self) -> io::Result<WindowSize> {
        let size = tcgetwinsize(stdout())?;
        Ok(WindowSize {
            columns_rows: Size::new(size.ws_col, size.ws_row),
            pixels: Size::new(size.ws_xpixel, size.ws_ypixel),
        })
    }
}
