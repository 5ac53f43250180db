//! The HTML report of a profile in a real browser: what is drawn, zoomed and searched is held against
//! the log that the report was made of.

mod browser;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use browser::Browser;
use serde_json::{Value as Json, json};

/// A build of a made-up run. Times are in seconds.
struct Build {
    name: String,
    start: f64,
    end: f64,
    /// Builds that it needs, by their places.
    needs: Vec<usize>,
}

/// A report in a folder of its own.
struct Report {
    folder: tempfile::TempDir,
}

impl Report {
    /// Writes derivations and the log of a run, and has nixtune make the report.
    fn new(builds: &[Build]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        // What the names hold has no place in a path of the file system; hostile ones have no file.
        let path =
            |build: &Build| format!("{}/{}-{}.drv", root.display(), "0".repeat(32), build.name);
        let mut events: Vec<(f64, Json)> = vec![
            (
                0.0,
                json!({ "action": "msg", "level": 5, "msg": "evaluating file '/a'" }),
            ),
            (
                1.0,
                json!({ "action": "start", "id": 1, "level": 0, "text": "", "type": 102 }),
            ),
            (
                1.0,
                json!({ "action": "start", "id": 2, "level": 0, "text": "", "type": 104 }),
            ),
        ];
        for (number, build) in builds.iter().enumerate() {
            let id = 10 + number;
            let path = path(build);
            if !build.name.contains('/') {
                let inputs: Vec<String> = build
                    .needs
                    .iter()
                    .map(|place| {
                        format!(
                            r#"("{}-{}.drv",["out"])"#,
                            root.join("0".repeat(32)).display(),
                            builds[*place].name
                        )
                    })
                    .collect();
                let derivation = format!(
                    r#"Derive([("out","{path}-out","","")],[{}],[],"x86_64-linux","/bin/sh",[],[])"#,
                    inputs.join(",")
                );
                fs::write(&path, derivation).unwrap();
            }
            events.push((
                build.start,
                json!({ "action": "start", "id": id, "level": 3, "text": "", "type": 105, "fields": [path, "", 1, 1] }),
            ));
            let phase = build.start + (build.end - build.start) / 4.0;
            events.push((
                phase,
                json!({ "action": "result", "id": id, "type": 104, "fields": ["buildPhase"] }),
            ));
            events.push((build.end, json!({ "action": "stop", "id": id })));
        }
        events.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut log = String::new();
        let mut done = 0;
        for (at, event) in events {
            if event["action"] == "stop" {
                done += 1;
                let counter = json!({ "action": "result", "id": 2, "type": 105, "fields": [done, builds.len(), 1, 0] });
                writeln!(log, "{at:.6} @nix {counter}").unwrap();
            }
            writeln!(log, "{at:.6} @nix {event}").unwrap();
        }
        fs::write(root.join("build.log"), log).unwrap();
        let output = crate::cli::nixtune(&root)
            .args(["analyze", "profile", "--log", "build.log"])
            .args(["--format", "html", "--output", "report.html"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .unwrap()
            .join("report.html")
    }
}

/// Builds on `slots` slots, one after the other, each as long as the next of `lengths`.
fn line_up(count: usize, slots: usize, lengths: &[f64]) -> Vec<Build> {
    let mut free = vec![1.0_f64; slots];
    let mut last = vec![None; slots];
    (0..count)
        .map(|number| {
            let slot = number % slots;
            let start = free[slot] + 0.01;
            let end = start + lengths[number % lengths.len()];
            free[slot] = end;
            let needs = last[slot].replace(number).into_iter().collect();
            let name = format!("{}-{number}", ["llvm", "gcc", "perl"][number % 3]);
            Build {
                name,
                start,
                end,
                needs,
            }
        })
        .collect()
}

const CANVAS: &str = "document.querySelector('#timeline canvas.bars')";

/// The first and last moment that is seen.
fn range(browser: &mut Browser) -> (f64, f64) {
    let data = browser.value(&format!("({{ ...{CANVAS}.dataset }})"));
    let number = |name: &str| data[name].as_str().unwrap().parse().unwrap();
    (number("from"), number("to"))
}

/// Waits until what is drawn has been told.
fn settle(browser: &mut Browser) {
    browser.wait(&format!(
        "{CANVAS}.dataset.settled && {CANVAS}.dataset.settled === {CANVAS}.dataset.frames"
    ));
}

/// How many pixels of a canvas have a color of the style sheet, in each line that has any.
fn pixels(browser: &mut Browser, color: &str) -> Vec<u64> {
    let lines = browser.value(&format!(
        "(() => {{
           const probe = document.createElement('canvas').getContext('2d');
           probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--{color}');
           probe.fillRect(0, 0, 1, 1);
           const wanted = probe.getImageData(0, 0, 1, 1).data;
           const canvas = {CANVAS};
           const {{ data, width, height }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
           const lines = [];
           for (let y = 0; y < height; y += 1) {{
             let count = 0;
             for (let x = 0; x < width; x += 1) {{
               const at = (y * width + x) * 4;
               if ([0, 1, 2].every((part) => Math.abs(data[at + part] - wanted[part]) < 3)) count += 1;
             }}
             lines.push(count);
           }}
           return lines;
         }})()"
    ));
    lines
        .as_array()
        .unwrap()
        .iter()
        .map(|count| count.as_u64().unwrap())
        .collect()
}

