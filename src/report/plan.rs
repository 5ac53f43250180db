//! What a plan did or would do, in a few lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use owo_colors::Style as Paint;

use super::summary::count;
use super::{Style, escape, redact, wrap};
use crate::engine::Plan;
use crate::fix::WhyLeft;
use crate::policy::SYNTAX_ERROR;
use crate::text::Position;

/// The fixes of a plan, a line each, and how many are left.
pub fn plan_summary(plan: &Plan, written: bool, style: Style) -> String {
    let mut out = String::new();
    for fix in &plan.made {
        let label = if written { "fixed" } else { "would fix" };
        let mark = style.paint(label, Paint::new().green());
        let what = line(&fix.file, Some(fix.position), &fix.title, fix.rule);
        out.push_str(&wrap::behind(label, &mark, &what, style));
    }
    for fix in &plan.left {
        let reason = match &fix.why {
            // Counted in the last line, or shown by `lint`.
            WhyLeft::NotAllowed(_) | WhyLeft::Refused(_) => continue,
            WhyLeft::Failed(failure) => failure.to_string(),
            WhyLeft::Unfinished => "too many fixes in one run; run again".to_owned(),
        };
        let mark = style.paint("left", Paint::new().yellow());
        let what = line(&fix.file, None, &fix.title, fix.rule);
        let text = format!("{what}: {}", escape::line(&redact::mask(&reason)));
        out.push_str(&wrap::behind("left", &mark, &text, style));
    }
    for broken in broken_files(plan) {
        let mark = style.paint("left", Paint::new().yellow());
        let _ = writeln!(out, "{mark} {}: has syntax errors", escape::line(&broken));
    }
    let verb = if written { "made" } else { "would make" };
    let mut last = if plan.made.is_empty() {
        "nothing to change".to_owned()
    } else {
        format!(
            "{verb} {} in {}",
            if plan.made.len() == 1 {
                "1 fix".to_owned()
            } else {
                format!("{} fixes", plan.made.len())
            },
            count(plan.files.len(), "file")
        )
    };
    let more = plan.unsafe_left();
    if more > 0 {
        let _ = write!(last, "; {more} more with `--unsafe`");
    }
    if !written && !plan.made.is_empty() {
        last.push_str("; `--write` makes the changes");
    }
    out.push_str(&style.paint(&last, Paint::new().bold()));
    out.push('\n');
    out
}

/// Files that cannot be parsed; nothing in them is changed.
fn broken_files(plan: &Plan) -> BTreeSet<Arc<str>> {
    plan.before
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.rule == SYNTAX_ERROR)
        .filter_map(|diagnostic| plan.before.workspace.file(diagnostic.place.file))
        .map(|file| Arc::clone(file.name()))
        .collect()
}

fn line(file: &str, position: Option<Position>, title: &str, rule: &str) -> String {
    let place = position.map_or(String::new(), |position| format!(":{}", position.line));
    format!(
        "{}{place}: {} ({rule})",
        escape::line(file),
        escape::line(&redact::mask(title))
    )
}
