//! `nixtune man`: manual pages, from the same definitions as the arguments.

use std::path::PathBuf;

use clap::{Command, CommandFactory};

use super::FAILED;
use super::args::{Args, ManArgs};
use super::output::Output;
use crate::policy::suggestion;
use crate::system::{FileWrite, System, SystemError};

/// A page is far below this.
const FILE_LIMIT: u64 = 1 << 20;

pub(super) fn run(args: &ManArgs, system: &dyn System, output: &mut Output) -> u8 {
    let mut root = Args::command();
    root.build();
    let pages = pages(&root);
    let Some(folder) = &args.output else {
        let wanted = match &args.command {
            None => "nixtune.1".to_owned(),
            Some(command) => format!("nixtune-{command}.1"),
        };
        return match pages.iter().find(|(name, _)| *name == wanted) {
            Some((_, page)) => {
                output.raw(&String::from_utf8_lossy(page));
                0
            }
            None => {
                let names = root.get_subcommands().map(Command::get_name);
                let names: Vec<&str> = names.filter(|name| *name != "help").collect();
                let command = args.command.as_deref().unwrap_or_default();
                let hint = suggestion(command, names);
                output.complain(&format!("no command is called `{command}`; {hint}"));
                FAILED
            }
        };
    };
    match write(folder, pages, system) {
        Ok(count) => {
            output.note_aside(&format!("wrote {count} pages to {}\n", folder.display()));
            0
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// All pages of a folder, or none.
fn write(
    folder: &std::path::Path,
    pages: Vec<(String, Vec<u8>)>,
    system: &dyn System,
) -> Result<usize, SystemError> {
    system.create_folder(folder)?;
    let mut writes = Vec::with_capacity(pages.len());
    for (name, page) in pages {
        let path: PathBuf = folder.join(name);
        let expected = match system.read(&path, FILE_LIMIT) {
            Ok(bytes) => Some(bytes),
            Err(SystemError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        writes.push(FileWrite {
            path,
            expected,
            new: page,
            executable: false,
        });
    }
    system.write_all(&writes)?;
    Ok(writes.len())
}

/// The page of each command, by file name.
fn pages(root: &Command) -> Vec<(String, Vec<u8>)> {
    let mut pages = Vec::new();
    add(root, root.get_name(), &mut pages);
    pages
}

fn add(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    if command.get_name() == "help" {
        return;
    }
    let man = clap_mangen::Man::new(command.clone()).title(name.to_uppercase());
    let mut page = Vec::new();
    // Writing to memory never fails.
    let _ = man.render(&mut page);
    pages.push((format!("{name}.1"), page));
    for below in command.get_subcommands() {
        add(below, &format!("{name}-{}", below.get_name()), pages);
    }
}