/// Names that are told beside the canvas.
fn seen(browser: &mut Browser) -> Vec<String> {
    let names = browser.value(
        "[...document.querySelectorAll('#timeline ol.seen li')].map((item) => item.textContent.split(',')[0])",
    );
    let mut names: Vec<String> = serde_json::from_value(names).unwrap();
    names.sort();
    names
}

fn in_range(builds: &[Build], (from, to): (f64, f64)) -> Vec<String> {
    let seen = builds
        .iter()
        .filter(|build| build.end > from && build.start < to);
    let mut names: Vec<String> = seen.map(|build| build.name.clone()).collect();
    names.sort();
    names
}

fn open(report: &Report, fragment: &str) -> Browser {
    let mut browser = Browser::open();
    browser.show(&report.file(), fragment);
    browser.wait("document.documentElement.dataset.ready === ''");
    settle(&mut browser);
    browser
}

fn assert_clean(browser: &Browser, report: &Report) {
    assert!(browser.mistakes.is_empty(), "{:?}", browser.mistakes);
    let own = format!("file://{}", report.file().display());
    let others: Vec<_> = browser
        .requests
        .iter()
        .filter(|address| !address.starts_with(&own) && *address != "data:,")
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn bars_are_as_long_as_builds() {
    let builds = line_up(24, 3, &[4.0, 2.5, 1.0]);
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let (from, to) = range(&mut browser);
    let last = builds.iter().map(|build| build.end).fold(0.0, f64::max);
    assert!(
        from == 0.0 && (to - last).abs() < 1e-3,
        "{from} {to} {last}"
    );
    // The fourth line of each slot is above the names and below the round corners.
    let lines = pixels(&mut browser, "kind-build");
    let mut found = 0;
    for y in 4..lines.len() {
        let begins = lines[y - 4] == 0 && lines[y - 3..=y].iter().all(|count| *count > 0);
        // Where the chain of the critical path is drawn, the border covers the line.
        found += if begins { lines[y] } else { 0 };
    }
    let width = browser.value(&format!("{CANVAS}.width")).as_f64().unwrap() - 120.0;
    let critical: f64 = builds
        .iter()
        .filter(|build| is_critical(&builds, build))
        .map(|build| build.end - build.start)
        .sum();
    let work: f64 = builds.iter().map(|build| build.end - build.start).sum();
    let expected = work / last * width;
    assert!(critical > 0.0);
    // Bars lose a gap, their smooth edges, and the border of the critical path.
    let least = expected - 8.0 * builds.len() as f64;
    assert!(
        (least..=expected).contains(&(found as f64)),
        "{found} {expected}"
    );
    assert!(pixels(&mut browser, "critical").iter().sum::<u64>() > 500);

    // Slots with less work are empty at the end, and say why; a row is 25 high, the first lies at 76.
    let place = browser.value(&format!(
        "(() => {{ const box = {CANVAS}.getBoundingClientRect(); return [box.left, box.top, box.width]; }})()"
    ));
    let place: Vec<f64> = serde_json::from_value(place).unwrap();
    for (x, y, expected) in [
        (0.95, 137.0, "slots idle: everything waited for a build"),
        (0.95, 87.0, "gcc"),
        (0.95, 87.0, "on the critical path"),
    ] {
        let expected = expected.replace("gcc", &builds[21].name);
        browser.hover((place[0] + place[2] * x, place[1] + y));
        browser.wait(&format!(
            "document.querySelector('#timeline .tip').innerText.includes('{expected}')"
        ));
    }
    assert_clean(&browser, &report);
}

/// In `line_up` the slot with the most work is the critical path.
fn is_critical(builds: &[Build], build: &Build) -> bool {
    let work = |slot: usize| -> f64 {
        builds
            .iter()
            .skip(slot)
            .step_by(3)
            .map(|build| build.end - build.start)
            .sum()
    };
    let slot = (0..3)
        .max_by(|one, other| work(*one).total_cmp(&work(*other)))
        .unwrap();
    builds
        .iter()
        .skip(slot)
        .step_by(3)
        .any(|other| other.name == build.name)
}

#[test]
fn wheel_pointer_and_keys_move_what_is_seen() {
    let builds = line_up(18, 3, &[3.0, 2.0]);
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let whole = range(&mut browser);
    assert_eq!(seen(&mut browser), in_range(&builds, whole));
    let place: Vec<f64> = serde_json::from_value(browser.value(&format!(
        "(() => {{ const box = {CANVAS}.getBoundingClientRect(); return [box.left, box.top, box.width, box.height]; }})()"
    )))
    .unwrap();
    let at = |x: f64, y: f64| (place[0] + place[2] * x, place[1] + y);

    browser.wheel(at(0.6, 90.0), -600.0);
    browser.wait(&format!("Number({CANVAS}.dataset.to) < {}", whole.1));
    settle(&mut browser);
    let near = range(&mut browser);
    assert!(near.1 - near.0 < (whole.1 - whole.0) * 0.5, "{near:?}");
    assert_eq!(seen(&mut browser), in_range(&builds, near));

    browser.drag(at(0.7, 90.0), at(0.5, 90.0));
    browser.wait(&format!("Number({CANVAS}.dataset.from) > {}", near.0));
    settle(&mut browser);
    let moved = range(&mut browser);
    let (by, span) = (moved.0 - near.0, near.1 - near.0);
    let expected = span * 0.2 * place[2] / (place[2] - 120.0);
    assert!((by - expected).abs() < expected * 0.05, "{by} {expected}");
    assert_eq!(seen(&mut browser), in_range(&builds, moved));
    // The address holds what is seen, for who gets the link.
    let hash = browser.value("location.hash");
    assert_eq!(hash, format!("#from={:.4}&to={:.4}", moved.0, moved.1));

    browser.value(&format!("{CANVAS}.focus()"));
    browser.key("ArrowLeft");
    browser.wait(&format!("Number({CANVAS}.dataset.from) < {}", moved.0));
    browser.key("0");
    browser.wait(&format!("Number({CANVAS}.dataset.from) === 0"));
    settle(&mut browser);
    assert_eq!(range(&mut browser), whole);
    browser.key("n");
    browser.wait("!document.querySelector('#timeline .tip').hidden");
    let tip = browser.value("document.querySelector('#timeline .tip').innerText");
    let tip = tip.as_str().unwrap();
    assert!(tip.starts_with("llvm-0\nbuild: 3.00 s\n"), "{tip}");
    assert_clean(&browser, &report);

    browser.key("0");
    browser.wait(&format!("Number({CANVAS}.dataset.from) === 0"));
    browser.pinch(at(0.55, 90.0), 60.0, 240.0);
    browser.wait(&format!("Number({CANVAS}.dataset.from) > 0"));
    settle(&mut browser);
    let pinched = range(&mut browser);
    let part = (pinched.1 - pinched.0) / (whole.1 - whole.0);
    assert!((0.2..0.35).contains(&part), "{part}");
    assert_eq!(seen(&mut browser), in_range(&builds, pinched));

    let mut browser = open(&report, "#from=2&to=3.5&search=gcc");
    assert_eq!(range(&mut browser), (2.0, 3.5));
    let mut expected = in_range(&builds, (2.0, 3.5));
    expected.retain(|name| name.starts_with("gcc"));
    assert_eq!(seen(&mut browser), expected);
}

#[test]
fn a_search_dims_the_others_and_leads_to_matches() {
    let builds = line_up(18, 3, &[3.0, 2.0]);
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let before: u64 = pixels(&mut browser, "kind-build").iter().sum();
    browser.value("document.querySelector('#timeline input').focus()");
    browser.write("llvm-1");
    browser.wait("document.querySelector('#timeline output').textContent !== ''");
    settle(&mut browser);
    // llvm-12 and llvm-15.
    assert_eq!(
        browser.value("document.querySelector('#timeline output').textContent"),
        "2 matches"
    );
    assert_eq!(seen(&mut browser), ["llvm-12", "llvm-15"]);
    let after: u64 = pixels(&mut browser, "kind-build").iter().sum();
    assert!(after * 4 < before, "{after} {before}");
    browser.key("Enter");
    browser.wait("document.querySelector('#timeline .tip').innerText.startsWith('llvm-12')");
    browser.key("Enter");
    browser.wait("document.querySelector('#timeline .tip').innerText.startsWith('llvm-15')");
    assert_clean(&browser, &report);
}

#[test]
fn hostile_names_are_text() {
    const NAME: &str =
        "</script><img src=x onerror=\"window.hacked = 1\"><script>window.hacked = 1</script>";
    let mut builds = line_up(3, 1, &[2.0]);
    builds[1].name = NAME.to_owned();
    builds[2].name = "{{ 7 * 7 }}${window.hacked = 1}\u{202e}<!--".to_owned();
    for build in &mut builds {
        build.needs.clear();
    }
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let shown = browser.value("document.body.innerText");
    let shown = shown.as_str().unwrap();
    // Paths are cut at the last slash to make a name.
    assert!(
        shown.contains("script><img src=x onerror") || shown.contains("window.hacked = 1"),
        "{shown}"
    );
    assert!(shown.contains("{{ 7 * 7 }}"), "{shown}");
    assert!(!shown.contains('\u{202e}'));
    assert_eq!(browser.value("typeof window.hacked"), "undefined");
    assert_eq!(browser.value("document.images.length"), 0);
    assert_eq!(browser.value("document.scripts.length"), 2);
    // Tooltips, too.
    browser.value(&format!("{CANVAS}.focus()"));
    for _ in 0..3 {
        browser.key("n");
    }
    browser.wait("!document.querySelector('#timeline .tip').hidden");
    assert_eq!(browser.value("document.images.length"), 0);
    assert_clean(&browser, &report);
    // If something got through nevertheless, the policy of the file would stop it.
    browser.value("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.hacked = 1\">')");
    browser.wait("document.images[0].complete");
    assert_eq!(browser.value("typeof window.hacked"), "undefined");
}

#[test]
fn ten_thousand_builds_stay_smooth() {
    let builds = line_up(10_000, 16, &[2.0, 0.4, 7.0, 1.1]);
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let rows = 18.0;
    let width = browser.value(&format!("{CANVAS}.width")).as_f64().unwrap();
    // What lies on one pixel is drawn once, so that a frame has a bound.
    let bars = browser
        .value(&format!("Number({CANVAS}.dataset.bars)"))
        .as_f64()
        .unwrap();
    assert!(bars > 1000.0 && bars < rows * width, "{bars}");
    // Sixty steps into it, a frame each.
    let times = browser.value(&format!(
        "(async () => {{
           const canvas = {CANVAS};
           const times = [];
           for (let step = 0; step < 60; step += 1) {{
             const frames = canvas.dataset.frames;
             canvas.dispatchEvent(new WheelEvent('wheel', {{ deltaY: -60, cancelable: true }}));
             while (canvas.dataset.frames === frames) await new Promise(requestAnimationFrame);
             times.push(Number(canvas.dataset.frameMs));
           }}
           return times;
         }})()"
    ));
    let mut times: Vec<f64> = serde_json::from_value(times).unwrap();
    times.sort_by(f64::total_cmp);
    // A tenth of it is usual; the machine may have other work.
    assert!(times[30] < 100.0, "{times:?}");
    settle(&mut browser);
    let (from, to) = range(&mut browser);
    assert!(to - from < 5.0, "{from} {to}");
    let names = in_range(&builds, (from, to));
    let told = browser.value("document.querySelector('#timeline .status').textContent");
    assert!(
        told.as_str()
            .unwrap()
            .starts_with(&format!("{} bars in view", names.len())),
        "{told} {}",
        names.len()
    );
    assert_clean(&browser, &report);
    let size = fs::metadata(report.file()).unwrap().len();
    assert!(size < 8 << 20, "{size}");
}

