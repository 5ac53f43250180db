//! What is asked over HTTP: many small answers, within bounds.

use std::fmt;
use std::time::Duration;

use crate::units::Bytes;

/// How far a question may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FetchLimits {
    /// The longest answer, in bytes.
    pub body_bytes: u64,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long an answer may take from the question to its last byte.
    pub whole: Duration,
    /// How many redirections are followed.
    pub redirects: usize,
    /// How often a question is asked before its failure counts; at least once.
    pub attempts: u32,
    /// How long the second attempt waits; each further one twice as long.
    pub back_off: Duration,
    /// After so many failures in a row and no answer at all, the remaining questions are not asked.
    pub give_up_after: usize,
}

impl Default for FetchLimits {
    /// For answers of binary caches: 1 MiB, 5 s, three attempts.
    fn default() -> Self {
        Self {
            body_bytes: Bytes::MIB,
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(10),
            redirects: 5,
            attempts: 3,
            back_off: Duration::from_millis(200),
            give_up_after: 8,
        }
    }
}

/// The version of HTTP that an answer came by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Protocol {
    /// HTTP/1.0 or 1.1: one question at a time on each connection.
    Http1,
    /// HTTP/2: many at a time on one.
    Http2,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        })
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// The status; 404 is an answer as well.
    pub status: u16,
    /// What it came by.
    pub protocol: Protocol,
    /// The whole body.
    pub body: Vec<u8>,
    /// From the question of the last attempt to the last byte.
    pub took: Duration,
}

/// Why there is no answer. The text does not name the address: who asked knows it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be asked.
    #[error("is no address that can be asked: {0}")]
    Address(String),
    /// No connection came about.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer did not come, or not to its end.
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// More bytes than may be.
    #[error("the answer is longer than {}", Bytes(*.0))]
    TooLong(u64),
    /// It leads elsewhere again and again, or from TLS to none.
    #[error("{0}")]
    Redirected(String),
    /// The connection broke, or what came is no HTTP.
    #[error("no whole answer: {0}")]
    Broken(String),
    /// Not asked, because none of the questions before was answered.
    #[error("not asked, because nothing was answered before")]
    GivenUp,
}

/// Asks, and keeps its connections between batches of questions.
pub trait Fetcher: Send {
    /// Has connections for so many questions at the same time, if the server speaks HTTP/2: as many as
    /// come back. Each of the next questions opens one.
    fn widen(&mut self, questions: usize) -> usize {
        let _ = questions;
        1
    }

    /// Asks all `urls`, at most `at_once` of them at the same time, and hands over each answer with
    /// its index as it comes. Over HTTP/2 a hundred share a connection.
    fn fetch_all(
        &mut self,
        urls: &[String],
        at_once: usize,
        each: &mut dyn FnMut(usize, Result<Fetched, FetchError>),
    );
}
