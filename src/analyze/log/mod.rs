//! Build logs: Nix's internal-json event stream and plain text, of every release of Nix and Lix.
//!
//! No release writes the time of an event. Who runs Nix stamps what comes when it comes; a saved
//! log has stamps when it was saved by nixtune, or through `ts -s %.s`.

mod event;
mod lines;

pub use event::{Activity, Event, Field, Level, Outcome, plain_text, read_event};
pub use lines::{LINE_LIMIT_BYTES, Splitter};

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A saved log, unpacked on the way when it is packed with gzip.
///
/// # Errors
/// Its first bytes cannot be read.
pub fn unpacked<'r>(mut log: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    let mut first = [0; GZIP.len()];
    let mut filled = 0;
    while let Some(rest) = first.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match log.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    let begin = first.get(..filled).unwrap_or_default().to_vec();
    let is_packed = begin == GZIP;
    let whole = io::Cursor::new(begin).chain(log);
    Ok(if is_packed {
        Box::new(MultiGzDecoder::new(BufReader::new(whole)))
    } else {
        Box::new(whole)
    })
}

/// A moment in a log.
///
/// Moments can be compared within one log. They are seconds only when the log has stamps.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Moment {
    /// Seconds since the beginning of the run; the number of the line in a log without stamps.
    pub at: f64,
    /// The number of the line, from 0.
    pub line: u64,
}

/// Gives saved lines their moments.
#[derive(Debug, Default)]
pub struct Clock {
    lines: u64,
    is_stamped: bool,
    /// The first stamp, when stamps are times of the day.
    origin: Option<f64>,
    last: f64,
}

impl Clock {
    /// True when a line had a stamp.
    pub fn is_stamped(&self) -> bool {
        self.is_stamped
    }

    /// The moment of a line, and the line without its stamp.
    #[expect(clippy::cast_precision_loss, reason = "no log has 2^53 lines")]
    pub fn read<'l>(&mut self, line: &'l [u8]) -> (Moment, &'l [u8]) {
        let number = self.lines;
        self.lines += 1;
        if let Some((stamp, rest)) = stamp(line)
            && (self.is_stamped || (number == 0 || event::is_event(rest)))
        {
            self.is_stamped = true;
            // Above this it is the time of the day, in seconds since 1970.
            const A_DAY_IN_1973: f64 = 1e8;
            let origin =
                *self
                    .origin
                    .get_or_insert(if stamp > A_DAY_IN_1973 { stamp } else { 0.0 });
            // Clocks are set back while things run.
            self.last = self.last.max(stamp - origin);
            let moment = Moment {
                at: self.last,
                line: number,
            };
            return (moment, rest);
        }
        let at = if self.is_stamped {
            self.last
        } else {
            number as f64
        };
        (Moment { at, line: number }, line)
    }
}

/// `12.345678 rest`: the stamp in seconds, and the rest.
fn stamp(line: &[u8]) -> Option<(f64, &[u8])> {
    const LONGEST: usize = 24;
    let end = line.iter().take(LONGEST).position(|byte| *byte == b' ')?;
    let (word, rest) = line.split_at_checked(end)?;
    let text = std::str::from_utf8(word).ok()?;
    let (whole, part) = text.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() < 3 {
        return None;
    }
    Some((text.parse().ok()?, rest.get(1..)?))
}

/// A line as it is saved, with its stamp.
pub fn stamped(at_secs: f64, line: &[u8]) -> Vec<u8> {
    let mut out = format!("{at_secs:.6} ").into_bytes();
    out.extend_from_slice(line);
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        unpacked(Box::new(bytes))?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn logs_are_unpacked_when_they_are_packed() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"@nix {}\n").unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpack(&packed).unwrap(), b"@nix {}\n");
        assert_eq!(unpack(b"@nix {}\n").unwrap(), b"@nix {}\n");
        assert_eq!(unpack(b"\x1f").unwrap(), b"\x1f");
        assert_eq!(unpack(b"").unwrap(), b"");
        // Packed logs are appended to each other, too.
        assert_eq!(unpack(&packed.repeat(2)).unwrap(), b"@nix {}\n@nix {}\n");
        assert!(unpack(&packed[..packed.len() - 9]).is_err());
    }

    #[test]
    fn stamps_are_read_and_written() {
        let mut clock = Clock::default();
        let saved = stamped(1.5, b"@nix {}");
        let (moment, rest) = clock.read(saved.strip_suffix(b"\n").unwrap());
        assert_eq!((moment.at, rest), (1.5, b"@nix {}".as_slice()));
        // A line without a stamp came with the one before.
        assert_eq!(clock.read(b"plain").0.at, 1.5);
        // A clock that was set back does not turn time around.
        assert_eq!(clock.read(b"1.000000 plain").0.at, 1.5);
        assert!(clock.is_stamped());
    }

    #[test]
    fn times_of_the_day_count_from_the_first() {
        let mut clock = Clock::default();
        clock.read(b"1789900000.250 @nix {}");
        assert_eq!(clock.read(b"1789900001.500 @nix {}").0.at, 1.25);
    }

    #[test]
    fn without_stamps_there_is_order_only() {
        let mut clock = Clock::default();
        assert_eq!(clock.read(b"@nix {}").0.at, 0.0);
        let (moment, rest) = clock.read(b"1.500 is a number in a build's output");
        assert_eq!(moment.at, 1.0);
        assert_eq!(rest, b"1.500 is a number in a build's output");
        assert!(!clock.is_stamped());
    }
}
