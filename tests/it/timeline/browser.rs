//! Headless Chromium, spoken to by its own protocol over two pipes: real wheels, keys and pointers.
//!
//! `NIXTUNE_CHROMIUM` names the program; else it is looked for on the PATH. `tests/set-up` installs it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("NIXTUNE_CHROMIUM") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .expect("no Chromium on the PATH: run tests/set-up, or name one in NIXTUNE_CHROMIUM")
}

/// A browser with one page.
pub struct Browser {
    child: Child,
    commands: File,
    answers: BufReader<File>,
    session: String,
    last: u64,
    /// What the page asked for.
    pub requests: Vec<String>,
    /// What went wrong in the page: exceptions, and what its policy forbade.
    pub mistakes: Vec<String>,
    loaded: bool,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            assert!(
                Command::new("mkfifo")
                    .arg(&path)
                    .status()
                    .unwrap()
                    .success()
            );
            path
        };
        let (commands, answers) = (pipe("commands"), pipe("answers"));
        let child = Command::new("sh")
            .args([
                "-c",
                r#"in=$1 out=$2; shift 2; exec "$0" "$@" 3<"$in" 4>"$out""#,
            ])
            .arg(program())
            .args([&commands, &answers])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--disable-dev-shm-usage", "--remote-debugging-pipe"])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("data").display()
            ))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut browser = Self {
            child,
            // Each waits for the other side.
            commands: OpenOptions::new().write(true).open(commands).unwrap(),
            answers: BufReader::new(File::open(answers).unwrap()),
            session: String::new(),
            last: 0,
            requests: Vec::new(),
            mistakes: Vec::new(),
            loaded: false,
            _folder: folder,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = target["targetId"].clone();
        let attach = json!({ "targetId": target, "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let size =
            json!({ "width": 1400, "height": 1500, "deviceScaleFactor": 1, "mobile": false });
        browser.call("Emulation.setDeviceMetricsOverride", size);
        browser
    }

    fn read(&mut self) -> Json {
        let mut message = Vec::new();
        let read = self.answers.read_until(0, &mut message).unwrap();
        if read == 0 {
            let log = fs::read_to_string(self._folder.path().join("log")).unwrap();
            panic!("the browser ended: {log}");
        }
        message.pop();
        let message: Json = serde_json::from_slice(&message).unwrap();
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.mistakes.push(message["params"].to_string()),
            Some("Log.entryAdded") if message["params"]["entry"]["level"] == "error" => {
                self.mistakes
                    .push(message["params"]["entry"]["text"].to_string());
            }
            Some("Network.requestWillBeSent") => {
                let address = message["params"]["request"]["url"].as_str().unwrap();
                self.requests.push(address.to_owned());
            }
            Some("Page.loadEventFired") => self.loaded = true,
            _ => {}
        }
        message
    }

    pub fn call(&mut self, method: &str, parameters: Json) -> Json {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        write!(self.commands, "{message}\0").unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// Opens a page, with `#fragment` or nothing behind its address.
    pub fn show(&mut self, file: &Path, fragment: &str) {
        // An address that differs in its fragment alone would not be loaded again.
        self.loaded = false;
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        while !self.loaded {
            self.read();
        }
        self.loaded = false;
        self.requests.clear();
        let address = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", json!({ "url": address }));
        while !self.loaded {
            self.read();
        }
    }

    /// The value of an expression; a promise is waited for.
    pub fn value(&mut self, expression: &str) -> Json {
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits, frame by frame, until an expression is true.
    pub fn wait(&mut self, condition: &str) {
        let expression = format!(
            "new Promise((done, failed) => {{
               let frames = 0;
               const look = () => {{
                 if ({condition}) done(true);
                 else if (++frames > 3000) failed(new Error('never true'));
                 else requestAnimationFrame(look);
               }};
               look();
             }})"
        );
        self.value(&expression);
    }

    pub fn wheel(&mut self, place: (f64, f64), delta: f64) {
        let parameters = json!({
            "type": "mouseWheel", "x": place.0, "y": place.1, "deltaX": 0, "deltaY": delta,
        });
        self.call("Input.dispatchMouseEvent", parameters);
    }

    pub fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        for (kind, place) in [
            ("mousePressed", from),
            ("mouseMoved", to),
            ("mouseReleased", to),
        ] {
            let parameters = json!({
                "type": kind, "x": place.0, "y": place.1, "button": "left", "buttons": 1, "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", parameters);
        }
    }

    /// Two fingers on one line, from and to these distances from its middle.
    pub fn pinch(&mut self, middle: (f64, f64), from: f64, to: f64) {
        let fingers = |gap: f64| {
            json!([
                { "x": middle.0 - gap, "y": middle.1, "id": 0 },
                { "x": middle.0 + gap, "y": middle.1, "id": 1 },
            ])
        };
        self.call(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": true, "maxTouchPoints": 2 }),
        );
        let steps = [
            ("touchStart", fingers(from)),
            ("touchMove", fingers((from + to) / 2.0)),
            ("touchMove", fingers(to)),
            ("touchEnd", json!([])),
        ];
        for (kind, points) in steps {
            let parameters = json!({ "type": kind, "touchPoints": points });
            self.call("Input.dispatchTouchEvent", parameters);
        }
    }

    pub fn hover(&mut self, place: (f64, f64)) {
        let parameters = json!({ "type": "mouseMoved", "x": place.0, "y": place.1 });
        self.call("Input.dispatchMouseEvent", parameters);
    }

    pub fn key(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyDown", "key": key, "text": text }),
        );
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key }),
        );
    }

    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    pub fn theme(&mut self, theme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    /// What the page looks like, for people.
    pub fn screenshot(&mut self, file: &Path) {
        use base64::Engine as _;
        let picture = self.call("Page.captureScreenshot", json!({}));
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap());
        fs::write(file, bytes.unwrap()).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
