//! One fix for somebody who decides about it: what is reported, why, and the diff.

use owo_colors::Style as Paint;

use super::diff::{DiffUse, FileDiff, unified};
use super::human::{Notes, confidence, facts, fix_line, headline, machines};
use super::{Style, escape};
use crate::fix::Offer;

/// The offer with an empty line before it.
pub fn offer(offer: &Offer, style: Style) -> String {
    let diagnostic = &offer.diagnostic;
    let mut out = String::from("\n");
    out.push_str(&headline(
        diagnostic.severity,
        diagnostic.rule,
        &diagnostic.message,
        style,
    ));
    let place = format!(
        "{}:{}:{}",
        escape::line(&offer.fix.file),
        offer.fix.position.line,
        offer.fix.position.column
    );
    out.push_str(&format!("  {}\n", style.paint(&place, Paint::new().bold())));
    let mut notes = Notes::new(style);
    notes.add("why", &diagnostic.why);
    notes.add("help", &diagnostic.help);
    notes.add("facts", &facts(&diagnostic.facts));
    notes.add("note", confidence(diagnostic.confidence));
    if diagnostic.machines.len() > 1 {
        notes.add("for", &machines(&diagnostic.machines));
    }
    if let Some(fix) = &diagnostic.fix {
        notes.add("fix", &fix_line(fix, false));
    }
    out.push_str(&notes.text);
    for file in &offer.files {
        let diff = unified(
            &FileDiff {
                name: &file.name,
                before: &file.before,
                after: &file.after,
            },
            style,
            DiffUse::Reading,
        );
        out.push_str(&diff.text);
    }
    out
}
