//! Scratch.
use nixtune::{catalog::Catalog, model, rules, system};
fn main() {
    let mut args = std::env::args().skip(1);
    let mut host = None; let mut target = Default::default(); let mut paths = vec![]; let mut only: Option<String> = None;
    while let Some(a) = args.next() {
        match a.as_str() {
            "--host" => { let p = nixtune::facts::profile::read(&std::fs::read_to_string(args.next().unwrap()).unwrap(), "p.toml").unwrap(); host = p.host; target = p.target; }
            "--only" => only = args.next(),
            _ => paths.push(a.into()),
        }
    }
    let os = system::Os;
    let catalog = Catalog::embedded();
    let loaded = model::load(&os, &paths, &catalog, &model::LoadOptions { target, threads: 0 });
    let ws = &loaded.workspace;
    let mine = ["build-slots-oversubscribed","ram-per-job-low","efficiency-cores-counted","min-free-unset","min-free-too-small","min-free-ge-max-free","darwin-auto-optimise-unsafe","launchd-interval-wildcard","gc-optimise-same-time","gc-older-than-unit","gc-absent","keep-outputs-growth","stale-download-buffer","settings-under-disabled-nix","trusted-user-interactive","accept-flake-config"];
    for m in ws.machines() {
        println!("== {} {:?} complete={} files={}", m.name, m.target.system(), m.complete, m.files.len());
        for rule in rules::ALL {
            if !mine.contains(&rule.id) || only.as_ref().is_some_and(|o| o != rule.id) { continue }
            let cx = rules::RuleCx::new(ws, m, &catalog, host.as_ref());
            let mut out = vec![];
            (rule.check)(&cx, &mut rules::Sink::new(rule, m, &mut out));
            for d in out {
                let f = ws.file(d.place.file).unwrap();
                println!("{}:{} {} {} {}\n    {}\n    why: {}\n    help: {}", f.name(), f.position(d.place.span.start).line, d.severity, d.confidence, d.rule, d.message, d.why, d.help);
                if let Some(x) = d.fix { println!("    fix {}: {} {:?}", x.applicability, x.title, x.changes); }
            }
        }
    }
}
