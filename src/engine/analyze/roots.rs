//! Who keeps what in the store, read without changing anything. `nix-store --gc --print-roots` removes
//! links that lead nowhere, and `--print-dead` keeps builds waiting.

use std::path::{Path, PathBuf};

use crate::analyze::cache::base_name;
use crate::analyze::store::{Generation, Root, RootKind, generation_name};
use crate::system::{FileKind, System, lexical};

/// Where links to the store are.
pub(super) struct Roots {
    /// Who keeps what.
    pub roots: Vec<Root>,
    /// Generations of profiles, each with its link.
    pub generations: Vec<(Generation, String)>,
    /// What could not be looked at, so that more may be alive; in words.
    pub unseen: Vec<String>,
}

/// More of a process's environment or mappings are not read.
const LONGEST_PROCESS_FILE: u64 = 16 << 20;
/// Folders of links deeper than this are somebody's mistake.
const MOST_DEPTH: usize = 32;

struct Finder<'a> {
    system: &'a dyn System,
    store: &'a str,
    found: Roots,
}

/// Finds all roots of the store whose state lies in `state`.
pub(super) fn find(system: &dyn System, store: &str, state: &Path) -> Roots {
    let mut finder = Finder {
        system,
        store,
        found: Roots {
            roots: Vec::new(),
            generations: Vec::new(),
            unseen: Vec::new(),
        },
    };
    finder.below(&state.join("gcroots"), MOST_DEPTH, false);
    finder.below(&state.join("profiles"), MOST_DEPTH, true);
    finder.temporary(&state.join("temproots"));
    finder.processes();
    let mut found = finder.found;
    found.roots.sort();
    found.roots.dedup();
    found.unseen.dedup();
    found
}

