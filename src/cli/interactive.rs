//! `nixtune apply --interactive`: one fix after the other is shown, and a person decides.

use std::io::{self, BufRead};

use super::output::Output;
use crate::catalog::Catalog;
use crate::engine::{self, EngineError, Plan, Request, Wanted};
use crate::fix::Answer;
use crate::report;
use crate::system::System;

/// How the asking ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Asked {
    /// Somebody had enough.
    pub has_quit: bool,
    /// The input ended in the middle.
    pub input_ended: bool,
}

const HELP: &str = "  y  make this fix
  n  leave it
  a  make it and everything that is left
  s  leave it and every other fix of its rule
  q  leave it and everything that is left; what was accepted stays accepted
  ?  show this
";

/// Plans while a person answers. Nothing is written.
pub(super) fn plan(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
    output: &mut Output,
) -> Result<(Plan, Asked), EngineError> {
    let mut asked = Asked::default();
    let plan = engine::plan_by_asking(system, catalog, request, wanted, &mut |offer| {
        output.measure();
        output.print(&report::offer(offer, output.style));
        loop {
            let Some(answer) = ask("make this fix? [y,n,a,s,q,?] ", output) else {
                asked.input_ended = true;
                return Answer::Quit;
            };
            match answer.as_str() {
                "y" | "yes" => return Answer::Yes,
                "n" | "no" => return Answer::No,
                "a" | "all" => return Answer::All,
                "s" | "skip" => return Answer::SkipRule,
                "q" | "quit" => {
                    asked.has_quit = true;
                    return Answer::Quit;
                }
                _ => output.print(HELP),
            }
        }
    })?;
    Ok((plan, asked))
}

/// A question that is answered with yes or no; `None` when the input ends. `yes` says what yes does.
pub(super) fn confirm(question: &str, yes: &str, output: &mut Output) -> Option<bool> {
    loop {
        match ask(question, output)?.as_str() {
            "y" | "yes" => return Some(true),
            "n" | "no" | "q" | "quit" => return Some(false),
            _ => output.print(&format!("  y  {yes}\n  n  leave everything as it is\n")),
        }
    }
}

/// An answer in small letters; `None` when there is no more, or nobody sees the question.
fn ask(question: &str, output: &mut Output) -> Option<String> {
    line(question, output).map(|answer| answer.to_lowercase())
}

/// One line of input without blanks around it; `None` when there is no more, or nobody sees the
/// question.
pub(super) fn line(question: &str, output: &mut Output) -> Option<String> {
    output.print(question);
    if output.is_closed() {
        return None;
    }
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => {
            output.print("\n");
            None
        }
        // A line that is no text is no answer.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Some(String::new()),
        Err(_) => None,
        Ok(_) => Some(line.trim().to_owned()),
    }
}
