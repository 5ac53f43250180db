//! Questions over HTTP, on one thread.

use std::error::Error as _;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, ClientBuilder, Url, Version};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::system::{FetchError, FetchLimits, Fetched, Fetcher, Protocol};

/// A server may ask for so long a pause before the next attempt; who asks for more is not asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Questions that share a connection over HTTP/2; servers allow a hundred at least (RFC 9113,
/// section 6.5.2).
const STREAMS: usize = 100;

/// Clients with their connections. Over HTTP/2 a client has one for each server.
pub(super) struct Session {
    clients: Vec<Client>,
    runtime: Runtime,
    limits: FetchLimits,
    /// What the last answer came by.
    protocol: Protocol,
}

/// One question's way to an answer.
#[derive(Clone)]
struct Question {
    client: Client,
    limits: FetchLimits,
    url: String,
    index: usize,
}

/// What an attempt came to.
enum Outcome {
    Answered(Fetched),
    /// Another attempt may help, after this pause if the server asks for one.
    Passing(Result<Fetched, FetchError>, Option<Duration>),
    Failed(FetchError),
}

impl Session {
    /// A client that keeps to `limits`.
    pub fn new(limits: FetchLimits) -> Result<Self, FetchError> {
        let failed = |message: String| FetchError::Connect(message);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        // Set already when there was a session before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            clients: vec![client(&limits)?],
            runtime,
            limits,
            protocol: Protocol::Http1,
        })
    }

    /// Has as many clients as `questions` at the same time need connections of.
    fn grow(&mut self, questions: usize) {
        let wanted = questions.div_ceil(STREAMS);
        while self.clients.len() < wanted
            && let Ok(another) = client(&self.limits)
        {
            self.clients.push(another);
        }
    }
}

/// The file of certificates that Nix takes before any other (`src/libstore/filetransfer.cc`,
/// `ssl-cert-file`).
const CERTIFICATES: &str = "NIX_SSL_CERT_FILE";

fn client(limits: &FetchLimits) -> Result<Client, FetchError> {
    if let Some(file) = std::env::var_os(CERTIFICATES).filter(|file| !file.is_empty()) {
        let wrong = |why: String| {
            let file = file.to_string_lossy();
            FetchError::Connect(format!("{CERTIFICATES} names {file}: {why}"))
        };
        let pem = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
        let trusted = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(words(error)))?;
        let client = builder(limits).tls_certs_only(trusted).build();
        return client.map_err(|error| wrong(words(error)));
    }
    builder(limits)
        .build()
        // A system without certificates can still ask caches that use no TLS.
        .or_else(|_| builder(limits).tls_certs_only([]).build())
        .map_err(|error| FetchError::Connect(words(error)))
}

impl Fetcher for Session {
    fn widen(&mut self, questions: usize) -> usize {
        self.grow(questions);
        self.clients.len()
    }

    fn fetch_all(
        &mut self,
        urls: &[String],
        at_once: usize,
        each: &mut dyn FnMut(usize, Result<Fetched, FetchError>),
    ) {
        let at_once = NonZeroUsize::new(at_once).map_or(1, NonZeroUsize::get);
        // Over HTTP/1.1 one client opens as many as it needs.
        if self.protocol == Protocol::Http2 {
            self.grow(at_once.min(urls.len()));
        }
        let (clients, limits) = (&self.clients, self.limits);
        let protocol = &mut self.protocol;
        let turns = clients.iter().cycle();
        let mut left = urls
            .iter()
            .enumerate()
            .zip(turns)
            .map(|((index, url), client)| Question {
                client: client.clone(),
                limits,
                url: url.clone(),
                index,
            });
        let give_up_after = self.limits.give_up_after.max(1);
        self.runtime.block_on(async {
            let mut running = JoinSet::new();
            let (mut answered, mut failed) = (0_usize, 0_usize);
            loop {
                while running.len() < at_once
                    && (answered > 0 || failed < give_up_after)
                    && let Some(question) = left.next()
                {
                    running.spawn(question.ask());
                }
                let Some(joined) = running.join_next().await else {
                    break;
                };
                // A task ends otherwise only by a panic, which is handed on.
                let (index, answer) = match joined {
                    Ok(done) => done,
                    Err(error) => match error.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        Err(_) => continue,
                    },
                };
                match &answer {
                    Ok(fetched) => {
                        answered += 1;
                        *protocol = fetched.protocol;
                    }
                    Err(_) => failed += 1,
                }
                each(index, answer);
            }
        });
        for question in left {
            each(question.index, Err(FetchError::GivenUp));
        }
    }
}

