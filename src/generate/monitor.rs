//! `nixtune generate monitor`: a script that records metrics of Nix daily, and what starts it.

use std::path::PathBuf;

use serde::Serialize;

use super::aliases::Speech;
use super::template::{TemplateError, render};
use super::{FlakeFolder, Generated, GeneratedFile, Row, Sink, Subject};
use crate::facts::Os;
use crate::syntax::quote;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// A configuration whose evaluation is timed. Its name is that of the configuration where a
    /// module system is, else the path of an attribute that is a derivation.
    pub flake: Option<FlakeFolder>,
    /// The user's home folder, written as `$HOME`.
    pub home: Option<String>,
    /// Write the reasons in comments.
    pub explain: bool,
}

/// The folder of several files.
const FOLDER: &str = "nixtune-monitor";

/// The rows that are shown and the files. `module` is where a module belongs.
///
/// # Errors
/// A template that does not render, which the tests rule out.
pub fn monitor(
    subject: &Subject,
    wanted: &Monitor,
    module: Option<PathBuf>,
) -> Result<(Vec<Row>, Generated), TemplateError> {
    let is_service = subject.sink == Sink::Nixos;
    let place = if is_service {
        "/var/lib/nixtune/metrics.jsonl."
    } else {
        "~/.local/state/nixtune/metrics.jsonl."
    };
    let script = render(
        "monitor/monitor.sh.j2",
        &Script {
            place,
            eval: evaluated(subject, wanted),
        },
    )?;
    let around = Around {
        script: &script,
        eval: wanted.flake.is_some(),
        os: match subject.os() {
            Some(Os::Darwin) => "macos",
            Some(Os::Linux) | None => "linux",
        },
    };
    let made = match (subject.sink, subject.os()) {
        (Sink::NixDarwin | Sink::Determinate, _) => {
            Generated::file(module, render("monitor/darwin.nix.j2", &around)?)
        }
        (Sink::Nixos, _) => Generated::file(module, render("monitor/nixos.nix.j2", &around)?),
        (Sink::HomeManager, _) => {
            Generated::file(module, render("monitor/home-manager.nix.j2", &around)?)
        }
        (Sink::NixConf | Sink::Flake, os) => units(os, &script, &around)?,
    };
    let made = Generated {
        files: made
            .files
            .into_iter()
            .map(|file| GeneratedFile {
                text: match wanted.explain {
                    true => file.text,
                    false => without_reasons(&file.text),
                },
                ..file
            })
            .collect(),
        ..made
    };
    Ok((rows(subject, wanted, place), made))
}

/// What the template of the script knows.
#[derive(Serialize)]
struct Script {
    place: &'static str,
    /// The installable as a word of the shell.
    eval: Option<String>,
}

/// What the templates around the script know.
#[derive(Serialize)]
struct Around<'a> {
    script: &'a str,
    eval: bool,
    os: &'static str,
}

/// The path of the derivation that a rebuild builds, as a word of the shell.
fn evaluated(subject: &Subject, wanted: &Monitor) -> Option<String> {
    let flake = wanted.flake.as_ref()?;
    // A service of the system has another home.
    let home = wanted
        .home
        .as_deref()
        .filter(|_| subject.sink != Sink::Nixos);
    let folder = Speech::Posix.path(&flake.folder, home);
    let (set, found, rest) = match subject.sink {
        Sink::NixDarwin | Sink::Determinate => (
            "darwinConfigurations",
            "$(scutil --get LocalHostName)",
            "system",
        ),
        Sink::Nixos => (
            "nixosConfigurations",
            "$(cat /proc/sys/kernel/hostname)",
            "config.system.build.toplevel",
        ),
        Sink::HomeManager => ("homeConfigurations", "$(id -un)", "activationPackage"),
        Sink::NixConf | Sink::Flake => {
            let attribute = flake.name.as_deref().unwrap_or("default");
            let attribute = format!("#{attribute}.drvPath");
            return Some(format!("{folder}{}", Speech::Posix.quoted(&attribute)));
        }
    };
    Some(match &flake.name {
        Some(name) => {
            let attribute = format!("#{set}.{}.{rest}.drvPath", quote(name));
            format!("{folder}{}", Speech::Posix.quoted(&attribute))
        }
        None => format!("{folder}\"#{set}.\\\"{found}\\\".{rest}.drvPath\""),
    })
}

/// The script with what starts it, where there is no module system.
fn units(os: Option<Os>, script: &str, around: &Around<'_>) -> Result<Generated, TemplateError> {
    let file = |name: &str, text: String| GeneratedFile {
        path: Some(PathBuf::from(FOLDER).join(name)),
        text,
    };
    let mut files = vec![file("nixtune-monitor", format!("#!/bin/sh\n{script}"))];
    let mut next = vec!["copy nixtune-monitor to ~/.local/bin".to_owned()];
    if os == Some(Os::Darwin) {
        files.push(file(
            "org.nixtune.monitor.plist",
            render("monitor/launchd.plist.j2", around)?,
        ));
        next.push(
            "copy org.nixtune.monitor.plist to ~/Library/LaunchAgents, then run \
             `launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/org.nixtune.monitor.plist`"
                .to_owned(),
        );
    } else {
        for (name, template) in [
            ("nixtune-monitor.service", "monitor/systemd.service.j2"),
            ("nixtune-monitor.timer", "monitor/systemd.timer.j2"),
        ] {
            files.push(file(name, render(template, around)?));
        }
        next.push(
            "copy nixtune-monitor.service and nixtune-monitor.timer to ~/.config/systemd/user, then \
             run `systemctl --user enable --now nixtune-monitor.timer`"
                .to_owned(),
        );
    }
    Ok(Generated { files, next })
}

/// The text without its reasons. What the script says about its format stays: it stands before the
/// first empty line of the script, which is the first of its file or follows `text`.
fn without_reasons(text: &str) -> String {
    let mut is_head = true;
    text.split_inclusive('\n')
        .filter(|line| {
            let line = line.trim_start();
            is_head &= !line.starts_with("set -u");
            let is_reason = line.starts_with("# ") || line.starts_with("<!-- ");
            is_head || !is_reason || line.starts_with("# shellcheck ")
        })
        .collect()
}

fn rows(subject: &Subject, wanted: &Monitor, place: &str) -> Vec<Row> {
    let row = |name: &str, value: &str, reason: &str| Row {
        name: name.to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
        source: "",
        assumed: false,
    };
    let (when, why) = match subject.sink {
        Sink::Nixos => (
            "daily at 05:30",
            "after the collection and the optimisation of the night",
        ),
        _ => ("daily at 12:30", "when the machine is likely to run"),
    };
    let evaluation = match &wanted.flake {
        Some(flake) => row("evaluation", "timed", &format!("of {}", flake.folder)),
        None => row("evaluation", "not timed", "`--flake` names what to time"),
    };
    vec![
        row("when", when, why),
        row(
            "where",
            place.trim_end_matches('.'),
            "one JSON object a line; the newest 1000 stay",
        ),
        evaluation,
    ]
}
