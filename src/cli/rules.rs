//! `nixtune rules`: what can be reported.

use super::args::{RulesArgs, TableFormat};
use super::output::Output;
use crate::{report, rules};

pub(super) fn run(args: &RulesArgs, output: &mut Output) -> u8 {
    match args.format {
        TableFormat::Human => {
            let text = report::rules_table(rules::ALL, output.style);
            output.print(&text);
        }
        TableFormat::Markdown => output.raw(&report::rules_markdown(rules::ALL)),
        TableFormat::Json => output.raw(&report::rules_json(rules::ALL)),
    }
    0
}
