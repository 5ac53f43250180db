//! `nixtune lint`: report what is wrong.

use std::path::Path;

use super::args::{LintArgs, LintFormat};
use super::output::Output;
use super::recall::Recall;
use super::{FAILED, recovery, request};
use crate::catalog::Catalog;
use crate::engine::{self, Outcome};
use crate::report::{self, Style};
use crate::system::{System, Traced};

pub(super) fn run(args: &LintArgs, system: &dyn System, output: &mut Output) -> u8 {
    if !args.watch {
        return recalled(args, system, output);
    }
    if request::reads_stdin(&args.source) {
        output.complain(
            "`--watch` waits for files to change; give the file as a path instead of `-`",
        );
        return FAILED;
    }
    // What changes while the first run looks is seen by the second.
    let mut watch = match system.watch(&args.source.paths) {
        Ok(watch) => watch,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    loop {
        if output.is_terminal() {
            output.raw(CLEAR);
            output.measure();
        }
        let code = once(args, system, output);
        output.note_aside("watching; Ctrl-C ends it\n");
        if output.is_closed() || !watch.wait() {
            return code;
        }
    }
}

/// Clears the screen and what was scrolled off it, and begins at its top.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Says again what an earlier run said if it would say the same now.
fn recalled(args: &LintArgs, system: &dyn System, output: &mut Output) -> u8 {
    // `--live` asks what the machine is like now.
    let is_asked_anew = args.no_cache
        || args.write_baseline
        || args.live.live.is_some()
        || request::reads_stdin(&args.source);
    let recall = (!is_asked_anew).then(|| Recall::new(args, system, output));
    let Some(recall) = recall.flatten() else {
        return once(args, system, output);
    };
    recovery::mention(system, output);
    if let Some(code) = recall.say(system, output) {
        output.account_for(
            "nothing that was looked at has changed since an earlier run, which said this; \
             `--no-cache` looks again",
        );
        return code;
    }
    // The place goes by what month it is; a run does not ask.
    let catalog = request::catalog(system);
    let traced = Traced::new(system);
    output.listen();
    let code = anew(args, &catalog, &traced, output);
    if let (Some(said), Some(trace)) = (output.heard(), traced.trace()) {
        recall.keep(trace, said, code, system);
    }
    code
}

fn once(args: &LintArgs, system: &dyn System, output: &mut Output) -> u8 {
    recovery::mention(system, output);
    anew(args, &request::catalog(system), system, output)
}

fn anew(args: &LintArgs, catalog: &Catalog, system: &dyn System, output: &mut Output) -> u8 {
    let mut request = match request::request(&args.source) {
        Ok(request) => request,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    request.select.clone_from(&args.select);
    request.ignore.clone_from(&args.ignore);
    request.preview = args.preview;
    request.live = request::live(&args.live);
    request.baseline.clone_from(&args.baseline);
    request.write_baseline = args.write_baseline;
    request.changed_since.clone_from(&args.changed_since);
    request.fail_on = args.fail_on;
    output.wait(match request.live {
        None => "reads and judges the configuration",
        Some(_) => "looks at this machine and judges the configuration",
    });
    let outcome = engine::lint(system, catalog, &request);
    if let Ok(outcome) = &outcome {
        output.account(outcome);
        output.times(&outcome.times);
    }
    match outcome {
        Ok(outcome) if args.write_baseline => write_baseline(&outcome, system, output),
        Ok(outcome) => {
            let mut code = outcome.exit_code();
            if let Err(message) = show(&outcome, args, system, output) {
                output.complain(&message);
                code = FAILED;
            }
            // The process ends here; freeing a tree's worth of files piece by piece takes longer
            // than the system does.
            if !args.watch {
                std::mem::forget(outcome);
            }
            code
        }
        Err(error) => {
            request::complain(&error, output);
            FAILED
        }
    }
}

/// Writes what is reported to the baseline. What could not be read is a problem all the same: what
/// is wrong there would be reported as new later.
fn write_baseline(outcome: &Outcome, system: &dyn System, output: &mut Output) -> u8 {
    let Some(report) = &outcome.baseline else {
        return FAILED;
    };
    let baseline = engine::baseline_of(system, outcome, report::has_secret);
    if let Err(error) = system.save(&report.path, baseline.render().as_bytes()) {
        output.complain(&error.to_string());
        return FAILED;
    }
    let count = outcome.diagnostics.len();
    let noun = if count == 1 {
        "diagnostic"
    } else {
        "diagnostics"
    };
    output.note_aside(&format!(
        "{count} {noun} written to {}; later runs with this baseline report what is new\n",
        report.name
    ));
    output.note(&report::problems(outcome, output.error_style()));
    if outcome.problems.is_empty() {
        0
    } else {
        FAILED
    }
}

/// Reports on standard output and into files. `Err` when a file cannot be written.
fn show(
    outcome: &Outcome,
    args: &LintArgs,
    system: &dyn System,
    output: &mut Output,
) -> Result<(), String> {
    match args.format {
        None | Some(LintFormat::Human) => {
            human(outcome, args, output);
            if args.format.is_none() {
                in_actions(outcome, system, output)?;
            }
        }
        Some(format) => output.raw(&rendered(outcome, format)),
    }
    for file in &args.output {
        let format = file.format.or_else(|| of_ending(&file.path));
        let format = format.or(args.format).unwrap_or(LintFormat::Human);
        let text = rendered(outcome, format);
        let saved = system.save(&file.path, text.as_bytes());
        saved.map_err(|error| error.to_string())?;
    }
    output.note(&report::problems(outcome, output.error_style()));
    output.note(&report::dropped(
        &outcome.dropped,
        "note",
        output.error_style(),
    ));
    Ok(())
}

fn human(outcome: &Outcome, args: &LintArgs, output: &mut Output) {
    if args.statistics {
        output.print(&report::statistics(outcome));
    } else {
        for text in report::stream(outcome, output.style) {
            if output.is_closed() {
                break;
            }
            output.print(&text);
        }
    }
    let summary = report::summary(outcome, output.style);
    output.print_aside(&summary);
    output.note_aside(&report::notes(outcome, output.error_style()));
}

/// The whole report as text.
fn rendered(outcome: &Outcome, format: LintFormat) -> String {
    match format {
        LintFormat::Human => {
            let mut text: String = report::stream(outcome, Style::PLAIN).collect();
            text.push_str(&report::summary(outcome, Style::PLAIN));
            text
        }
        LintFormat::Concise => report::concise(outcome),
        LintFormat::Json => report::json(outcome),
        LintFormat::Jsonl => report::jsonl(outcome),
        LintFormat::Sarif => report::sarif(outcome),
        LintFormat::Github => report::github(outcome),
        LintFormat::Gitlab => report::gitlab(outcome),
        LintFormat::Rdjson => report::rdjson(outcome),
        LintFormat::Checkstyle => report::checkstyle(outcome),
        LintFormat::Junit => report::junit(outcome),
        LintFormat::Markdown => report::markdown(outcome),
    }
}

fn of_ending(path: &Path) -> Option<LintFormat> {
    Some(match path.extension()?.to_str()? {
        "sarif" => LintFormat::Sarif,
        "json" => LintFormat::Json,
        "jsonl" | "ndjson" => LintFormat::Jsonl,
        "md" => LintFormat::Markdown,
        _ => return None,
    })
}

/// Inside of GitHub Actions diagnostics stand beside the lines of a pull request, and the summary
/// of the job has the table, without being asked for.
fn in_actions(outcome: &Outcome, system: &dyn System, output: &mut Output) -> Result<(), String> {
    if system.env("GITHUB_ACTIONS").as_deref() != Some("true") {
        return Ok(());
    }
    output.raw(&report::github(outcome));
    let Some(summary) = system.env("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    let text = report::markdown(outcome);
    let appended = system.append(Path::new(&summary), text.as_bytes());
    appended.map_err(|error| error.to_string())
}