/// How bright a color is, from 0 to 255.
fn brightness(color: &Json) -> f64 {
    let parts: Vec<f64> = serde_json::from_value(color.clone()).unwrap();
    parts.iter().take(3).sum::<f64>() / 3.0
}

#[test]
fn colors_follow_the_reader() {
    let builds = line_up(6, 2, &[2.0]);
    let report = Report::new(&builds);
    let mut browser = open(&report, "");
    let corner = format!("[...{CANVAS}.getContext('2d').getImageData(2, 2, 1, 1).data]");
    let page = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)";
    for (theme, is_dark) in [("light", false), ("dark", true), ("light", false)] {
        browser.theme(theme);
        let wanted = if is_dark { "< 80" } else { "> 200" };
        browser.wait(&format!("{corner}[0] {wanted}"));
        for color in [browser.value(&corner), browser.value(page)] {
            assert_eq!(brightness(&color) < 100.0, is_dark, "{theme} {color}");
        }
        assert!(
            pixels(&mut browser, "kind-build").iter().sum::<u64>() > 1000,
            "{theme}"
        );
    }
    if let Ok(folder) = std::env::var("NIXTUNE_SCREENSHOTS") {
        browser.screenshot(&Path::new(&folder).join("timeline.png"));
    }
    assert_clean(&browser, &report);
}

