//! Puts generated files where they belong: never over a file unless that is asked for, and all of
//! them or none.

use std::path::{Path, PathBuf};

use super::FAILED;
use super::args::PlaceArgs;
use super::output::Output;
use crate::generate::{Generated, GeneratedFile};
use crate::report::{self, DiffUse, FileDiff};
use crate::system::{FileWrite, System, SystemError};

/// What is generated is far below this.
const FILE_LIMIT: u64 = 16 << 20;

/// Shows `table`, the values with their reasons, then prints the files, shows how they differ from
/// what is there, or writes them; the steps that are left to the user come last.
pub(super) fn put(
    args: &PlaceArgs,
    table: &str,
    made: &Generated,
    system: &dyn System,
    output: &mut Output,
) -> u8 {
    let placed: Vec<(PathBuf, &GeneratedFile)> = made
        .files
        .iter()
        .filter_map(|file| Some((path_of(args, made, file)?, file)))
        .collect();
    let is_shown = args.output.as_deref() == Some(Path::new("-"));
    if is_shown || placed.len() < made.files.len() {
        output.note_aside(table);
        show(made, output);
    } else {
        output.print_aside(table);
        let done = if args.diff {
            difference(&placed, system, output)
        } else {
            write(args, &placed, system, output)
        };
        if let Err(message) = done {
            output.complain(&message);
            return FAILED;
        }
    }
    // Nothing was made that could be followed by anything.
    if !args.diff {
        for step in &made.next {
            output.note_aside(&format!("{step}\n"));
        }
    }
    0
}

/// Where a file goes: `--output` names it, or the folder for several.
fn path_of(args: &PlaceArgs, made: &Generated, file: &GeneratedFile) -> Option<PathBuf> {
    match (&args.output, &file.path) {
        (Some(output), _) if made.files.len() == 1 => Some(output.clone()),
        (Some(output), Some(path)) => Some(output.join(path)),
        (_, path) => path.clone(),
    }
}

/// Prints the files as they are; several each under its name.
fn show(made: &Generated, output: &mut Output) {
    let are_several = made.files.len() > 1;
    for (index, file) in made.files.iter().enumerate() {
        if are_several {
            let blank = if index == 0 { "" } else { "\n" };
            let name = file.path.as_deref().unwrap_or(Path::new("-"));
            output.raw(&format!("{blank}==> {} <==\n", name.display()));
        }
        output.raw(&file.text);
    }
}

fn difference(
    placed: &[(PathBuf, &GeneratedFile)],
    system: &dyn System,
    output: &mut Output,
) -> Result<(), String> {
    for (path, file) in placed {
        let before = match system.read(path, FILE_LIMIT) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(SystemError::Missing { .. }) => String::new(),
            Err(error) => return Err(error.to_string()),
        };
        let diff = report::unified(
            &FileDiff {
                name: &path.to_string_lossy(),
                before: &before,
                after: &file.text,
            },
            output.style,
            DiffUse::Reading,
        );
        output.print(&diff.text);
    }
    Ok(())
}

fn write(
    args: &PlaceArgs,
    placed: &[(PathBuf, &GeneratedFile)],
    system: &dyn System,
    output: &Output,
) -> Result<(), String> {
    let mut writes = Vec::new();
    for (path, file) in placed {
        let there = match system.read(path, FILE_LIMIT) {
            Ok(bytes) => Some(bytes),
            Err(SystemError::Missing { .. }) => None,
            Err(error) => return Err(error.to_string()),
        };
        if there.is_some() && !args.force {
            return Err(format!(
                "{} is there already; `--force` replaces it, `--diff` shows the difference",
                path.display()
            ));
        }
        let real = match &there {
            Some(_) => system.canonicalize(path).map_err(|it| it.to_string())?,
            None => path.clone(),
        };
        writes.push(FileWrite {
            path: real,
            expected: there,
            new: file.text.clone().into_bytes(),
            // A file that names its interpreter is a program.
            executable: file.text.starts_with("#!"),
        });
    }
    for (path, file) in placed {
        // A folder that somebody named must be there; those that a file always lies in are made.
        if args.output.is_none() || file.path.as_ref().is_some_and(|it| path.ends_with(it)) {
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            if let Some(folder) = folder {
                system.create_folder(folder).map_err(|it| it.to_string())?;
            }
        }
    }
    let written = system.write_all(&writes).map_err(|it| it.to_string())?;
    for warning in &written.warnings {
        output.remark(&warning.to_string());
    }
    for (path, _) in placed {
        output.note_aside(&format!("wrote {}\n", path.display()));
    }
    Ok(())
}
