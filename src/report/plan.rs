//! What a plan did or would do, in a few lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use owo_colors::Style as Paint;

use super::summary::count;
use super::{Style, escape, redact};
use crate::engine::{Plan, PlannedFix};
use crate::policy::SYNTAX_ERROR;

/// The fixes of a plan, a line each, and how many are left.
pub fn plan_summary(plan: &Plan, written: bool, style: Style) -> String {
    let mut out = String::new();
    for fix in &plan.made {
        let mark = style.paint(
            if written { "fixed" } else { "would fix" },
            Paint::new().green(),
        );
        let _ = writeln!(out, "{mark} {}", line(fix));
    }
    for fix in &plan.left {
        let mark = style.paint("left", Paint::new().yellow());
        let _ = writeln!(out, "{mark} {}: {}", line(fix), escape::line(&fix.reason));
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
    if plan.unsafe_left > 0 {
        let _ = write!(last, "; {} more with `--unsafe`", plan.unsafe_left);
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

fn line(fix: &PlannedFix) -> String {
    format!(
        "{}:{}: {} ({})",
        escape::line(&fix.file),
        fix.line,
        escape::line(&redact::mask(&fix.title)),
        fix.rule
    )
}
