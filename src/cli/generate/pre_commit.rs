//! `nixtune generate pre-commit`: a hook that lints what is about to be committed or pushed.

use std::path::Path;

use crate::cli::args::PreCommitArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::Repository;
use crate::generate::{self, Hook, HookStyle};
use crate::system::System;

pub(super) fn run(args: &PreCommitArgs, system: &dyn System, output: &mut Output) -> u8 {
    let repository = Repository::around(system);
    let hook = Hook {
        style: args.style.into(),
        stage: args.stage.into(),
        has_flake_parts: repository
            .flake(system, &request::catalog(system))
            .is_some_and(|flake| flake.inputs.iter().any(|input| input == "flake-parts")),
        explain: !args.place.no_explain,
    };
    let is_shown = args.place.output.as_deref() == Some(Path::new("-"));
    let path = match hook.style {
        HookStyle::GitHook if args.place.output.is_none() || is_shown => {
            match repository.hook(system, hook.stage) {
                Ok(path) => Some(path),
                // What is only shown needs no place.
                Err(_) if is_shown => None,
                Err(error) => {
                    output.complain(&error.to_string());
                    return FAILED;
                }
            }
        }
        HookStyle::PreCommit => Some(repository.root.join(".pre-commit-config.yaml")),
        HookStyle::Lefthook => Some(repository.root.join("lefthook.yml")),
        HookStyle::GitHook | HookStyle::GitHooksNix => None,
    };
    match generate::pre_commit(&hook) {
        Ok(mut made) => {
            if let Some(file) = made.files.first_mut() {
                file.path = path;
            }
            place::put(&args.place, "", &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}
