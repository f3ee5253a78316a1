//! The generated lines that take eight scores at a time through an objective's functions.

use std::fmt::Write as _;

use super::tile::TileKind;

/// Scores taken at a time.
const WIDTH: usize = 8;

/// Puts `lines` in the place of the mark.
pub(super) fn fill(text: &str, mark: &str, lines: &str) -> String {
    text.replace(&format!("//#{mark}"), lines)
}

/// `names` joined by a function or an operator in a tree, which is shorter and more accurate than
/// a chain.
fn tree(names: &[String], join: &dyn Fn(&str, &str) -> String) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        _ => {
            let (left, right) = names.split_at(names.len() / 2);
            join(&tree(left, join), &tree(right, join))
        }
    }
}

/// The i-th of eight scores that stand in the quads `s` and `t`.
fn score(i: usize) -> String {
    format!("{}[{}]", if i < 4 { "s" } else { "t" }, i % 4)
}

/// `line` for the `k`-th eight scores of every row `r` that an invocation has, which is `it` there: in loops, or
/// written out, so that every place is a number and the scores stay in registers.
fn each(tile: TileKind, line: &str) -> String {
    let eights = format!("for (var k = 0u; k < TILE / {WIDTH}u; k++) {{ {line} }}");
    let of_row = |eights: &str| format!("var it = own[r];\n{eights}\nown[r] = it;");
    if !tile.is_written_out() {
        return format!("for (var r = 0u; r < OWN; r++) {{\n{}\n}}", of_row(&eights));
    }
    let of_eight = |k| format!("{{ const k = {k}u; {line} }}");
    let eights: Vec<String> = (0..tile.candidates() / WIDTH as u32).map(of_eight).collect();
    let body = of_row(&eights.join("\n"));
    (0..tile.own()).map(|r| format!("{{ const r = {r}u;\n{body} }}\n")).collect()
}

/// `statistics.wgsl`.
pub(super) fn statistics(tile: TileKind) -> String {
    let (mut pairs, mut added) = (String::new(), String::new());
    let (mut bounds, mut terms) = (Vec::new(), Vec::new());
    for i in 0..WIDTH {
        let _ = writeln!(
            pairs,
            "let p{i} = pair_of({}, c + {i}u, first, count, anchor, own); let x{i} = bounded(p{i});",
            score(i)
        );
        let _ = writeln!(added, "let t{i} = added(p{i}, x{i}, before);");
        bounds.push(format!("x{i}"));
        terms.push(format!("t{i}"));
    }
    let top = tree(&bounds, &|a, b| format!("max({a}, {b})"));
    let sum = tree(&terms, &|a, b| format!("({a} + {b})"));
    let text = include_str!("../../../shaders/statistics.wgsl");
    let text = fill(text, "pairs", &pairs);
    let text = fill(&text, "maximum", &format!("before.max = max(before.max, {top});"));
    let text = fill(&text, "sum", &format!("{added}let sum = {sum};"));
    let line = "it.stats = fold(it, lane, r, k, first, count, row_of(group.x, lane, r));";
    fill(&text, "each", &each(tile, line))
}

/// `gradient.wgsl`.
pub(super) fn gradient(tile: TileKind) -> String {
    let pulls: Vec<String> = (0..WIDTH)
        .map(|i| format!("pull({}, c + {i}u, first, count, owner, own, batch)", score(i)))
        .collect();
    let (low, high) = pulls.split_at(4);
    let lines = format!("let g = vec4<f32>({});\nlet h = vec4<f32>({});", low.join(",\n"), high.join(",\n"));
    let text = fill(include_str!("../../../shaders/gradient.wgsl"), "couple", &lines);
    let line = "it.column += couple(it, lane, r, k, first, count, row_of(group.x, lane, r), batch);";
    fill(&text, "each", &each(tile, line))
}
