//! Generated expressions against real Nix. `NIXTUNE_CASES=100000` asks for more than usual,
//! `NIXTUNE_SEED=5000` for others.

use nixtune::eval::{Value, Why};
use serde_json::Value as Json;

use super::eval::{NoFiles, ask, evaluate_with, same, with_stack};
use super::generate::{Case, case};
use super::oracles;

/// Cases of a usual run.
const USUAL: u64 = 2_400;
/// Expressions that one process evaluates.
const BATCH: usize = 60;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

/// Whether a value of Nix is one that nixtune allows for.
fn allows(ours: &Value, real: &Json) -> bool {
    match (ours, real) {
        // A failure is a claim: that there is no value.
        (Value::Unknown(Why::Failure(_) | Why::Thrown(_) | Why::Undefined(_)), _) => false,
        (Value::Unknown(_), _) => true,
        (Value::OneOf(several), real) => several.iter().any(|one| allows(&one.value, real)),
        (Value::List(ours), Json::Array(real)) => {
            let same_length =
                ours.len() == real.len() && ours.iter().zip(real).all(|(a, b)| allows(&a.value, b));
            // One unknown element may stand for several, anywhere.
            let open = ours.iter().any(|item| !item.value.is_fully_known());
            same_length || (open && holds_in_order(ours, real))
        }
        (Value::Attrs(ours), Json::Object(real)) => {
            ours.len() == real.len()
                && ours
                    .iter()
                    .all(|(name, a)| real.get(&**name).is_some_and(|b| allows(&a.value, b)))
        }
        (ours, real) => super::values::to_json(ours).is_some_and(|ours| same(&ours, real)),
    }
}

/// Whether the known elements are among the real ones, in their order.
fn holds_in_order(ours: &[nixtune::eval::Traced], real: &[Json]) -> bool {
    let mut rest = real.iter();
    ours.iter()
        .filter(|item| item.value.is_fully_known())
        .all(|item| rest.any(|real| allows(&item.value, real)))
}

fn attempt(text: &str) -> String {
    format!("builtins.tryEval (let v = {text}; in builtins.deepSeq v v)")
}

/// The expressions that Nix is asked for a case: one for each value of its argument. What is
/// thrown does not end the process.
fn questions(case: &Case) -> Vec<String> {
    let guard = |text: &str| {
        format!(
            "let r = {}; in if r.success then {{ v = r.value; }} else {{ thrown = true; }}",
            attempt(text)
        )
    };
    match case.unknown {
        None => vec![guard(&case.text)],
        Some(kind) => kind
            .examples()
            .iter()
            .map(|value| guard(&format!("(u: {}) {value}", case.text)))
            .collect(),
    }
}

#[derive(Default)]
struct Tally {
    known: usize,
    partly: usize,
    failing: usize,
    wrong: Vec<String>,
}

fn judge(cases: &[Case], tally: &mut Tally) {
    let ours = with_stack(|| {
        evaluate_with(
            &NoFiles,
            cases.iter().map(|case| case.text.as_str()),
            &["u"],
        )
    });
    // Whether nixtune is sure that there is a value at all.
    let attempts: Vec<String> = cases.iter().map(|case| attempt(&case.text)).collect();
    let sure = with_stack(|| evaluate_with(&NoFiles, attempts.iter().map(String::as_str), &["u"]));
    let asked: Vec<Vec<String>> = cases.iter().map(questions).collect();
    let flat: Vec<String> = asked.iter().flatten().cloned().collect();
    let answers: Vec<Vec<Result<Json, String>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = oracles()
            .iter()
            .map(|oracle| {
                let flat = &flat;
                scope.spawn(move || {
                    flat.chunks(BATCH)
                        .flat_map(|some| ask(oracle, some))
                        .collect()
                })
            })
            .collect();
        let done = workers.into_iter().map(|worker| worker.join().unwrap());
        done.collect()
    });
    let mut at = 0;
    for (((case, ours), asked), sure) in cases.iter().zip(&ours).zip(&asked).zip(&sure) {
        let ours = &ours.value;
        let sure = sure.value.is_fully_known();
        let mut real: Vec<(Option<&Json>, String)> = Vec::new();
        for (oracle, answers) in oracles().iter().zip(&answers) {
            for (question, answer) in asked.iter().zip(&answers[at..]) {
                let value = answer.as_ref().ok().and_then(|answer| answer.get("v"));
                let about = match answer {
                    Ok(answer) => format!("Nix {}: {answer}", oracle.version),
                    Err(error) => {
                        let line = error.lines().find(|line| line.contains("error: "));
                        format!("Nix {}: {}", oracle.version, line.unwrap_or(error))
                    }
                };
                let about = match case.unknown {
                    Some(_) => format!("{about}\n  asked {question}"),
                    None => about,
                };
                real.push((value, about));
            }
        }
        at += asked.len();
        if real.iter().all(|(value, _)| value.is_none()) {
            tally.failing += 1;
        } else if ours.is_fully_known() {
            tally.known += 1;
        } else {
            tally.partly += 1;
        }
        // Releases differ in what they refuse: it is enough that one has the value.
        let nothing =
            sure && case.unknown.is_none() && real.iter().all(|(value, _)| value.is_none());
        let complaint = real.iter().find_map(|(value, about)| match value {
            Some(value) if !allows(ours, value) => Some(about),
            None if nothing && ours.is_fully_known() => Some(about),
            _ => None,
        });
        if let Some(about) = complaint {
            let shown: String = format!("{ours:?}").chars().take(1_000).collect();
            let text = &case.text;
            tally
                .wrong
                .push(format!("{text}\n  nixtune: {shown}\n  {about}"));
        }
    }
}

#[test]
fn what_is_known_of_generated_expressions_is_what_nix_says() {
    let count = number("NIXTUNE_CASES").unwrap_or(USUAL);
    let first = number("NIXTUNE_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let seeds: Vec<u64> = (first..first + count).collect();
    for some in seeds.chunks(4_000) {
        let cases: Vec<Case> = some.iter().map(|seed| case(*seed)).collect();
        judge(&cases, &mut tally);
        if tally.wrong.len() > 20 {
            break;
        }
    }
    println!(
        "{} known, {} known in part, {} fail, {} wrong",
        tally.known,
        tally.partly,
        tally.failing,
        tally.wrong.len()
    );
    assert!(
        tally.wrong.is_empty(),
        "{} of {count} are wrong:\n{}",
        tally.wrong.len(),
        tally.wrong[..tally.wrong.len().min(20)].join("\n\n")
    );
    // Two of three cases have nothing unknown in them.
    assert!(tally.known > tally.partly, "too little is known");
}
