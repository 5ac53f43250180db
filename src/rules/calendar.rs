//! systemd's calendar events (systemd.time(7)): whether one can be read, and how often it comes
//! back. [`super::schedule`] holds the plain ones, which have a counterpart in launchd.

/// What systemd makes of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// A calendar event.
    Readable(Pace),
    /// Nothing: the timer ignores it.
    Unreadable,
    /// Depends on what is not known: a time zone's name, a specifier, the release of systemd.
    Unsure,
}

/// How often an event comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pace {
    /// True when no date and no weekday keeps it from running on a day.
    pub every_day: bool,
    /// Runs on a day on which it runs.
    pub runs: u32,
}

const SECONDS_OF_DAY: u32 = 24 * 60 * 60;

/// Words that stand for a whole event; systemd reads them in either case.
const WORDS: [(&str, Pace); 12] = [
    ("minutely", every_day(24 * 60)),
    ("hourly", every_day(24)),
    ("daily", every_day(1)),
    ("weekly", some_days()),
    ("monthly", some_days()),
    ("quarterly", some_days()),
    ("semiannually", some_days()),
    ("semi-annually", some_days()),
    ("biannually", some_days()),
    ("bi-annually", some_days()),
    ("annually", some_days()),
    ("yearly", some_days()),
];

const fn every_day(runs: u32) -> Pace {
    Pace {
        every_day: true,
        runs,
    }
}

const fn some_days() -> Pace {
    Pace {
        every_day: false,
        runs: 1,
    }
}

impl Event {
    /// Reads what stands behind `OnCalendar=`.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        // An empty value takes earlier ones back, and `%` begins a specifier.
        if text.is_empty() || !text.is_ascii() || text.contains(['%', '\n', '\t']) {
            return Self::Unsure;
        }
        let (body, zone) = match text.rsplit_once(' ') {
            Some((body, last)) if last.eq_ignore_ascii_case("utc") => (body, None),
            Some((body, last)) if is_zone(last) => (text, Some(body)),
            _ => (text, None),
        };
        match (event(body), zone.map(event)) {
            (Ok(pace), _) => Self::Readable(pace),
            (Err(Refused::Perhaps), _) | (_, Some(Ok(_) | Err(Refused::Perhaps))) => Self::Unsure,
            _ => Self::Unreadable,
        }
    }
}

/// True for what may be the name of a time zone, which only the machine can tell.
fn is_zone(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_+-/".contains(c))
        && weekday(word).is_none()
}

/// Why a text is no event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refused {
    /// systemd cannot read it.
    Surely,
    /// Some releases may.
    Perhaps,
}

fn event(text: &str) -> Result<Pace, Refused> {
    if let Some((_, pace)) = WORDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
    {
        return Ok(*pace);
    }
    // An old misspelling that systemd keeps.
    if text.eq_ignore_ascii_case("anually") {
        return Ok(some_days());
    }
    if let Some(seconds) = text.strip_prefix('@') {
        let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
        return match is_number {
            true => Ok(some_days()),
            // Blanks before it are read over.
            false if seconds.starts_with(' ') => Err(Refused::Perhaps),
            false => Err(Refused::Surely),
        };
    }
    let (all_weekdays, rest) = weekdays(text)?;
    let mut cursor = Cursor(rest.trim_start_matches(' '));
    let all_dates = date(&mut cursor)?;
    Ok(Pace {
        every_day: all_weekdays && all_dates,
        runs: time(&mut cursor)?,
    })
}

/// Position of a weekday's English name in the week, Monday first.
fn weekday(name: &str) -> Option<u32> {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let name = name.to_ascii_lowercase();
    NAMES
        .iter()
        .position(|full| *full == name || full.get(..3) == Some(name.as_str()))
        .and_then(|index| u32::try_from(index).ok())
}

/// The weekdays at the beginning: whether they are all days of the week, and what follows.
/// Without any, all of them.
fn weekdays(text: &str) -> Result<(bool, &str), Refused> {
    let (list, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !list.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok((true, text));
    }
    let mut days: u32 = 0;
    // One comma at the end is allowed.
    for item in list.strip_suffix(',').unwrap_or(list).split(',') {
        let (first, last) = item
            .split_once("..")
            .or_else(|| item.split_once('-'))
            .unwrap_or((item, item));
        let (Some(first), Some(last)) = (weekday(first), weekday(last)) else {
            return Err(Refused::Surely);
        };
        if first > last {
            return Err(Refused::Surely);
        }
        days |= (first..=last).fold(0, |days, day| days | 1 << day);
    }
    Ok((days == 0b111_1111, rest))
}

