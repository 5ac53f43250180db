//! A small HTTP server on loopback that does what a test wants, also what no server should.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// What comes back.
pub enum Reply {
    /// A status and a body.
    Answer(u16, Vec<u8>),
    /// A redirection.
    Redirect(String),
    /// Nothing, as long as the test lives.
    Hang,
    /// A body that never ends.
    Endless,
    /// The connection is closed.
    Close,
}

type Handler = dyn Fn(&str) -> Reply + Send + Sync;

/// A server that ends with its test.
pub struct Server {
    port: u16,
    stop: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

struct Shared {
    /// Who wants an answer has to send this, a name and a password in base64.
    login: Option<&'static str>,
    handler: Box<Handler>,
    delay: Duration,
    requests: Arc<AtomicUsize>,
    now: AtomicUsize,
    most_at_once: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Answers each path as `handler` says, after `delay`.
    pub fn new(delay: Duration, handler: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, delay, Box::new(handler))
    }

    /// Serves the files of a folder to those who send this name and password, in base64.
    pub fn guarded(login: &'static str, folder: PathBuf) -> Self {
        let handler = move |path: &str| file(&folder, path);
        Self::start(Some(login), Duration::ZERO, Box::new(handler))
    }

    fn start(login: Option<&'static str>, delay: Duration, handler: Box<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(AtomicUsize::new(0));
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let shared = Arc::new(Shared {
            login,
            handler,
            delay,
            requests: requests.clone(),
            now: AtomicUsize::new(0),
            most_at_once: most_at_once.clone(),
            stop: stop.clone(),
        });
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stop.load(Ordering::Relaxed) {
                    break;
                }
                let shared = shared.clone();
                std::thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Self {
            port,
            stop,
            requests,
            most_at_once,
        }
    }

    /// Serves the files of a folder.
    pub fn of_folder(delay: Duration, folder: PathBuf) -> Self {
        Self::new(delay, move |path| file(&folder, path))
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many questions came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many of them were open at the same time.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::Relaxed)
    }
}

/// A file below a folder, or 404.
pub fn file(folder: &Path, path: &str) -> Reply {
    match std::fs::read(folder.join(path.trim_start_matches('/'))) {
        Ok(body) => Reply::Answer(200, body),
        Err(_) => Reply::Answer(404, b"404".to_vec()),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener waits for one more.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        let mut login = String::new();
        while reader.read_line(&mut line)? > 2 {
            if let Some(("authorization", sent)) = line.trim().to_lowercase().split_once(": ") {
                // Base64 has letters of both cases.
                login = line.trim()[line.trim().len() - sent.len()..].to_owned();
            }
            line.clear();
        }
        let path = first.split_whitespace().nth(1).unwrap_or("/").to_owned();
        shared.requests.fetch_add(1, Ordering::Relaxed);
        let now = shared.now.fetch_add(1, Ordering::Relaxed) + 1;
        shared.most_at_once.fetch_max(now, Ordering::Relaxed);
        if !shared.delay.is_zero() {
            std::thread::sleep(shared.delay);
        }
        let reply = match shared.login {
            Some(wanted) if login != format!("Basic {wanted}") => Reply::Answer(401, Vec::new()),
            _ => (shared.handler)(&path),
        };
        shared.now.fetch_sub(1, Ordering::Relaxed);
        match reply {
            Reply::Answer(status, body) => {
                // One write: a second one would wait for the acknowledgement of the first.
                let mut whole = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                )
                .into_bytes();
                whole.extend(body);
                writer.write_all(&whole)?;
            }
            Reply::Redirect(to) => {
                let head = format!("HTTP/1.1 302 X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                writer.write_all(head.as_bytes())?;
            }
            Reply::Hang => {
                // Until the other end gives up.
                let mut rest = String::new();
                reader.read_line(&mut rest)?;
                return Ok(());
            }
            Reply::Endless => {
                writer.write_all(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                loop {
                    writer.write_all(b"1000\r\n")?;
                    writer.write_all(&[b'x'; 0x1000])?;
                    writer.write_all(b"\r\n")?;
                }
            }
            Reply::Close => return Ok(()),
        }
    }
}
