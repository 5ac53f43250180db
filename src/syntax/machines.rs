//! Remote builders as text: the setting `builders` and the machines file, which have one grammar (Nix
//! `src/libstore/machines.cc`). Lines hold entries that semicolons part; an entry has eight columns
//! that blanks part, or is `@` and a file with more entries.

use std::ops::Range;

/// Where the entries of `builders` or of a machines file stand, without comments and without those
/// that are blank.
pub fn builder_entries(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    let lines = text.split('\n').map(move |line| {
        let begin = start;
        start += line.len() + 1;
        (begin, line.split('#').next().unwrap_or(""))
    });
    lines.flat_map(|(begin, line)| {
        let mut start = begin;
        let entries = line.split(';').map(move |entry| {
            let range = start..start + entry.len();
            start = range.end + 1;
            (range, entry)
        });
        let are_there = entries.filter(|(_, entry)| !entry.trim().is_empty());
        are_there.map(|(range, _)| range)
    })
}

/// The machines file that an entry stands for.
pub fn machines_file(entry: &str) -> Option<&str> {
    entry.trim().strip_prefix('@').map(str::trim)
}

/// As Nix reads an `unsigned int`: decimal digits, a plus sign before them at most.
pub fn unsigned(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// The parts of a column that commas part.
pub fn list(column: &str) -> impl Iterator<Item = &str> {
    column.split(',').filter(|item| !item.is_empty())
}

/// The host's name in `user@name:port?parameters`; `None` for none. A bracketed address keeps its
/// brackets off.
pub fn host_name(authority: &str) -> Option<&str> {
    let name = authority.split(['/', '?']).next().unwrap_or("");
    let name = name.rsplit_once('@').map_or(name, |(_, name)| name);
    let host = match name.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        // More than one colon is an address without brackets.
        None if name.matches(':').count() > 1 => name,
        None => name.split(':').next().unwrap_or(""),
    };
    (!host.is_empty()).then_some(host)
}

/// The scheme of a store URI and what follows it, when it is reached by SSH: it says so, or it names
/// neither another scheme, a path nor one of the words for a store of this machine.
pub fn ssh_authority(uri: &str) -> Option<(Option<&str>, &str)> {
    match uri.split_once("://") {
        Some((scheme, rest)) => matches!(scheme, "ssh" | "ssh-ng").then_some((Some(scheme), rest)),
        None => {
            let word = uri.split('?').next().unwrap_or("");
            let is_host = !uri.contains('/') && !matches!(word, "auto" | "daemon" | "local" | "");
            is_host.then_some((None, uri))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_between_line_ends_and_semicolons() {
        let text = "a - - 2; b # none ; c\n\n  @/etc/nix/machines ;\n# d\ne";
        let found: Vec<&str> = builder_entries(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["a - - 2", " b ", "  @/etc/nix/machines ", "e"]);
        assert_eq!(machines_file(found[2]), Some("/etc/nix/machines"));
        assert_eq!(machines_file(found[0]), None);
    }
}