impl Finder<'_> {
    fn root(&mut self, name: String, kind: RootKind, target: &str) -> bool {
        let Some(base) = base_name(target, self.store) else {
            return false;
        };
        let path = format!("{}/{base}", self.store.trim_end_matches('/'));
        self.found.roots.push(Root { name, kind, path });
        true
    }

    /// As `findRoots` in Nix: links into the store, links to such links, and files with the name of a
    /// store path.
    fn below(&mut self, folder: &Path, depth: usize, is_profiles: bool) {
        let entries = match self.system.read_dir(folder) {
            Ok(entries) => entries,
            Err(crate::system::SystemError::Missing { .. }) => return,
            Err(error) => return self.found.unseen.push(error.to_string()),
        };
        for entry in entries {
            let name = entry.path.to_string_lossy().into_owned();
            match entry.kind {
                FileKind::Folder if depth > 0 => self.below(&entry.path, depth - 1, is_profiles),
                FileKind::Link => self.link(&entry.path, name, is_profiles),
                FileKind::File => {
                    let base = entry.path.file_name().unwrap_or_default().to_string_lossy();
                    let target = format!("{}/{base}", self.store);
                    self.root(name, RootKind::Other, &target);
                }
                FileKind::Folder | FileKind::Other => {}
            }
        }
    }

    fn link(&mut self, link: &Path, name: String, is_profiles: bool) {
        let Some(target) = self.target(link) else {
            return;
        };
        let kind = if is_profiles {
            RootKind::Profile
        } else {
            RootKind::Other
        };
        if is_profiles {
            self.generation(link, &name);
        }
        if self.root(name, kind, &target.to_string_lossy()) {
            return;
        }
        let leads_on = self
            .system
            .metadata(&target)
            .is_ok_and(|found| found.kind == FileKind::Link);
        if leads_on && let Some(end) = self.target(&target) {
            let name = target.to_string_lossy().into_owned();
            let kind = match kind {
                RootKind::Other => RootKind::Auto,
                other => other,
            };
            self.root(name, kind, &end.to_string_lossy());
        }
    }

    fn target(&self, link: &Path) -> Option<PathBuf> {
        let written = self.system.read_link(link).ok()?;
        Some(lexical(&link.parent()?.join(written)))
    }

    fn generation(&mut self, link: &Path, name: &str) {
        let Some((profile, number)) = generation_name(name) else {
            return;
        };
        let made_secs = self
            .system
            .inode(link)
            .map_or(0, |inode| inode.modified_secs);
        let current = self.target(Path::new(profile)).as_deref() == Some(link);
        let generation = Generation {
            profile: profile.to_owned(),
            number,
            made_secs,
            current,
        };
        self.found.generations.push((generation, name.to_owned()));
    }

    /// What builds and commands that go on have announced: a file for each process, with paths that
    /// end with a zero byte.
    fn temporary(&mut self, folder: &Path) {
        for entry in self.system.read_dir(folder).unwrap_or_default() {
            let process = entry.path.file_name().unwrap_or_default().to_string_lossy();
            let runs = self.system.platform().0 != "linux"
                || self
                    .system
                    .metadata(&Path::new("/proc").join(&*process))
                    .is_ok();
            if !runs {
                continue;
            }
            let name = format!("process {process}, at work");
            match self.system.read(&entry.path, LONGEST_PROCESS_FILE) {
                Ok(bytes) => {
                    for path in bytes.split(|byte| *byte == 0) {
                        let path = String::from_utf8_lossy(path);
                        self.root(name.clone(), RootKind::Temporary, &path);
                    }
                }
                Err(error) => self.found.unseen.push(error.to_string()),
            }
        }
    }

    /// What running processes use: their program, folder, open files, mappings and environment.
    fn processes(&mut self) {
        if self.system.platform().0 != "linux" {
            let words = "running processes are not looked at on this system";
            return self.found.unseen.push(words.to_owned());
        }
        let mut hidden = 0_usize;
        for entry in self.system.read_dir(Path::new("/proc")).unwrap_or_default() {
            let number = entry.path.file_name().unwrap_or_default().to_string_lossy();
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let name = format!("process {number}");
            let mut links = vec![entry.path.join("exe"), entry.path.join("cwd")];
            match self.system.read_dir(&entry.path.join("fd")) {
                Ok(open) => links.extend(open.into_iter().map(|file| file.path)),
                Err(crate::system::SystemError::Missing { .. }) => continue,
                Err(_) => {
                    hidden += 1;
                    continue;
                }
            }
            for link in links {
                if let Ok(target) = self.system.read_link(&link) {
                    self.root(name.clone(), RootKind::Process, &target.to_string_lossy());
                }
            }
            for file in ["maps", "environ"] {
                let file = entry.path.join(file);
                let bytes = self.system.read(&file, LONGEST_PROCESS_FILE);
                for path in self.mentioned(&bytes.unwrap_or_default()) {
                    self.root(name.clone(), RootKind::Process, &path);
                }
            }
        }
        if hidden > 0 {
            self.found.unseen.push(format!(
                "{hidden} processes of other users, which may use more; run as root to see them"
            ));
        }
    }

    /// Store paths in a text.
    fn mentioned(&self, text: &[u8]) -> Vec<String> {
        let prefix = format!("{}/", self.store.trim_end_matches('/'));
        let mut all: Vec<String> = memchr::memmem::find_iter(text, prefix.as_bytes())
            .filter_map(|at| {
                let rest = text.get(at + prefix.len()..)?;
                let end = rest
                    .iter()
                    .position(|byte| !byte.is_ascii_alphanumeric() && !b"+-._?=".contains(byte))
                    .unwrap_or(rest.len());
                let name = std::str::from_utf8(rest.get(..end)?).ok()?;
                Some(format!("{prefix}{name}"))
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    const PATH: &str = "/nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10";

    #[test]
    fn links_of_every_kind_are_roots() {
        let state = "/nix/var/nix";
        let system = Memory::new()
            .folder(PATH)
            .link(format!("{state}/profiles/system-1-link"), PATH)
            .link(format!("{state}/profiles/system"), "system-1-link")
            .link(format!("{state}/gcroots/current"), format!("{PATH}/bin"))
            .link(format!("{state}/gcroots/auto/abc"), "/home/u/result")
            .link("/home/u/result", PATH)
            .link(format!("{state}/gcroots/auto/stale"), "/home/u/gone")
            .link(
                format!("{state}/gcroots/profiles"),
                format!("{state}/profiles"),
            )
            .file(
                format!("{state}/gcroots/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10"),
                "",
            )
            .file(format!("{state}/temproots/7"), format!("{PATH}\0"))
            .file(format!("{state}/temproots/8"), format!("{PATH}\0"))
            .folder("/proc/7/fd")
            .link("/proc/7/exe", format!("{PATH}/bin/hello"))
            .file("/proc/7/environ", format!("A=1\0PATH={PATH}/bin:/bin\0"));
        let found = find(&system, "/nix/store", Path::new(state));
        assert!(found.roots.iter().all(|root| root.path == PATH));
        let names: Vec<(&str, RootKind)> = found
            .roots
            .iter()
            .map(|root| (&*root.name, root.kind))
            .collect();
        assert_eq!(
            names,
            [
                ("/home/u/result", RootKind::Auto),
                ("/nix/var/nix/gcroots/current", RootKind::Other),
                (
                    "/nix/var/nix/gcroots/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10",
                    RootKind::Other
                ),
                ("/nix/var/nix/profiles/system-1-link", RootKind::Profile),
                ("process 7", RootKind::Process),
                ("process 7, at work", RootKind::Temporary),
            ]
        );
        let (generation, link) = &found.generations[0];
        assert!(generation.current && generation.number == 1);
        assert_eq!(link, "/nix/var/nix/profiles/system-1-link");
        assert!(found.unseen.is_empty());
    }
}
