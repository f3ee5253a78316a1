//! The title of the view: which projection it is and what that hides, always; the rest as far as there is room.

use crate::app::App;
use crate::describe::selection::{percent, projection_name};

/// The projection and what it leaves out; then, as far as there is room, what was looked at, how many points are shown
/// and what each axis holds.
pub(super) fn title(app: &App, width: usize) -> String {
    let picture = &app.snapshot.picture;
    if picture.projection.is_empty() {
        return String::new();
    }
    let (shown, total) = (picture.rows.len(), app.snapshot.points.rows);
    let mut title = head(app, width);
    let count = if shown < total { format!("showing {shown} of {total}") } else { format!("all {total}") };
    let shares: Vec<String> = picture.shares.iter().map(|share| format!("{:.0}", 100.0 * share)).collect();
    let shares = format!("axes {}%", shares.join("/"));
    let away = super::away(app);
    let trails = app.trails.then(|| match picture.trails.steps.first() {
        Some(first) => format!("trails from step {first}"),
        None => "trails".to_owned(),
    });
    let still = (picture.projection == "tour" && !picture.touring).then(|| "stands still".to_owned());
    let lengths = (picture.map && picture.notice.is_none()).then(|| "lengths not shown".to_owned());
    // Points that are left out are said before anything else.
    let (first, second) = if shown < total { (Some(count), away) } else { (away, Some(count)) };
    let forces = crate::view::arrows::words(app);
    let legend = crate::view::arrows::legend(app).map(str::to_owned);
    let parts = [
        app.sought().map(|name| format!("{name} is being computed")),
        still,
        picture.notice.clone(),
        forces.clone(),
        legend.clone(),
        first,
        trails,
        lengths,
        second,
        Some(shares),
    ];
    for part in parts.into_iter().flatten() {
        // How arrows are read stands beside which they are.
        let is_lost = Some(&part) == legend.as_ref() && !forces.as_ref().is_some_and(|it| title.contains(it));
        if !is_lost && title.chars().count() + 2 + part.chars().count() <= width {
            title = format!("{title}  {part}");
        }
    }
    title
}

/// What is hidden, and nothing else; empty where it rounds to nothing.
pub(super) fn least(app: &App) -> String {
    let hidden = 100.0 * app.snapshot.picture.hidden;
    if app.snapshot.picture.projection.is_empty() || hidden < 0.5 {
        return String::new();
    }
    format!("hidden {}", whole(app))
}

/// The share of the variance that is not seen, in whole percents where these say it.
fn whole(app: &App) -> String {
    let hidden = app.snapshot.picture.hidden;
    match 100.0 * hidden {
        p if (0.5..99.5).contains(&p) => format!("{p:.0}%"),
        _ => percent(hidden),
    }
}

/// Name and hidden variance in the longest words that fit: what is hidden stands there whatever else does.
fn head(app: &App, width: usize) -> String {
    let picture = &app.snapshot.picture;
    let name = projection_name(&app.snapshot);
    let exact = percent(picture.hidden);
    let whole = whole(app);
    let short = match (picture.plane, name.split_once(' ')) {
        (Some(_), Some((_, classes))) if app.snapshot.cast.classes <= 52 => {
            format!("plane {}", classes.replace(' ', ""))
        }
        _ => name.replace("class-plane", "plane").replace("coordinates", "coords"),
    };
    let tries = [
        format!("{name}  hidden {exact}"),
        format!("{name}  hidden {whole}"),
        format!("{short}  hidden {exact}"),
        format!("{short}  hidden {whole}"),
        format!("hidden {whole}"),
    ];
    let fits = tries.iter().find(|text| text.chars().count() <= width);
    // A view that hides nothing need not say so where there is no room.
    fits.or(tries.last().filter(|_| !least(app).is_empty())).cloned().unwrap_or_default()
}