/// What is left to read.
struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn next(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn eat(&mut self, what: &str) -> bool {
        let rest = self.0.strip_prefix(what);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digits(&mut self) -> Result<&str, Refused> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end).unwrap_or(("", self.0));
        self.0 = rest;
        if digits.is_empty() {
            Err(Refused::Surely)
        } else {
            Ok(digits)
        }
    }

    fn number(&mut self) -> Result<u32, Refused> {
        self.digits()?.parse().map_err(|_| Refused::Surely)
    }

    /// `*`, or numbers, ranges and repetitions, separated by commas. `whole` is false
    /// where numbers may have a fraction.
    fn chain(&mut self, whole: bool) -> Result<Chain, Refused> {
        if self.eat("*") {
            return Ok(Chain(None));
        }
        let mut parts = Vec::new();
        loop {
            let (start, mut fraction) = self.amount(whole)?;
            let mut more = |cursor: &mut Self, mark: &str| -> Result<Option<u32>, Refused> {
                if !cursor.eat(mark) {
                    return Ok(None);
                }
                let (number, has_fraction) = cursor.amount(whole)?;
                fraction |= has_fraction;
                Ok(Some(number))
            };
            let stop = more(self, "..")?;
            let step = more(self, "/")?;
            parts.push(Part {
                start,
                stop,
                step,
                fraction,
            });
            match self.next() {
                Some(',') => {
                    self.eat(",");
                }
                None | Some(' ' | '-' | '~' | ':') => return Ok(Chain(Some(parts))),
                Some(_) => return Err(Refused::Surely),
            }
        }
    }

    /// A number, and whether it has a fraction, which may stand where it is not `whole`.
    fn amount(&mut self, whole: bool) -> Result<(u32, bool), Refused> {
        let number = self.number()?;
        let fraction = !whole && self.0.starts_with('.') && !self.0.starts_with("..");
        if fraction {
            self.eat(".");
            self.digits()?;
        }
        Ok((number, fraction))
    }
}

/// The values of one field; `None` for all.
struct Chain(Option<Vec<Part>>);

struct Part {
    start: u32,
    stop: Option<u32>,
    step: Option<u32>,
    /// One of the numbers has a fraction.
    fraction: bool,
}

impl Part {
    const fn is_single(&self) -> bool {
        self.stop.is_none() && self.step.is_none()
    }
}

impl Chain {
    /// How many values between `from` and `to` it has.
    fn count(&self, from: u32, to: u32) -> Result<u32, Refused> {
        let Some(parts) = &self.0 else {
            return Ok(to - from + 1);
        };
        // No field has more than sixty values; years are not counted.
        let mut values: u64 = 0;
        for part in parts {
            let within = |value: u32| (from..=to).contains(&value);
            let stop = match (part.stop, part.step) {
                (Some(stop), _) => stop,
                (None, Some(_)) => to,
                (None, None) => part.start,
            };
            let step = part.step.unwrap_or(1);
            if !within(part.start) || !within(stop) || part.start > stop || step == 0 {
                return Err(Refused::Surely);
            }
            if part.stop.is_some() && (step > stop - part.start || part.fraction) {
                // Releases differ on steps that leave their range.
                return Err(Refused::Perhaps);
            }
            if part.step.is_some() && part.start + step > to {
                return Err(Refused::Surely);
            }
            let mut value = part.start;
            while value <= stop {
                values |= 1u64.checked_shl(value - from).unwrap_or(0);
                value += step;
            }
        }
        Ok(values.count_ones())
    }

    const fn is_any(&self) -> bool {
        self.0.is_none()
    }
}

/// Reads a date, if there is one; true when it leaves out no day.
fn date(cursor: &mut Cursor<'_>) -> Result<bool, Refused> {
    if cursor.0.is_empty() {
        return Ok(true);
    }
    let begin = cursor.0;
    let first = cursor.chain(true)?;
    let mut from_end = match cursor.next() {
        // It was an hour.
        None | Some(':') => {
            cursor.0 = begin;
            return Ok(true);
        }
        Some('-') => false,
        Some('~') => true,
        Some(_) => return Err(Refused::Surely),
    };
    cursor.eat(if from_end { "~" } else { "-" });
    let second = cursor.chain(true)?;
    let (year, month, day) = match cursor.next() {
        None | Some(' ') => (Chain(None), first, second),
        _ if from_end => return Err(Refused::Surely),
        Some(separator @ ('-' | '~')) => {
            from_end = separator == '~';
            cursor.eat(if from_end { "~" } else { "-" });
            (first, second, cursor.chain(true)?)
        }
        Some(_) => return Err(Refused::Surely),
    };
    if !matches!(cursor.next(), None | Some(' ')) {
        return Err(Refused::Surely);
    }
    cursor.0 = cursor.0.trim_start_matches(' ');
    month.count(1, 12)?;
    match &day.0 {
        // Counted from the end, ranges, steps and lists have bounds of their own.
        Some(parts) if from_end && !matches!(parts.as_slice(), [part] if part.is_single()) => {
            return Err(Refused::Perhaps);
        }
        _ => day.count(1, if from_end { 28 } else { 31 })?,
    };
    let is_far = |year: &u32| *year >= 100 && !(1970..=2199).contains(year);
    let years = year.0.iter().flatten();
    if years
        .flat_map(|part| [Some(part.start), part.stop])
        .flatten()
        .any(|year| is_far(&year))
    {
        return Err(Refused::Perhaps);
    }
    Ok(year.is_any() && month.is_any() && day.is_any())
}

