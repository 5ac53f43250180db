//! `nixtune init-policy`: a `nixtune.toml` to start with.

use std::path::Path;

use super::FAILED;
use super::args::InitPolicyArgs;
use super::output::Output;
use crate::system::System;
use crate::{policy, rules};

pub(super) fn run(args: &InitPolicyArgs, system: &dyn System, output: &mut Output) -> u8 {
    if args.schema {
        output.raw(&policy::schema(rules::ALL));
        return 0;
    }
    let text = policy::initial(rules::ALL);
    let file = &args.output;
    if file == Path::new("-") {
        output.raw(&text);
        return 0;
    }
    if !args.force && system.metadata(file).is_ok() {
        output.complain(&format!(
            "{} is there already; `--force` replaces it, `--output -` shows what would be written",
            file.display()
        ));
        return FAILED;
    }
    if let Err(error) = system.save(file, text.as_bytes()) {
        output.complain(&error.to_string());
        return FAILED;
    }
    output.note_aside(&format!("wrote {}\n", file.display()));
    0
}
