//! `--interactive` of what is generated: asks what is taste, and nothing that can be found out.

use super::interactive::line;
use super::output::Output;
use crate::catalog::{CacheInfo, CacheStatus, Catalog};
use crate::facts::Os;
use crate::generate::{Schedule, Subject, retention};
use crate::report;
use crate::tune::Days;

/// The input ended before all was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InputEnded;

/// Why nobody can be asked here; `None` when somebody can.
pub(super) fn refusal(prints_file: bool, instead: &str, output: &Output) -> Option<String> {
    if prints_file {
        return Some(
            "`--interactive` asks on standard output, where `--output -` puts the file; name a file"
                .to_owned(),
        );
    }
    (!output.can_ask()).then(|| {
        format!(
            "`--interactive` asks on a terminal, and standard input and output are not one; give \
             {instead} instead"
        )
    })
}

/// How long generations are kept; `None` for what is recommended.
pub(super) fn ask_retention(
    subject: &Subject,
    output: &mut Output,
) -> Result<Option<Days>, InputEnded> {
    let (days, reason) = retention(subject);
    output.print(&format!(
        "Old generations are what you can roll back to, and what keeps the disk full ({reason}).\n"
    ));
    let question = format!("keep them for how many days? [{}] ", days.0);
    loop {
        let answer = line(&question, output).ok_or(InputEnded)?;
        if answer.is_empty() {
            return Ok(None);
        }
        match answer.strip_suffix('d').unwrap_or(&answer).parse() {
            Ok(number) if number > 0 => return Ok(Some(Days(number))),
            _ => output.print("  a whole number from 1 on, or Enter for the number in brackets\n"),
        }
    }
}

/// When garbage is collected; `None` for what is recommended.
pub(super) fn ask_schedule(
    subject: &Subject,
    output: &mut Output,
) -> Result<Option<Schedule>, InputEnded> {
    let usual = Schedule::for_subject(subject);
    let possible: Vec<Schedule> = Schedule::ALL
        .into_iter()
        .filter(|schedule| schedule.is_for(subject))
        .collect();
    let names: Vec<&str> = possible.iter().map(|schedule| schedule.name()).collect();
    let question = format!(
        "collect garbage how often, {}? [{}] ",
        names.join(" or "),
        usual.name()
    );
    loop {
        let answer = line(&question, output).ok_or(InputEnded)?.to_lowercase();
        if answer.is_empty() {
            return Ok(None);
        }
        match possible.iter().find(|schedule| schedule.name() == answer) {
            Some(schedule) => return Ok(Some(*schedule)),
            None => output.print(&format!("  one of {}\n", names.join(", "))),
        }
    }
}

/// Caches that many configurations use, whatever they are for, and where.
const OFFERED: [(&str, Option<Os>); 4] = [
    ("https://nix-community.cachix.org", None),
    ("https://cache.nixos-cuda.org", Some(Os::Linux)),
    ("https://devenv.cachix.org", None),
    ("https://cache.numtide.com", None),
];

/// Addresses of caches to ask and trust.
pub(super) fn ask_caches(
    subject: &Subject,
    catalog: &Catalog,
    output: &mut Output,
) -> Result<Vec<String>, InputEnded> {
    let own = catalog.caches().iter().filter(|cache| cache.is_own);
    let offered = OFFERED
        .iter()
        .filter(|(_, os)| os.is_none() || *os == subject.os())
        .filter_map(|(url, _)| catalog.cache(url));
    let mut listed: Vec<&CacheInfo> = own.collect();
    listed.extend(offered.filter(|cache| !cache.is_own && cache.status == CacheStatus::Active));
    output.print(
        "Caches beside cache.nixos.org spare builds; each may put any path into the store.\n",
    );
    output.print(&report::cache_list(&listed));
    loop {
        let question = "ask and trust which, by number or address? [none] ";
        let answer = line(question, output).ok_or(InputEnded)?;
        let mut chosen: Vec<String> = Vec::new();
        let mut is_known = true;
        for word in answer.split([' ', ',']).filter(|word| !word.is_empty()) {
            let numbered = word.parse::<usize>().ok();
            let numbered = numbered.and_then(|it| listed.get(it.checked_sub(1)?).copied());
            match numbered.or_else(|| catalog.cache(word)) {
                Some(cache) if !chosen.contains(&cache.url.to_string()) => {
                    chosen.push(cache.url.to_string());
                }
                Some(_) => {}
                None if matches!(word, "none" | "n" | "no") => {}
                None => is_known = false,
            }
        }
        if is_known {
            return Ok(chosen);
        }
        output.print(
            "  numbers of the list, or addresses of caches whose keys are known; [data.caches] in \
             nixtune.toml takes your own\n",
        );
    }
}