/// Reads the time of day: how many times that is on a day. Without one, midnight.
fn time(cursor: &mut Cursor<'_>) -> Result<u32, Refused> {
    if cursor.0.is_empty() {
        return Ok(1);
    }
    let hours = cursor.chain(true)?.count(0, 23)?;
    if !cursor.eat(":") {
        return Err(Refused::Surely);
    }
    let minutes = cursor.chain(true)?.count(0, 59)?;
    let seconds = if cursor.eat(":") {
        cursor.chain(false)?.count(0, 59)?
    } else {
        1
    };
    if !cursor.0.is_empty() {
        return Err(Refused::Surely);
    }
    Ok((hours * minutes * seconds).min(SECONDS_OF_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `systemd-analyze calendar` of systemd 252 accepts.
    const READABLE: [&str; 40] = [
        "daily",
        "Weekly",
        "mon",
        "Mon..Fri",
        "Mon,Tue 03:00",
        "*:0/15",
        "3:15",
        "03:15:30",
        "daily UTC",
        "03:00 UTC",
        "3:00 utc",
        "2026-01-01",
        "quarterly",
        "semi-annually",
        "bi-annually",
        "minutely",
        "Mon-Fri",
        "@1234",
        "03,09,15,21:15",
        "*-*-* 00/3:00:00",
        "3:5",
        "*-*",
        "1-1",
        "*-02-30",
        "*:*:*",
        "1..5:00",
        "00:00:00.5",
        "*-*-* *:00,30",
        "Mon *-05~03",
        "Sun,",
        "Mon..Wed,Fri 1:00",
        "mon..monday",
        "*-*-* 0/23:00",
        "Mon *-*-*  03:00",
        "99-1-1",
        "*-*~01",
        "*~28",
        "3:00:00..30/5",
        "*-1,7-1",
        "Sun *-*-1..7 18:00",
    ];

    /// What it refuses.
    const UNREADABLE: [&str; 46] = [
        "bi-weekly",
        "3",
        "03",
        "0 3 * * *",
        "Sunday 3am",
        "*-*-~01",
        "Sun *-*-* 24:00",
        "*-13-01",
        "25:00",
        "*",
        "Mon - Fri",
        "Mon..",
        "Mon, Tue",
        "everyday",
        "every day",
        "*-*-32",
        "::",
        "weekly 03:00",
        "daily 03:00",
        "*-*-* */6:00:00",
        "*/15:00",
        "0/60:00",
        "00:0/60",
        "0/24:00",
        "Mon,,Tue",
        ",Mon",
        "Sun..Mon",
        "Mondays",
        "mon,*-*-* 3:00",
        "*-*~29",
        "1,2,:00",
        "3:00:60",
        "3: 00",
        "@12 3",
        "@",
        "UTC",
        "daily Sun",
        "*-*-* Sun",
        "Jan 1",
        "nightly",
        "3:00:",
        "*-*-*T03:00",
        "1 1:00",
        "3:00-4:00",
        "Mon..Wed..Fri",
        "Mon.Fri",
    ];

    #[test]
    fn events_are_told_apart_as_systemd_does() {
        for text in READABLE {
            assert!(matches!(Event::read(text), Event::Readable(_)), "{text}");
        }
        for text in UNREADABLE {
            assert_eq!(Event::read(text), Event::Unreadable, "{text}");
        }
    }

    #[test]
    fn what_only_the_machine_can_tell_is_not_judged() {
        for text in [
            "",
            "daily Europe/Berlin",
            "05:40 Foo/Bar",
            "%i",
            "2300-1-1",
            "täglich",
            "5..5:00",
            "3..4/5:00",
            "*-*~1..3",
        ] {
            assert_eq!(Event::read(text), Event::Unsure, "{text}");
        }
    }

    #[test]
    fn runs_of_a_day_are_counted() {
        for (text, every_day, runs) in [
            ("daily", true, 1),
            ("hourly", true, 24),
            ("*:0/15", true, 96),
            ("03,09,15,21:15", true, 4),
            ("*-*-* 00/3:00:00", true, 8),
            ("Mon..Sun 03:00", true, 1),
            ("weekly", false, 1),
            ("Mon..Fri *:00", false, 24),
            ("*-*-01 03:00", false, 1),
            ("*:*:*", true, 86_400),
            ("*:0,0,30", true, 48),
        ] {
            assert_eq!(
                Event::read(text),
                Event::Readable(Pace { every_day, runs }),
                "{text}"
            );
        }
    }
}