#[test]
fn without_javascript_there_are_summary_and_tables() {
    let builds = line_up(6, 2, &[2.0]);
    let report = Report::new(&builds);
    let mut browser = Browser::open();
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.show(&report.file(), "");
    let shown = browser.value("document.body.innerText");
    let shown = shown.as_str().unwrap();
    for text in [
        "Build of ",
        "Where the time went",
        "The chart needs JavaScript",
        "Critical path",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    for build in &builds {
        assert!(shown.contains(&build.name), "{}: {shown}", build.name);
    }
    assert_eq!(
        browser.value("getComputedStyle(document.querySelector('.stage')).display"),
        "none"
    );
}

/// Real Nix evaluates; its calls hang below each other.
#[test]
fn calls_of_an_evaluation_are_drawn() {
    for oracle in crate::oracle::oracles() {
        let machine = crate::analyze::Machine::new();
        let work = "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2);
            in builtins.seq (fib 22) (import ./graph.nix).e";
        fs::write(machine.folder.path().join("work.nix"), work).unwrap();
        let output = machine
            .nixtune(oracle)
            .args([
                "analyze",
                "profile",
                "--eval",
                "--format",
                "html",
                "--output",
                "eval.html",
            ])
            .args(["--", "nix", "build", "-f", "work.nix", "--no-link"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let mut browser = Browser::open();
        let file = machine
            .folder
            .path()
            .canonicalize()
            .unwrap()
            .join("eval.html");
        browser.show(&file, "");
        let canvas = "document.querySelector('#icicle canvas.bars')";
        browser.wait(&format!(
            "{canvas}.dataset.settled && {canvas}.dataset.settled === {canvas}.dataset.frames"
        ));
        assert!(browser.mistakes.is_empty(), "{:?}", browser.mistakes);
        let bars = browser.value(&format!("Number({canvas}.dataset.bars)"));
        assert!(bars.as_f64().unwrap() > 3.0, "{bars}");
        // The outermost calls fill the whole width.
        let drawn = browser.value(&format!(
            "(() => {{ const c = {canvas}; const d = c.getContext('2d').getImageData(0, 27, c.width, 1).data;
               let n = 0; for (let x = 0; x < c.width; x += 1) {{
                 const [r, g, b] = d.slice(x * 4, x * 4 + 3); if (Math.max(r, g, b) - Math.min(r, g, b) > 60) n += 1; }}
               return n / (c.width - 120); }})()"
        ));
        assert!(drawn.as_f64().unwrap() > 0.9, "{drawn}");
        // The names of the evaluation are told, and the builds that followed are on the timeline.
        let names = browser.value("document.querySelector('#icicle ol.seen').textContent");
        assert!(names.as_str().unwrap().len() > 10, "{names}");
        let builds = browser.value("document.querySelector('#timeline .status').textContent");
        assert!(
            builds.as_str().unwrap().starts_with("5 bars in view"),
            "{builds}"
        );
        let text = browser.value("document.body.innerText");
        assert!(
            text.as_str()
                .unwrap()
                .contains("without the evaluation cache"),
            "{text}"
        );
    }
}
