//! `nixtune generate editor`: tasks, compilers and keys that run nixtune.

use crate::cli::args::{EditorArgs, EditorWord};
use crate::cli::output::Output;
use crate::cli::{FAILED, place};
use crate::generate;
use crate::system::System;

pub(super) fn run(args: &EditorArgs, system: &dyn System, output: &mut Output) -> u8 {
    match generate::editor(args.editor.into(), !args.place.no_explain) {
        Ok(mut made) => {
            if args.editor == EditorWord::Neovim {
                let folder = system.config_home().map(|home| home.join("nvim"));
                for file in &mut made.files {
                    let path = file.path.take();
                    file.path = folder.as_ref().zip(path).map(|(to, path)| to.join(path));
                }
            }
            place::put(&args.place, "", &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}
