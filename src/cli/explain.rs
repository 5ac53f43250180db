//! `nixtune explain`: the page of a rule, a setting or an option.

use super::FAILED;
use super::args::ExplainArgs;
use super::output::Output;
use crate::catalog::Catalog;
use crate::{report, rules};

pub(super) fn run(args: &ExplainArgs, output: &mut Output) -> u8 {
    let catalog = Catalog::embedded();
    match report::explain(&args.name, &catalog, rules::ALL, output.style) {
        Ok(page) => {
            output.print(&page);
            0
        }
        Err(unknown) => {
            output.complain(&unknown.to_string());
            FAILED
        }
    }
}
