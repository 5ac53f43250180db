//! `nixtune generate maintenance`: garbage collection and store optimization on a schedule.

use std::path::PathBuf;

use serde::Serialize;

use super::row::{Entry, bytes_in_nix, lines};
use super::settings::{kept_for, older_than, thresholds};
use super::template::render;
use super::{GenerateError, Generated, GeneratedFile, Row, Sink, Subject};
use crate::facts::Os;
use crate::tune::{Days, Profile};

/// When garbage is collected.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Schedule {
    /// Every night.
    Daily,
    /// Every Sunday.
    Weekly,
    /// When the disk fills; once a month for the generations, which no disk space makes garbage.
    FreeSpace,
}

impl Schedule {
    /// Every schedule, in the order of lists.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::FreeSpace];

    /// The word that `--schedule` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::FreeSpace => "free-space",
        }
    }

    /// Whether a machine can have it.
    pub fn is_for(self, subject: &Subject) -> bool {
        refuse(subject, self).is_ok()
    }

    /// What fits a machine: servers fill their disks every day, what people work at does not.
    pub fn for_subject(subject: &Subject) -> Self {
        match subject.usage.upkeep_profile(&subject.host) {
            Profile::Server | Profile::Ci => Self::Daily,
            Profile::Interactive | Profile::Battery | Profile::LowMemory => Self::Weekly,
        }
    }
}

/// What is wanted beside what the machine decides.
#[derive(Clone, Debug)]
pub struct Maintenance {
    /// Write the reason of each value in a comment.
    pub explain: bool,
    /// When; `None` leaves it to [`Schedule::for_subject`].
    pub schedule: Option<Schedule>,
    /// How long generations are kept; `None` leaves it to the recommendation.
    pub retention: Option<Days>,
}

/// The rows that are shown, and the files.
///
/// # Errors
/// A schedule that what reads the file cannot have.
pub fn maintenance(
    subject: &Subject,
    wanted: &Maintenance,
) -> Result<(Vec<Row>, Generated), GenerateError> {
    let schedule = wanted
        .schedule
        .unwrap_or_else(|| Schedule::for_subject(subject));
    refuse(subject, schedule)?;
    let mut rows = Vec::new();
    let collects_itself = subject.is_determinate();
    let sets_thresholds = match subject.sink {
        Sink::NixDarwin | Sink::Nixos => schedule == Schedule::FreeSpace,
        // Nothing else keeps the disk free between two runs.
        Sink::NixConf => !collects_itself,
        Sink::HomeManager | Sink::Determinate | Sink::Flake => false,
    };
    let mut settings = Vec::new();
    if sets_thresholds {
        for (name, amount, row) in thresholds(subject) {
            settings.push(Entry {
                name,
                nix: bytes_in_nix(amount),
                conf: amount.0.to_string(),
                comment: row.comment(wanted.explain),
            });
            rows.push(row);
        }
    }
    let (days, kept) = kept_for(subject, wanted.retention);
    let moments = Moments::of(schedule, subject);
    let job = |moment: &Moment, reason: &str| Job {
        calendar: moment.calendar(),
        interval: moment.interval(),
        comment: lines(&format!("{}: {reason}", moment.in_words()), wanted.explain),
    };
    let collecting = if collects_itself || subject.sink == Sink::HomeManager {
        "what old generations keep becomes garbage"
    } else {
        schedule.reason()
    };
    let optimizes = !collects_itself && subject.sink != Sink::HomeManager;
    let what = if optimizes {
        "garbage collection"
    } else {
        "deletion of generations"
    };
    let when = moments.gc.in_words();
    rows.push(Row::plain(what, &when, collecting.to_owned()));
    rows.push(Row {
        name: "generations".to_owned(),
        ..kept.clone()
    });
    let linking = "an hour after the collection, so that nothing is linked that is deleted next";
    if optimizes {
        rows.push(Row::plain(
            "store optimization",
            &moments.optimise.in_words(),
            linking.to_owned(),
        ));
    }
    let values = Values {
        host: &subject.host.name,
        hardware: subject.hardware(),
        explain: wanted.explain,
        settings,
        gc: job(&moments.gc, collecting),
        optimise: job(&moments.optimise, linking),
        options: older_than(days),
        days: days.to_string(),
        retention: kept.comment(wanted.explain),
        dates_name: subject.gc_dates_name(),
        programs: "/nix/var/nix/profiles/default/bin",
    };
    let made = files(subject, optimizes)
        .into_iter()
        .map(|(template, path)| {
            Ok(GeneratedFile {
                path: Some(PathBuf::from(path)),
                text: render(template, &values)?,
            })
        })
        .collect::<Result<Vec<_>, GenerateError>>()?;
    let next = steps(subject, optimizes, !values.settings.is_empty());
    Ok((rows, Generated { files: made, next }))
}

