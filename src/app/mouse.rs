//! The mouse: everything that keys do can be clicked. Where things lie stands in [`super::places`].

use crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};

use super::find::Finder;
use super::keys::{Action, together};
use super::layout::Pane;
use super::settings::Setting;
use super::{App, Area, Command, Export, Marked, Message, Overlay, places};

/// What a drag moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drag {
    /// The view, last from this cell; and what was picked before the button went down, which the first drag brings back:
    /// who turns the view did not mean the point under the cursor.
    View(u16, u16, Option<(Option<u32>, Option<Marked>, Pane)>),
    /// The slider of a row of the params pane.
    Slider(usize),
    /// The line of time.
    Time,
}

impl App {
    pub(super) fn mouse_event(&mut self, mouse: MouseEvent) -> Vec<Command> {
        let (x, y) = (mouse.column, mouse.row);
        let Some(layout) = self.layout() else { return Vec::new() };
        if self.overlay.is_some() {
            return self.mouse_on_overlay(mouse.kind, x, y);
        }
        let layout =
            if self.points_at_run(mouse.kind, x, y) { self.layout().unwrap_or(layout) } else { layout };
        let over = layout.at(x, y);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) if layout.footer.contains(x, y) => self.click_footer(x),
            MouseEventKind::Down(MouseButton::Left) if layout.time.contains(x, y) => {
                self.focus_on(Pane::Time);
                self.dragged_from = Some(Drag::Time);
                self.scrub_to(x)
            }
            MouseEventKind::Down(MouseButton::Left) => match over {
                Some(pane) => self.click(pane, x, y),
                None => Vec::new(),
            },
            MouseEventKind::Down(MouseButton::Right) => {
                self.inspect(&layout, x, y);
                Vec::new()
            }
            MouseEventKind::Drag(MouseButton::Left) => self.drag(x, y),
            MouseEventKind::Up(_) => {
                self.dragged_from = None;
                Vec::new()
            }
            MouseEventKind::ScrollUp => self.wheel(over, x, y, 1),
            MouseEventKind::ScrollDown => self.wheel(over, x, y, -1),
            _ => Vec::new(),
        }
    }

    fn mouse_on_overlay(&mut self, kind: MouseEventKind, x: u16, y: u16) -> Vec<Command> {
        let entry = places::list_entry(self, x, y);
        if let Some(Overlay::Export(_)) = self.overlay {
            return self.mouse_on_exports(kind, x, y);
        }
        let branches = self.snapshot.time.branches.len();
        let Some(overlay) = &mut self.overlay else { return Vec::new() };
        let outer = places::panel(self.size, places::widest(overlay));
        match kind {
            MouseEventKind::Down(_) if !outer.contains(x, y) => self.overlay = None,
            MouseEventKind::Down(MouseButton::Left) => {
                if let (Some(search), Some(at)) = (overlay.search(), entry) {
                    let before = std::mem::replace(&mut search.at, at);
                    self.clamp_search();
                    let Some(search) = self.overlay.as_mut().and_then(Overlay::search) else {
                        return Vec::new();
                    };
                    // A click below the list chooses nothing.
                    if search.at == at {
                        return self.choose();
                    }
                    search.at = before;
                }
            }
            MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
                let up = kind == MouseEventKind::ScrollUp;
                let line = match overlay {
                    Overlay::Help(line)
                    | Overlay::Warnings(line)
                    | Overlay::Branches(line)
                    | Overlay::Inspector(line)
                    | Overlay::Export(line) => line,
                    Overlay::Picker(search)
                    | Overlay::Palette(search)
                    | Overlay::Lessons(search)
                    | Overlay::Presets(search)
                    | Overlay::Find(Finder { search, .. }) => &mut search.at,
                };
                *line = if up { line.saturating_sub(1) } else { line.saturating_add(1).min(500) };
                if let Overlay::Branches(at) = overlay {
                    *at = (*at).min(branches.saturating_sub(1));
                }
                self.clamp_search();
            }
            _ => {}
        }
        Vec::new()
    }

    fn mouse_on_exports(&mut self, kind: MouseEventKind, x: u16, y: u16) -> Vec<Command> {
        let outer = places::exports(self.size);
        let inner = places::inside(outer);
        match kind {
            MouseEventKind::Down(_) if !outer.contains(x, y) => self.overlay = None,
            MouseEventKind::Down(MouseButton::Left) if inner.contains(x, y) => {
                if let Some(export) = Export::offered(self.compares()).get(usize::from(y - inner.y)) {
                    return self.export(*export);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// A click on a key of a footer entry does what that key does, on its words what its first key does.
    fn click_footer(&mut self, x: u16) -> Vec<Command> {
        let cells = places::footer(self, self.size.0);
        let Some((from, _, entry)) = cells.into_iter().find(|(from, to, _)| (*from..*to).contains(&x)) else {
            return Vec::new();
        };
        if self.entry.is_some() {
            let code = match entry.actions.first() {
                Some(Action::Enter) => KeyCode::Enter,
                Some(Action::Erase) => KeyCode::Backspace,
                _ => KeyCode::Esc,
            };
            return self.update(Message::Key(KeyEvent::from(code)));
        }
        let mut to = usize::from(from) + 1;
        for (action, key) in entry.actions.iter().zip(together(&self.keymap, entry.actions)) {
            to += key.chars().count();
            if usize::from(x) < to {
                return self.act(*action);
            }
        }
        entry.actions.first().map_or_else(Vec::new, |action| self.act(*action))
    }

    fn click(&mut self, pane: Pane, x: u16, y: u16) -> Vec<Command> {
        let was_here = self.focus == pane;
        self.focus_on(pane);
        match pane {
            Pane::View if self.class_of_legend(x, y).is_some() => {
                if let Some(class) = self.class_of_legend(x, y) {
                    self.mark(Marked::Class(class));
                }
                Vec::new()
            }
            Pane::Gram => {
                if let Some(marked) = self.cell_under(x, y) {
                    self.mark(marked);
                }
                Vec::new()
            }
            Pane::View => {
                self.dragged_from = Some(Drag::View(x, y, Some((self.picked, self.marked, self.second))));
                let hit = self.sight().and_then(|s| s.nearest(&self.subject().picture, x, y));
                if let Some(row) = hit {
                    self.pick_row(row);
                }
                Vec::new()
            }
            Pane::Params => self.click_row(x, y, was_here),
            _ => Vec::new(),
        }
    }

    /// The class whose entry in the legend lies under a cell.
    fn class_of_legend(&self, x: u16, y: u16) -> Option<u32> {
        let inner = places::inside(self.layout()?.area(Pane::View)?);
        let on_it = inner.contains(x, y) && y + 1 == inner.y + inner.height;
        let entries = places::legend(self, inner);
        let under = |(from, to, _): &&(u16, u16, _)| on_it && (*from..*to).contains(&(x - inner.x));
        entries.iter().find(under).and_then(|entry| entry.2).map(|class| class as u32)
    }

    /// What the cell of the cosines under a place stands for.
    fn cell_under(&self, x: u16, y: u16) -> Option<Marked> {
        let inner = places::inside(self.layout()?.area(Pane::Gram)?);
        let gram = self.snapshot.geometry.gram.as_ref().filter(|_| inner.contains(x, y))?;
        let (row, column) = places::gram(inner, gram.labels.len()).under(x - inner.x, y - inner.y)?;
        Some(Marked::of(gram.labels[row], gram.labels[column]))
    }

    fn params_inside(&self) -> Area {
        let area = self.layout().and_then(|layout| layout.area(Pane::Params));
        area.map(places::inside).unwrap_or_default()
    }

    /// Chooses a row; on its slider takes hold of that; on the row already chosen opens it.
    fn click_row(&mut self, x: u16, y: u16, was_here: bool) -> Vec<Command> {
        let rows = self.rows();
        let shown = places::params(self.params_inside(), rows.len(), self.row);
        let Some((k, room)) = shown.into_iter().find(|(_, room)| room.contains(x, y)) else {
            return Vec::new();
        };
        let again = self.row == k && was_here;
        self.row = k;
        if places::slider(room, &rows[k]).is_some_and(|slider| slider.contains(x, y)) {
            self.dragged_from = Some(Drag::Slider(k));
            return self.slide(k, x);
        }
        if again || rows[k].setting == Setting::Objective { self.act(Action::Enter) } else { Vec::new() }
    }

    fn drag(&mut self, x: u16, y: u16) -> Vec<Command> {
        match self.dragged_from {
            Some(Drag::View(from_x, from_y, before)) => {
                self.dragged_from = Some(Drag::View(x, y, None));
                if let Some(before) = before {
                    (self.picked, self.marked, self.second) = before;
                }
                let (right, down) = (f32::from(x) - f32::from(from_x), f32::from(y) - f32::from(from_y));
                self.camera.turn_by(right * 0.04, down * 0.08);
                Vec::new()
            }
            Some(Drag::Slider(row)) => self.slide(row, x),
            Some(Drag::Time) => self.scrub_to(x),
            None => Vec::new(),
        }
    }

    /// Sets a row to the place of its slider under a column.
    fn slide(&mut self, k: usize, x: u16) -> Vec<Command> {
        let rows = self.rows();
        let shown = places::params(self.params_inside(), rows.len(), self.row);
        let place = shown.into_iter().find(|(shown, _)| *shown == k).map(|(_, room)| room);
        let Some((row, slider)) = rows.get(k).and_then(|row| Some((row, places::slider(place?, row)?)))
        else {
            return Vec::new();
        };
        let cells = f64::from(slider.width.max(2) - 1);
        let share = (f64::from(x) - f64::from(slider.x)) / cells;
        self.turn(row, row.at_share(share))
    }

    fn wheel(&mut self, over: Option<Pane>, x: u16, y: u16, way: i32) -> Vec<Command> {
        match over {
            Some(Pane::View) => {
                if let Some(sight) = self.sight() {
                    let factor = if way > 0 { 1.1 } else { 1.0 / 1.1 };
                    sight.zoom_at(&mut self.camera, factor, x, y);
                }
            }
            Some(Pane::Params) => {
                self.focus_on(Pane::Params);
                let last = self.rows().len().saturating_sub(1);
                self.row = self.row.saturating_add_signed(-way as isize).min(last);
            }
            _ => {}
        }
        Vec::new()
    }
}