fn builder(limits: &FetchLimits) -> ClientBuilder {
    let most = limits.redirects;
    Client::builder()
        .user_agent(concat!("nixtune/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect)
        .timeout(limits.whole)
        .referer(false)
        .redirect(Policy::custom(move |attempt| follow(attempt, most)))
}

fn follow(attempt: Attempt<'_>, most: usize) -> reqwest::redirect::Action {
    let was_safe = attempt.previous().last().map(Url::scheme) == Some("https");
    if attempt.previous().len() > most {
        attempt.error(format!("is redirected more than {most} times"))
    } else if was_safe && attempt.url().scheme() != "https" {
        attempt.error("is redirected from https to an address without TLS")
    } else {
        attempt.follow()
    }
}

impl Question {
    async fn ask(self) -> (usize, Result<Fetched, FetchError>) {
        let mut attempt = 1;
        loop {
            let (answer, pause) = match self.attempt().await {
                Outcome::Answered(answer) => return (self.index, Ok(answer)),
                Outcome::Failed(error) => return (self.index, Err(error)),
                Outcome::Passing(answer, pause) => (answer, pause),
            };
            let pause = pause.unwrap_or_else(|| self.back_off(attempt));
            if attempt >= self.limits.attempts || pause > LONGEST_PAUSE {
                return (self.index, answer);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Twice as long each time, and spread, so that what failed together is not asked again together.
    fn back_off(&self, attempt: u32) -> Duration {
        let doubled = self
            .limits
            .back_off
            .saturating_mul(1 << (attempt - 1).min(10));
        let spread = u32::try_from(self.index % 16).unwrap_or(0);
        doubled * (16 + spread) / 32
    }

    async fn attempt(&self) -> Outcome {
        let started = Instant::now();
        let mut response = match self.client.get(&self.url).send().await {
            Ok(response) => response,
            Err(error) => return self.failure(error),
        };
        let status = response.status().as_u16();
        let protocol = match response.version() {
            Version::HTTP_2 => Protocol::Http2,
            _ => Protocol::Http1,
        };
        let asked_pause = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(error) => return self.failure(error),
            }
            if body.len() as u64 > self.limits.body_bytes {
                return Outcome::Failed(FetchError::TooLong(self.limits.body_bytes));
            }
        }
        let fetched = Fetched {
            status,
            protocol,
            body,
            took: started.elapsed(),
        };
        match status {
            429 | 500 | 502 | 503 | 504 => Outcome::Passing(Ok(fetched), asked_pause),
            _ => Outcome::Answered(fetched),
        }
    }

    fn failure(&self, error: reqwest::Error) -> Outcome {
        if error.is_builder() {
            Outcome::Failed(FetchError::Address(words(error)))
        } else if error.is_redirect() {
            Outcome::Failed(FetchError::Redirected(words(error)))
        } else if error.is_timeout() {
            let limit = if error.is_connect() {
                self.limits.connect
            } else {
                self.limits.whole
            };
            // It waited long enough.
            Outcome::Failed(FetchError::TimedOut(limit))
        } else if error.is_connect() {
            Outcome::Passing(Err(FetchError::Connect(words(error))), None)
        } else {
            Outcome::Passing(Err(FetchError::Broken(words(error))), None)
        }
    }
}

/// The innermost cause, without the address: it may hold a password.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}