impl Schedule {
    /// Why this often.
    const fn reason(self) -> &'static str {
        match self {
            Self::Daily => "what is built every day is collected every night",
            Self::Weekly => "often enough for what one person builds",
            Self::FreeSpace => {
                "for the generations alone; in between, builds collect when the disk fills"
            }
        }
    }
}

fn refuse(subject: &Subject, schedule: Schedule) -> Result<(), GenerateError> {
    let refused = |text: &str| Err(GenerateError::Nothing(text.to_owned()));
    if subject.sink == Sink::Flake {
        return refused(
            "a flake's nixConfig holds no schedule; give `--for` the system, home-manager or nix-conf",
        );
    }
    if schedule != Schedule::FreeSpace {
        return Ok(());
    }
    if subject.sink == Sink::HomeManager {
        return refused(
            "how much disk stays free (min-free, max-free) is decided by the system, not by a home; \
             give `--schedule daily` or `weekly`, or `--for` the system",
        );
    }
    if subject.is_determinate() {
        return refused(
            "Determinate Nixd collects by free disk space already; `--schedule daily` or `weekly` is \
             for the generations that it does not delete",
        );
    }
    if thresholds(subject).is_empty() {
        return refused(
            "the disk of the store is under 12 GiB, too small to keep a part of it free; give \
             `--schedule daily` or `weekly`",
        );
    }
    Ok(())
}

/// What the templates know.
#[derive(Serialize)]
struct Values<'a> {
    host: &'a str,
    hardware: String,
    explain: bool,
    settings: Vec<Entry>,
    gc: Job,
    optimise: Job,
    /// `--delete-older-than 30d`
    options: String,
    /// `30d`
    days: String,
    /// Why that long.
    retention: Vec<String>,
    /// What home-manager calls the schedule.
    dates_name: &'static str,
    /// Where an installer puts Nix's programs.
    programs: &'static str,
}

#[derive(Serialize)]
struct Job {
    /// As systemd writes it.
    calendar: String,
    /// As launchd writes it.
    interval: Vec<(&'static str, u8)>,
    comment: Vec<String>,
}

/// When a job starts, local time.
struct Moment {
    day: Day,
    hour: u8,
    minute: u8,
}

#[derive(Clone, Copy)]
enum Day {
    Every,
    Sunday,
    FirstOfMonth,
}

impl Moment {
    fn in_words(&self) -> String {
        let day = match self.day {
            Day::Every => "every day",
            Day::Sunday => "every Sunday",
            Day::FirstOfMonth => "the first of every month",
        };
        format!("{day} at {:02}:{:02}", self.hour, self.minute)
    }

    fn calendar(&self) -> String {
        let day = match self.day {
            Day::Every => "",
            Day::Sunday => "Sun ",
            Day::FirstOfMonth => "*-*-01 ",
        };
        format!("{day}{:02}:{:02}", self.hour, self.minute)
    }

