//! `nixtune host`: what this machine is.

use std::path::Path;

use super::FAILED;
use super::args::{HostArgs, HostFormat};
use super::output::Output;
use crate::facts::profile;
use crate::system::System;
use crate::{probe, report};

pub(super) fn run(args: &HostArgs, system: &dyn System, output: &mut Output) -> u8 {
    let mut host = probe::host(system);
    let target = probe::target(system);
    if let Some(file) = &args.save {
        // The file's name is how reports will call this machine when they are read elsewhere.
        if let Some(name) = file.file_stem().map(Path::new) {
            host.name = name.display().to_string();
        }
        if let Err(error) = system.save(file, profile::render(&host, &target).as_bytes()) {
            output.complain(&error.to_string());
            return FAILED;
        }
        output.note_aside(&format!("saved to {}\n", file.display()));
        return 0;
    }
    match args.format {
        HostFormat::Human => {
            let text = report::host(&host, &target, output.style);
            output.print(&text);
        }
        HostFormat::Json => output.raw(&report::host_json(&host, &target)),
        HostFormat::Toml => output.raw(&profile::render(&host, &target)),
    }
    0
}
