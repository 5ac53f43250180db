//! The result does not depend on the order of rules, diagnostics or files, nor on threads.

use nixtune::fix::{self, PlanOptions, State, unguarded};
use nixtune::system::Overlay;

use super::*;
use crate::cli::nixtune;

/// Numbers that look random.
struct Shuffle(u64);

impl Shuffle {
    fn of<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            items.swap(last, (self.0 >> 33) as usize % (last + 1));
        }
    }
}

/// What rules report in an order of no meaning, as if others had run first.
fn state(outcome: Outcome, shuffle: u64) -> State {
    let mut diagnostics = outcome.diagnostics;
    Shuffle(shuffle).of(&mut diagnostics);
    State {
        workspace: outcome.workspace,
        diagnostics,
    }
}

/// Plans with all diagnostics of every round in another order.
fn shuffled(files: &Files, request: &Request, shuffle: u64) -> fix::Plan {
    let system = memory(files);
    let start = state(look(files, request), shuffle);
    let reload = |texts: &BTreeMap<PathBuf, String>| {
        let mut overlay = Overlay::new(&system);
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        let outcome = engine::look(&overlay, catalog(), request).ok()?;
        Some(state(outcome, shuffle.wrapping_add(texts.len() as u64)))
    };
    let options = PlanOptions {
        least: Applicability::Unsafe,
        choose: &|_, _| true,
        evaluation: None,
        places: None,
        guard: &unguarded,
    };
    fix::plan(&start, &options, &reload)
}

#[test]
fn no_order_matters() {
    holds(25, |configuration| {
        let (before, request) = (files(configuration), naming_files(configuration));
        let made = plan(&before, &request, Applicability::Unsafe);
        for shuffle in [1, 2] {
            let other = shuffled(&before, &request, shuffle);
            if other.files != made.files || other.applied != made.made {
                return fail(format!(
                    "diagnostics in another order:\n{:#?}\n{:#?}\n{}--- not\n{}",
                    made.made,
                    other.applied,
                    shown(&applied(&before, &made)),
                    other
                        .files
                        .iter()
                        .map(|file| format!("--- {}\n{}", file.name, file.after))
                        .collect::<String>()
                ));
            }
        }
        let mut roots = request.roots.clone();
        for shuffle in [3, 4] {
            Shuffle(shuffle).of(&mut roots);
            let other = Request {
                roots: roots.clone(),
                ..request.clone()
            };
            let other = plan(&before, &other, Applicability::Unsafe);
            if other.files != made.files || other.made != made.made {
                return fail(format!(
                    "files named in the order {roots:?}:\n{:#?}\n{:#?}\n{}--- not\n{}",
                    made.made,
                    other.made,
                    shown(&applied(&before, &made)),
                    shown(&applied(&before, &other)),
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let mut runner = runner(8);
    for _ in 0..8 {
        let configuration = next(&mut runner);
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in configuration.files() {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let said: Vec<_> = ["1", "2", "7"]
            .iter()
            .map(|threads| {
                let mut command = nixtune(folder.path());
                command
                    .args(["apply", "--unsafe", "."])
                    .env("RAYON_NUM_THREADS", threads);
                command.output().unwrap()
            })
            .collect();
        for other in &said[1..] {
            assert_eq!(&said[0], other, "{}", configuration.shown());
        }
    }
}
