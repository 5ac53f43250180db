//! What a reader should know about a run although nothing is wrong.

use std::sync::Arc;

use super::known::Found;
use super::{Note, Request};
use crate::model::UnreadMachine;
use crate::policy::Selection;
use crate::rules::{Live, Rule};

/// Notes about `found` machines, machines that were not read, and a walk that saw `seen` files.
pub(super) fn notes(
    found: &[Found],
    selection: &Selection,
    rules: &[&'static Rule],
    request: &Request,
    (seen, unread): (usize, &[UnreadMachine]),
) -> Vec<Note> {
    let mut notes: Vec<Note> = unread
        .iter()
        .map(|machine| Note {
            machines: Vec::new(),
            rules: Vec::new(),
            message: format!(
                "{} is not read as a whole, only file by file: it {}",
                machine.name, machine.why
            ),
        })
        .collect();
    if seen == 0 {
        let roots: Vec<_> = request
            .roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        notes.push(Note {
            machines: Vec::new(),
            rules: Vec::new(),
            message: format!("no Nix files and no nix.conf in {}", roots.join(", ")),
        });
    }
    if request.live.is_some() && !found.iter().any(|found| found.is_here) {
        notes.push(Note {
            machines: Vec::new(),
            rules: rules
                .iter()
                .filter(|rule| rule.live == Live::Only && selection.is_on(rule.id))
                .map(|rule| rule.id)
                .collect(),
            message:
                "nothing was looked at: which of the machines is the running one is not known; \
                      name it with --live=MACHINE"
                    .to_owned(),
        });
    }
    let hardware: Vec<&'static str> = rules
        .iter()
        .filter(|rule| rule.needs_host && selection.is_on(rule.id))
        .map(|rule| rule.id)
        .collect();
    let mut reasons: Vec<(&str, Vec<Arc<str>>)> = Vec::new();
    for one in found.iter().filter(|found| !found.missing.is_empty()) {
        let name = Arc::clone(&one.report.name);
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == one.missing)
        {
            Some((_, names)) => names.push(name),
            None => reasons.push((&one.missing, vec![name])),
        }
    }
    if hardware.is_empty() {
        return notes;
    }
    for (reason, machines) in reasons {
        notes.push(Note {
            message: format!(
                "hardware rules skipped for {}: {reason}; use --host FILE",
                named(&machines)
            ),
            machines,
            rules: hardware.clone(),
        });
    }
    notes
}

/// A few names in full, many as a number.
fn named(machines: &[Arc<str>]) -> String {
    match machines {
        [first, second, _, _, ..] => {
            format!("{first}, {second} and {} more", machines.len() - 2)
        }
        _ => machines.join(", "),
    }
}
