//! What a plan did or would do, in a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use owo_colors::Style as Paint;

use super::summary::{count, note_line};
use super::{Style, escape, redact, wrap};
use crate::engine::{DroppedFix, Plan};
use crate::fix::WhyLeft;
use crate::policy::SYNTAX_ERROR;
use crate::text::Position;

/// Where people report mistakes of nixtune.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// What became of a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanEnd {
    /// It is shown.
    Shown,
    /// Somebody accepted its fixes one by one.
    Accepted,
    /// It is written.
    Written,
}

/// The fixes of a plan, a line each, and how many are left.
pub fn plan_summary(plan: &Plan, end: PlanEnd, style: Style) -> String {
    let (label, verb) = match end {
        PlanEnd::Shown => ("would fix", "would make"),
        PlanEnd::Accepted => ("accepted", "accepted"),
        PlanEnd::Written => ("fixed", "made"),
    };
    let mut out = String::new();
    for fix in &plan.made {
        let mark = style.paint(label, Paint::new().green());
        let what = line(&fix.file, fix.position, &fix.title, fix.rule);
        out.push_str(&wrap::behind(label, &mark, &what, style));
    }
    let mut last = if plan.made.is_empty() {
        "nothing to change".to_owned()
    } else {
        format!(
            "{verb} {} in {}",
            fixes(plan.made.len()),
            count(plan.files.len(), "file")
        )
    };
    let more = plan.unsafe_left();
    if more > 0 {
        let _ = write!(last, "; {more} more with `--unsafe`");
    }
    let protected = plan.protected().count();
    if protected > 0 {
        let _ = write!(last, "; {protected} left in files that are only read");
    }
    if end == PlanEnd::Shown && !plan.made.is_empty() {
        last.push_str("; `--write` makes the changes");
    }
    out.push_str(&style.paint(&last, Paint::new().bold()));
    out.push('\n');
    out
}

/// What is left although it was wanted, and why, a line each: files that may not be written, files
/// that cannot be parsed.
pub fn plan_left(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    let mut left = |text: &str| {
        let mark = style.paint("left", Paint::new().yellow());
        out.push_str(&wrap::behind("left", &mark, text, style));
    };
    let mut protected: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (fix, file, why) in plan.protected() {
        protected
            .entry((file, why.to_string()))
            .or_default()
            .push(fix.rule);
    }
    for ((file, why), rules) in protected {
        let names: BTreeSet<&str> = rules.iter().copied().collect();
        left(&format!(
            "{}: {}; {} left ({})",
            escape::line(file),
            escape::line(&redact::mask(&why)),
            if rules.len() == 1 {
                "1 fix is".to_owned()
            } else {
                format!("{} fixes are", rules.len())
            },
            names.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    for fix in &plan.left {
        let reason = match &fix.why {
            WhyLeft::Unfinished => "too many fixes in one run; run again".to_owned(),
            WhyLeft::Dependent(_) => {
                "it is only right together with fixes that are not made".to_owned()
            }
            WhyLeft::Failed(failure) if !failure.is_mistake() => failure.to_string(),
            // Counted, told above, told elsewhere, or shown by `lint`.
            WhyLeft::NotAllowed(_)
            | WhyLeft::Refused(_)
            | WhyLeft::Failed(_)
            | WhyLeft::Declined => continue,
        };
        let what = line(&fix.file, fix.position, &fix.title, fix.rule);
        left(&format!("{what}: {}", escape::line(&redact::mask(&reason))));
    }
    for broken in broken_files(plan) {
        left(&format!("{}: has syntax errors", escape::line(&broken)));
    }
    out
}

/// Fixes that failed their proof, and where to report them. Empty when there are none.
pub fn dropped(fixes: &[DroppedFix], label: &str, style: Style) -> String {
    let label = format!("{label}:");
    let paint = match label.as_str() {
        "note:" => Paint::new().cyan().bold(),
        _ => Paint::new().red().bold(),
    };
    let mut out = String::new();
    for fix in fixes {
        let text = format!(
            "{}:{}: the fix of {} was dropped, because it failed the {} check: {}",
            escape::line(&fix.file),
            fix.position.line,
            fix.rule,
            fix.failure.stage,
            escape::line(&redact::mask(&fix.failure.detail)),
        );
        out.push_str(&wrap::behind(
            &label,
            &style.paint(&label, paint),
            &text,
            style,
        ));
    }
    if !fixes.is_empty() {
        out.push_str(&note_line(
            &format!(
                "this is a mistake of nixtune, and nothing of such a fix is made; please report it \
                 with these words and the lines around the place: {ISSUES}"
            ),
            style,
        ));
    }
    out
}

/// `1 fix`, `2 fixes`.
fn fixes(number: usize) -> String {
    format!("{number} {}", if number == 1 { "fix" } else { "fixes" })
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

fn line(file: &str, position: Position, title: &str, rule: &str) -> String {
    format!(
        "{}:{}: {} ({rule})",
        escape::line(file),
        position.line,
        escape::line(&redact::mask(title))
    )
}

/// The last question before accepted fixes are written.
pub fn write_question(plan: &Plan) -> String {
    format!(
        "write {} to {}? [y/n] ",
        fixes(plan.made.len()),
        count(plan.files.len(), "file")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Failure, Stage};

    #[test]
    fn a_failed_proof_is_an_internal_error_that_asks_for_a_report() {
        let fix = DroppedFix {
            rule: "some-rule",
            file: "a.nix".into(),
            position: Position { line: 3, column: 5 },
            failure: Failure {
                stage: Stage::Comments,
                detail: "the comment `x` would be lost".to_owned(),
                refusal: None,
                scene: Box::default(),
            },
        };
        let text = dropped(&[fix], "internal error", Style::PLAIN);
        let flat = text.replace("\n  ", " ");
        assert!(flat.starts_with(
            "internal error: a.nix:3: the fix of some-rule was dropped, because it failed the comments check: the comment `x` would be lost\nnote: this is a mistake of nixtune"
        ), "{text}");
        assert!(flat.contains("https://github.com/nixtune/nixtune/issues"));
        assert_eq!(dropped(&[], "internal error", Style::PLAIN), "");
    }
}
