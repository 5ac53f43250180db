//! The history: what real runs and stores leave in it, and what is made of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use nixtune::analyze::history::{HELPS, Record, RunRecord};
use serde_json::{Value as Json, json};

use crate::oracle::oracles;
use crate::stores::Lab;

fn git(lab: &Lab, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(arguments)
        .current_dir(lab.path("."))
        .env("HOME", lab.path("home"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn lines(lab: &Lab) -> Vec<Json> {
    let file = lab.path("home/.local/state/nixtune/history.jsonl");
    let text = fs::read_to_string(&file).unwrap_or_default();
    if !text.is_empty() {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn profile(lab: &Lab, options: &[&str], command: &[&str]) -> (Json, f64, Option<i32>) {
    let begin = Instant::now();
    let output = lab
        .nixtune()
        .args(["analyze", "profile", "--format", "json"])
        .args(options)
        .arg("--")
        .args(command)
        .output()
        .unwrap();
    let outside = begin.elapsed().as_secs_f64();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (json, outside, output.status.code())
}

#[test]
fn a_run_is_recorded_as_it_was() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "max-jobs = 2\n");
        git(&lab, &["init", "-q"]);
        git(&lab, &["add", "packages.nix"]);
        git(&lab, &["commit", "-q", "-m", "one"]);
        let began = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let build = ["nix", "build", "-f", "packages.nix", "app", "--no-link"];
        let (profile_json, outside, code) = profile(&lab, &["--label", "app"], &build);
        assert_eq!(code, Some(0));
        let [run] = lines(&lab).try_into().unwrap();
        assert_eq!(run["version"], 1);
        assert_eq!(run["kind"], "run");
        assert_eq!(run["label"], "app");
        assert_eq!(run["command"], "nix build -f packages.nix app");
        assert_eq!(
            run["folder"],
            lab.path(".").canonicalize().unwrap().to_str().unwrap()
        );
        assert_eq!(
            run["commit"],
            json!({ "id": git(&lab, &["rev-parse", "HEAD"]), "is_dirty": false })
        );
        let at = run["at_secs"].as_u64().unwrap();
        assert!((began..=began + 60).contains(&at));
        let wall = run["wall_secs"].as_f64().unwrap();
        assert!(wall > 0.0 && wall <= outside);
        assert_eq!(run["wall_secs"], profile_json["wall_secs"]);
        let shares = run["shares_secs"].as_object().unwrap();
        let told: f64 = shares.values().map(|secs| secs.as_f64().unwrap()).sum();
        assert!((told - wall).abs() < 1e-6);
        // Files were evaluated, in every release.
        assert_eq!(run["evaluation_is_cached"], false);
        // lib, glue, app; no cache is asked for glue.
        assert_eq!((&run["built"], &run["local_only"]), (&json!(3), &json!(1)));
        assert_eq!(
            (&run["substituted"], &run["hit_rate"]),
            (&json!(0), &json!(0.0))
        );
        assert_eq!(run["settings"]["max-jobs"], 2);
        let version = lab.nix("nix", &["--version"]);
        let said = run["nix"]["version"].as_str().unwrap();
        assert!(
            version.contains(said.trim_end_matches(".0")),
            "{version} {said}"
        );

        // A failure, settings on the command line, and a tree that changed.
        fs::write(lab.path("packages.nix"), "derivation { name = \"x\"; system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" \"exit 3\" ]; }").unwrap();
        let fails = [
            "nix",
            "build",
            "-f",
            "packages.nix",
            "-j",
            "1",
            "--argstr",
            "token",
            "hunter2",
        ];
        let (_, _, code) = profile(&lab, &[], &fails);
        assert_eq!(code, Some(1));
        let runs = lines(&lab);
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[1]["exit_code"], 1);
        assert_eq!(
            (&runs[1]["built"], &runs[1]["failed"]),
            (&json!(0), &json!(1))
        );
        assert_eq!(runs[1]["commit"]["is_dirty"], true);
        assert_eq!(runs[1]["settings"]["max-jobs"], 1);
        assert!(!runs[1].to_string().contains("hunter2"));

        let (_, _, code) = profile(&lab, &["--no-record"], &fails);
        assert_eq!(code, Some(1));
        assert_eq!(lines(&lab).len(), 2);
    }
}

#[test]
fn what_a_store_holds_is_recorded() {
    let lab = Lab::modern("");
    lab.build("app");
    let (json, code) = lab.analyze(&["store"]);
    assert_eq!(code, Some(0));
    let [store] = lines(&lab).try_into().unwrap();
    assert_eq!(store["kind"], "store");
    for name in ["paths", "live_bytes", "dead_bytes", "store_dir"] {
        assert_eq!(store[name], json[name], "{name}");
    }
    // Others write to the disk meanwhile.
    let free = store["free_bytes"].as_u64().unwrap();
    let said = json["disk_free_bytes"].as_u64().unwrap();
    assert_eq!(free, said);
    assert_eq!(
        store["disk_used_bytes"],
        json["disk_bytes"].as_u64().unwrap() - free
    );
    lab.analyze(&["store", "--no-record"]);
    assert_eq!(lines(&lab).len(), 1);
}

#[test]
fn growth_and_the_forecast_follow_from_what_was_recorded() {
    let lab = Lab::modern("");
    lab.build("app");
    let (json, _) = lab.analyze(&["store", "--no-record"]);
    // Young, and looked at once.
    assert_eq!(json["growth"], Json::Null);
    let bytes = json["bytes"].as_u64().unwrap();
    lab.analyze(&["store"]);
    let [now] = lines(&lab).try_into().unwrap();
    let at = now["at_secs"].as_u64().unwrap();
    // A hundred bytes more each day; another store and another machine do not count.
    let folder = lab.path("home/.local/state/nixtune");
    let mut text = String::new();
    for day in 1..=9 {
        let mut one = now.clone();
        one["at_secs"] = json!(at - day * 86_400);
        one["dead_bytes"] = json!(now["dead_bytes"].as_u64().unwrap() - 100 * day);
        text += &format!("{one}\n");
        for (name, value) in [("store_dir", "/other"), ("host", "other")] {
            let mut other = one.clone();
            other[name] = json!(value);
            other["dead_bytes"] = json!(day << 40);
            text += &format!("{other}\n");
        }
    }
    fs::write(folder.join("history.jsonl"), text).unwrap();
    let (json, _) = lab.analyze(&["store", "--no-record"]);
    assert_eq!(json["bytes"], bytes);
    let growth = &json["growth"];
    assert_eq!(growth["source"], "snapshots");
    assert_eq!(growth["days_with_snapshot"], 10);
    let per_day = growth["bytes_per_day"].as_f64().unwrap();
    assert!((per_day - 100.0).abs() < 0.5, "{growth}");
    let free = json["disk_free_bytes"].as_f64().unwrap();
    let days = growth["days_until_full"].as_f64().unwrap();
    assert!((days / (free / per_day) - 1.0).abs() < 1e-9, "{growth}");
    // On the one screen, too, against the targets of the folder.
    fs::write(
        lab.path("nixtune.toml"),
        format!("[targets]\nfull_days = {}\n", u32::MAX),
    )
    .unwrap();
    let output = lab
        .nixtune()
        .args(["analyze", "--offline"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let full = text
        .lines()
        .find(|line| {
            line.trim_start_matches([' ', '+', '!'])
                .starts_with("full in")
        })
        .unwrap();
    let met = days >= f64::from(u32::MAX);
    assert_eq!(full.starts_with("  +"), met, "{text}");
}

#[test]
fn growth_without_looks_is_what_came_and_stayed() {
    let lab = Lab::modern("");
    lab.build("app");
    let database = rusqlite::Connection::open(lab.path("state/db/db.sqlite")).unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    // All of it came ten weeks ago, one path in the last whole week.
    let week = 7 * 86_400;
    let set = |secs: u64, which: &str| {
        let sql = format!("UPDATE ValidPaths SET registrationTime = {secs} {which}");
        assert!(database.execute(&sql, []).unwrap() > 0);
    };
    set(now - 10 * week, "");
    set(now / week * week - 3600, "WHERE path LIKE '%-lib'");
    let bytes: f64 = database
        .query_row(
            "SELECT narSize FROM ValidPaths WHERE path LIKE '%-lib'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(database);
    let (json, _) = lab.analyze(&["store", "--no-record"]);
    let growth = &json["growth"];
    assert_eq!(
        (&growth["source"], &growth["weeks"]),
        (&json!("registered"), &json!(8))
    );
    assert_eq!(growth["bytes_per_day"].as_f64().unwrap(), bytes / 56.0);
}

#[test]
fn a_report_says_what_its_parts_say_and_needs_nothing_else() {
    let lab = Lab::modern("");
    lab.nix("nix-build", &["packages.nix", "-A", "app", "-o", "result"]);
    let build = ["nix", "build", "-f", "packages.nix", "other", "--no-link"];
    let label = "<script>alert('`|x`')</script>\n# no heading";
    let (_, _, code) = profile(&lab, &["--label", label], &build);
    assert_eq!(code, Some(0));
    let report = |arguments: &[&str]| -> String {
        let output = lab
            .nixtune()
            .args(["analyze", "report", "--offline"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Json = serde_json::from_str(&report(&["--format", "json"])).unwrap();
    let (store, _) = lab.analyze(&["store", "--no-record"]);
    for name in [
        "paths",
        "bytes",
        "live_bytes",
        "dead_bytes",
        "roots",
        "largest",
    ] {
        assert_eq!(json["store"][name], store[name], "{name}");
    }
    let [run] = lines(&lab).try_into().unwrap();
    assert_eq!(json["history"]["runs"][0]["wall_secs"], run["wall_secs"]);
    assert_eq!(json["caches"], Json::Null);
    let (overview, _) = lab.analyze(&["--offline"]);
    let missed = |lines: &Json| -> Vec<String> {
        let lines = lines.as_array().unwrap().iter();
        let missed = lines.filter(|line| line["met"] == false);
        missed
            .map(|line| line["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let missed_lines = missed(&overview["lines"]);
    assert_eq!(missed(&json["overview"]["lines"]), missed_lines);
    let next = json["next"].as_array().unwrap();
    assert_eq!(next.len(), missed_lines.len());
    for (one, name) in next.iter().zip(&missed_lines) {
        assert!(one["missed"].as_str().unwrap().starts_with(name.as_str()));
    }

    let markdown = report(&[]);
    assert!(!markdown.contains("<script>"), "{markdown}");
    let headings = markdown
        .lines()
        .filter(|line| line.starts_with("## "))
        .count();
    assert_eq!(headings, 5, "{markdown}");
    // Every row of a table has the cells of its head.
    let mut cells = None;
    for line in markdown.lines() {
        let count = line.replace("\\|", "").matches('|').count();
        match cells {
            Some(expected) if line.starts_with('|') => assert_eq!(count, expected, "{line}"),
            _ => cells = line.starts_with('|').then_some(count),
        }
    }

    assert_eq!(report(&["--output", "week.html"]), "");
    let html = fs::read_to_string(lab.path("week.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>"));
    assert!(html.contains("&lt;script&gt;alert"), "{html}");
    for outside in ["<script", "src=", "@import", "url(", "http://", "https://"] {
        assert!(!html.contains(outside), "{outside}");
    }
    for tag in ["table", "tr", "td", "th", "ul", "li", "section", "p", "h2"] {
        let opened =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        assert!(opened > 0, "{tag}");
    }
    assert!(html.contains("prefers-color-scheme: dark"));
    let dead = format!("<td class=\"right\">{}</td>", store["dead_paths"]);
    assert!(html.contains(&dead), "{html}");
}

#[test]
fn a_history_may_be_larger_than_what_is_read_of_it() {
    let lab = Lab::modern("");
    let folder = lab.path("home/.local/state/nixtune");
    fs::create_dir_all(&folder).unwrap();
    let line = |at_secs| {
        let run = RunRecord {
            at_secs,
            command: "nix build".to_owned(),
            wall_secs: Some(1.0),
            ..RunRecord::default()
        };
        Record::Run(Box::new(run)).line()
    };
    // 40 MiB of an older release's lines, and the newest run at their end.
    let old = format!("{}\n", line(1)).repeat((40 << 20) / line(1).len());
    fs::write(folder.join("history.jsonl"), format!("{old}{}\n", line(2))).unwrap();
    let history = |arguments: &[&str]| -> Json {
        let output = lab
            .nixtune()
            .args(["history", "--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = history(&["--most", "1"]);
    assert_eq!(found["runs"][0]["at_secs"], 2);
    let read = found["all_runs"].as_u64().unwrap();
    assert!(read < (10 << 20) / line(1).len() as u64, "{read}");
    assert_eq!(found["left_out_broken"], 0);
    // The next line begins a new file; nothing that counts is lost.
    lab.analyze(&["store"]);
    let [store] = lines(&lab).try_into().unwrap();
    assert_eq!(store["kind"], "store");
    assert_eq!(history(&["--most", "1"])["runs"][0]["at_secs"], 2);
    assert_eq!(history(&["--since", "30d"])["all_runs"], 0);
}

#[test]
fn help_for_targets_names_settings_and_rules_that_are_there() {
    let catalog = nixtune::catalog::Catalog::embedded();
    let policy = nixtune::policy::initial(nixtune::rules::ALL);
    for help in &HELPS {
        for setting in help.settings {
            assert!(catalog.setting(setting).is_some(), "{setting}");
        }
        for rule in help.rules {
            assert!(nixtune::rules::find(rule).is_some(), "{rule}");
        }
        assert!(
            policy.contains(&format!("# {} = ", help.target)),
            "{}",
            help.target
        );
    }
}