    /// Hour and Minute always: a key that is missing means every one of them.
    fn interval(&self) -> Vec<(&'static str, u8)> {
        let mut keys = match self.day {
            Day::Every => Vec::new(),
            Day::Sunday => vec![("Weekday", 7)],
            Day::FirstOfMonth => vec![("Day", 1)],
        };
        keys.extend([("Hour", self.hour), ("Minute", self.minute)]);
        keys
    }
}

struct Moments {
    gc: Moment,
    optimise: Moment,
}

impl Moments {
    fn of(schedule: Schedule, subject: &Subject) -> Self {
        let day = match schedule {
            Schedule::Daily => Day::Every,
            Schedule::Weekly => Day::Sunday,
            Schedule::FreeSpace => Day::FirstOfMonth,
        };
        // With systemd the collection starts up to half an hour late.
        let optimise_minute = if subject.os() == Some(Os::Darwin) {
            15
        } else {
            45
        };
        Self {
            gc: Moment {
                day,
                hour: 3,
                minute: 15,
            },
            optimise: Moment {
                day,
                hour: 4,
                minute: optimise_minute,
            },
        }
    }
}

/// Templates with the names of what they become; modules go where the engine finds their folder.
fn files(subject: &Subject, optimizes: bool) -> Vec<(&'static str, &'static str)> {
    let module = "nix-maintenance.nix";
    let is_darwin = subject.os() == Some(Os::Darwin);
    match subject.sink {
        Sink::NixDarwin => vec![("maintenance/nix-darwin.nix.j2", module)],
        Sink::Nixos => vec![("maintenance/nixos.nix.j2", module)],
        Sink::HomeManager if is_darwin => vec![("maintenance/home-manager-darwin.nix.j2", module)],
        Sink::HomeManager => vec![("maintenance/home-manager.nix.j2", module)],
        Sink::Determinate => vec![("maintenance/determinate.nix.j2", module)],
        // Refused before.
        Sink::Flake => Vec::new(),
        Sink::NixConf => {
            let mut files = Vec::new();
            if optimizes {
                files.push(("maintenance/maintenance.conf.j2", "maintenance.conf"));
            }
            if is_darwin {
                files.push(("maintenance/local.nix-gc.plist.j2", "local.nix-gc.plist"));
                if optimizes {
                    files.push((
                        "maintenance/local.nix-optimise.plist.j2",
                        "local.nix-optimise.plist",
                    ));
                }
            } else {
                files.push(("maintenance/nix-gc.service.j2", "nix-gc.service"));
                files.push(("maintenance/nix-gc.timer.j2", "nix-gc.timer"));
                if optimizes {
                    files.push((
                        "maintenance/nix-optimise.service.j2",
                        "nix-optimise.service",
                    ));
                    files.push(("maintenance/nix-optimise.timer.j2", "nix-optimise.timer"));
                }
            }
            files
        }
    }
}

/// What the user does with the files.
fn steps(subject: &Subject, optimizes: bool, has_conf: bool) -> Vec<String> {
    let mut steps = Vec::new();
    match subject.sink {
        Sink::NixConf => {
            if has_conf {
                steps.push(
                    "from the folder of the files: sudo install -m 644 maintenance.conf /etc/nix/ && echo '!include maintenance.conf' \
                     | sudo tee -a /etc/nix/nix.conf"
                        .to_owned(),
                );
            }
            if subject.os() == Some(Os::Darwin) {
                for name in ["gc", "optimise"]
                    .into_iter()
                    .take(1 + usize::from(optimizes))
                {
                    steps.push(format!(
                        "from the folder of the files: sudo install -m 644 -o root -g wheel local.nix-{name}.plist \
                         /Library/LaunchDaemons/ && sudo launchctl bootstrap system \
                         /Library/LaunchDaemons/local.nix-{name}.plist"
                    ));
                }
            } else {
                let (units, timers) = if optimizes {
                    (
                        "nix-gc.service nix-gc.timer nix-optimise.service nix-optimise.timer",
                        "nix-gc.timer nix-optimise.timer",
                    )
                } else {
                    ("nix-gc.service nix-gc.timer", "nix-gc.timer")
                };
                steps.push(format!(
                    "from the folder of the files: sudo install -m 644 {units} /etc/systemd/system/ && sudo systemctl \
                     daemon-reload && sudo systemctl enable --now {timers}"
                ));
                steps.push(
                    "where Nix is a package of the distribution its programs lie in /usr/bin: \
                     correct ExecStart"
                        .to_owned(),
                );
            }
        }
        Sink::Flake => {}
        Sink::Determinate => steps.push("import the module in the configuration".to_owned()),
        _ => steps.push(
            "import the module in the configuration, and take other definitions of nix.gc and \
             nix.optimise out of it"
                .to_owned(),
        ),
    }
    steps
}
