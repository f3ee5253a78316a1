//! What keys make happen.

/// What a key makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run or pause.
    Toggle,
    /// One step.
    Step,
    /// Fifty steps.
    Leap,
    /// One step back.
    StepBack,
    /// Fifty steps back.
    LeapBack,
    /// The start.
    First,
    /// The newest step.
    Newest,
    /// A branch from here.
    Branch,
    /// The list of branches.
    Branches,
    /// Take a change of a knob back.
    Undo,
    /// Bring it back again.
    Redo,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// Act in the focused pane.
    Arrow(Way),
    /// Ten times as far.
    Far(Way),
    /// Open or confirm.
    Enter,
    /// The next pane.
    NextPane,
    /// The pane before.
    LastPane,
    /// The pane of this number.
    Focus(u8),
    /// The focused pane alone, or all.
    Expand,
    /// The view as it was.
    ResetView,
    /// Nearer.
    ZoomIn,
    /// Farther.
    ZoomOut,
    /// The next projection.
    NextProjection,
    /// The projection before.
    LastProjection,
    /// The grand tour, on or still.
    Tour,
    /// Whether the sphere turns by itself.
    Spin,
    /// The class plane through other means.
    Plane,
    /// The ways that points have come.
    Trails,
    /// The next kind of force arrows, or none.
    Forces,
    /// The picked point in numbers.
    Inspect,
    /// The force laws of other objectives, or none.
    Laws,
    /// The pull, or the target's logit.
    LawAxis,
    /// The proved arrangement over the points, or not.
    Target,
    /// Cosines, or how far they are from the proved arrangement.
    Difference,
    /// The curve's axis.
    LogAxis,
    /// Pick the next point.
    NextPoint,
    /// Pick the point before.
    LastPoint,
    /// Pick the next class.
    NextClass,
    /// Pick the class before.
    LastClass,
    /// Pick the next pair of classes.
    NextPair,
    /// Pick the pair before.
    LastPair,
    /// Find a point or class by name or number.
    Find,
    /// The same start again.
    Restart,
    /// Another start.
    NewSeed,
    /// Choose an objective.
    Objective,
    /// Write pictures and the state.
    Export,
    /// Copy the share string.
    Share,
    /// Free or take the mouse.
    Mouse,
    /// The list of warnings.
    Warnings,
    /// Everything that can be done, to be searched.
    Palette,
    /// The keys.
    Help,
    /// One layer up.
    Back,
    /// The list of lessons.
    Lessons,
    /// The list of presets.
    Presets,
    /// The next page of a lesson.
    NextPage,
    /// The page before.
    PageBack,
    /// The next page, whatever the check says.
    SkipPage,
    /// The hint of the page.
    Hint,
    /// Everything may be changed on this page.
    Unlock,
    /// Out of the lesson.
    LeaveLesson,
    /// Ten entries or lines up.
    PageUp,
    /// Ten entries or lines down.
    PageDown,
    /// The last character typed, or the chosen branch, away.
    Erase,
    /// This run once more beside itself.
    Compare,
    /// The run beside it has the focus.
    NextRun,
    /// The run before has the focus.
    LastRun,
    /// The main run has the focus.
    FirstRun,
    /// The run beside the main one has the focus.
    SecondRun,
    /// One camera and the same axes for all runs, or one each.
    LockViews,
    /// Lines from where one run has a point to where the other has it.
    Apart,
    /// The same runs from more seeds.
    Seeds,
    /// Let this run go.
    DropRun,
    /// One layer up, and out of the comparison.
    LeaveComparison,
    /// Record the session, or end the recording.
    Record,
    /// A mark in the recording.
    Mark,
    /// Leave.
    Quit,
    /// Leave the last frame on the terminal.
    QuitKeeping,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}
