//! Remote builders: the machines of `buildMachines` and the lines of `builders`, in one form.
//!
//! A module writes each machine of `buildMachines` as a line of the machines file; a line has
//! eight columns (Nix `src/libstore/machines.cc`, nix-darwin `modules/nix/default.nix`, NixOS
//! `nixos/modules/config/nix-remote-build.nix`). What is not known of a machine stays unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::machine::place_in;
use super::{Condition, Definition, MachineView, OptionPath, Priority, Workspace};
use crate::catalog::Catalog;
use crate::eval::{Traced, Value};
use crate::syntax::machines::{self, ssh_authority, unsigned};
use crate::syntax::{base64_digits, words};
use crate::text::Place;

/// Options that list build machines: of nix-darwin, NixOS and home-manager; of Determinate's
/// nix-darwin module under its present and its former name.
const MACHINE_LISTS: [&str; 3] = [
    "nix.buildMachines",
    "determinateNix.buildMachines",
    "determinate-nix.buildMachines",
];

/// A part of a builder.
#[derive(Clone, PartialEq, Debug)]
pub enum Part<T> {
    /// Left out, `null` or `-`: the default counts.
    Unset,
    /// Given, with the text that stands for it.
    Known(T, Option<Place>),
    /// Perhaps given; what is not known.
    Unknown,
}

impl<T> Part<T> {
    /// The value, when one is given and known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value, _) => Some(value),
            _ => None,
        }
    }

    /// Where the value stands.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Known(_, place) => *place,
            _ => None,
        }
    }

    /// True when it is certainly left out.
    pub fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    /// The value, or `default` where it is left out; `None` where it is not known.
    pub fn or_default(&self, default: T) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Unset => Some(default),
            Self::Known(value, _) => Some(value.clone()),
            Self::Unknown => None,
        }
    }
}

/// The columns of a line, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    /// The store's URI.
    Uri,
    /// Systems, separated by commas.
    Systems,
    /// The file of the private SSH key.
    Key,
    /// Builds at once.
    MaxJobs,
    /// Speed factor.
    Speed,
    /// Supported features, separated by commas.
    Features,
    /// Mandatory features, separated by commas.
    Mandatory,
    /// The public host key, a line of `ssh_host_*_key.pub` in base64.
    HostKey,
}

impl Column {
    /// All, in the order of a line.
    pub const ALL: [Self; 8] = [
        Self::Uri,
        Self::Systems,
        Self::Key,
        Self::MaxJobs,
        Self::Speed,
        Self::Features,
        Self::Mandatory,
        Self::HostKey,
    ];

    /// What it holds, in words that follow "the column".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Uri => "store URI",
            Self::Systems => "systems",
            Self::Key => "SSH key",
            Self::MaxJobs => "max jobs",
            Self::Speed => "speed factor",
            Self::Features => "supported features",
            Self::Mandatory => "mandatory features",
            Self::HostKey => "public host key",
        }
    }

    /// Its place in the line, counted from 1.
    pub fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|column| *column == self)
            .map_or(0, |at| at + 1)
    }
}

/// Why Nix does not read a column as it is meant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Fault {
    /// No store URI.
    NoUri,
    /// Not an unsigned number of 32 bits.
    NotUnsigned,
    /// Not a number.
    NotNumber,
    /// A number below zero.
    Negative,
    /// A number with a fraction or an exponent, which old releases refuse.
    Fraction,
    /// This character is not base64.
    NotBase64(char),
    /// A blank in the value begins another column.
    Blank,
    /// An empty value leaves no column, so that the next one takes its place.
    Empty,
    /// This many columns after the eighth, which Nix does not look at.
    Surplus(usize),
}

/// A column that Nix does not read as it is meant.
#[derive(Clone, PartialEq, Debug)]
pub struct Misread {
    /// Which.
    pub column: Column,
    /// Why.
    pub fault: Fault,
    /// The value.
    pub text: Arc<str>,
    /// Where it stands, as exactly as is known.
    pub place: Option<Place>,
}

/// One remote builder.
#[derive(Clone, PartialEq, Debug)]
pub struct Builder<'m> {
    /// The definition that lists it.
    pub definition: &'m Definition,
    /// True for an entry of `buildMachines`, false for a line of `builders`.
    pub is_option: bool,
    /// The set or the line.
    pub place: Option<Place>,
    /// False under a condition that is not decided.
    pub unconditional: bool,
    /// False for one of a few sets, depending on what is not known: another one may have what this
    /// one leaves out.
    pub is_whole: bool,
    /// `ssh`, `ssh-ng` …; unset where a line gives no scheme, which stands for `ssh`.
    pub scheme: Part<Arc<str>>,
    /// The host's name, without user, port and parameters; unset for a store that is not remote.
    pub host: Part<Arc<str>>,
    /// The user to log in as.
    pub user: Part<Arc<str>>,
    /// Systems that it builds for.
    pub systems: Part<Vec<Arc<str>>>,
    /// The file of the private key.
    pub ssh_key: Part<Arc<str>>,
    /// Builds at once.
    pub max_jobs: Part<u64>,
    /// How fast it is beside others.
    pub speed_factor: Part<f64>,
    /// Features that it supports.
    pub features: Part<Vec<Arc<str>>>,
    /// Features that a build must ask for.
    pub mandatory: Part<Vec<Arc<str>>>,
    /// The public host key.
    pub host_key: Part<Arc<str>>,
    /// Columns that Nix does not read as they are meant.
    pub misread: Vec<Misread>,
}

impl Builder<'_> {
    /// Where to speak of it as a whole: its host's name, else all of it.
    pub fn shown_at(&self) -> Option<Place> {
        self.host
            .place()
            .or(self.place)
            .or(self.definition.value.site)
            .or_else(|| self.definition.place())
    }

    /// How to call it: its host's name, where that is known.
    pub fn name(&self) -> &str {
        self.host.known().map_or("a builder", |host| host)
    }

    /// True when both certainly build for one system.
    pub fn shares_system_with(&self, other: &Self) -> bool {
        match (self.systems.known(), other.systems.known()) {
            (Some(own), Some(others)) => own.iter().any(|system| others.contains(system)),
            _ => false,
        }
    }
}

/// The remote builders that files list.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Builders<'m> {
    /// Those that are known, at least in part.
    pub list: Vec<Builder<'m>>,
    /// True when there can be no further one.
    pub complete: bool,
    /// Machines files that a line refers to (`@/etc/nix/machines`).
    pub files: Vec<Arc<str>>,
}

impl Builders<'_> {
    /// True when there certainly is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.complete && self.files.is_empty()
    }
}

impl<'a> MachineView<'a> {
    /// The machines of `nix.buildMachines` and its like. Whether they are used is another
    /// question.
    pub fn build_machines(&self) -> Builders<'a> {
        let mut builders = Builders {
            complete: self.machine().complete,
            ..Builders::default()
        };
        for path in MACHINE_LISTS {
            if self.is_reaching_nix() && path.starts_with("nix.") {
                continue;
            }
            builders.complete &= self.hole_over(&OptionPath::dotted(path)).is_none();
            let definitions = self.option_definitions(path);
            let strongest = definitions
                .iter()
                .filter(|definition| definition.condition == Condition::Always)
                .map(|definition| definition.priority)
                .min()
                .unwrap_or(Priority(i64::MAX));
            for definition in definitions {
                if definition.priority <= strongest {
                    let unconditional = self.is_unconditional(definition);
                    builders.add_machines(definition, &definition.value, unconditional);
                }
            }
        }
        builders
    }

    /// The lines of `builders`, as far as files set them.
    pub fn builder_lines(&self, catalog: &Catalog) -> Builders<'a> {
        let setting = self.setting(catalog, "builders");
        let mut builders = Builders {
            complete: setting.known().is_some_and(|known| known.unconditional),
            ..Builders::default()
        };
        for effective in setting.candidates() {
            match &effective.value.value {
                Value::Str(text) => builders.add_lines(
                    self.workspace(),
                    effective.definition,
                    effective.value,
                    text,
                    effective.unconditional,
                ),
                Value::Null => {}
                _ => builders.complete = false,
            }
        }
        builders
    }
}

impl<'a> Builders<'a> {
    fn add_machines(&mut self, definition: &'a Definition, value: &'a Traced, unconditional: bool) {
        match &value.value {
            Value::List(items) => {
                for item in items {
                    self.add_machine(definition, item, unconditional);
                }
            }
            Value::OneOf(branches) => {
                for branch in branches {
                    self.add_machines(definition, branch, false);
                }
            }
            _ => self.complete = false,
        }
    }

    fn add_machine(&mut self, definition: &'a Definition, item: &'a Traced, unconditional: bool) {
        match &item.value {
            Value::Attrs(attrs) if is_plain(attrs) => {
                let builder = Builder::from_set(definition, item, attrs, unconditional);
                self.list.push(builder);
            }
            Value::OneOf(branches) => {
                let known = self.list.len();
                for branch in branches {
                    self.add_machine(definition, branch, false);
                }
                for builder in self.list.iter_mut().skip(known) {
                    builder.is_whole = false;
                }
            }
            _ => {
                self.complete = false;
                self.list
                    .push(Builder::unknown(definition, item.site, false));
            }
        }
    }

    fn add_lines(
        &mut self,
        workspace: &Workspace,
        definition: &'a Definition,
        value: &Traced,
        text: &str,
        unconditional: bool,
    ) {
        for range in machines::builder_entries(text) {
            let begin = range.start;
            let line = text.get(range).unwrap_or("");
            if let Some(file) = machines::machines_file(line) {
                self.files.push(file.into());
                continue;
            }
            // Meant as a line that reads a file; a rule of its own tells that it is none.
            if matches!(line.split_whitespace().next(), Some("include" | "!include")) {
                self.complete = false;
                continue;
            }
            let columns: Vec<(&str, Option<Place>)> = words(line)
                .map(|range| {
                    let place = place_in(
                        workspace,
                        value,
                        text,
                        begin + range.start..begin + range.end,
                    );
                    (line.get(range).unwrap_or(""), place)
                })
                .collect();
            let builder = Builder::from_line(definition, value.site, &columns, unconditional);
            self.list.push(builder);
        }
    }
}

/// True for a set that is a machine as it stands: no `mkIf`, no module.
fn is_plain(attrs: &BTreeMap<Arc<str>, Traced>) -> bool {
    !["_type", "imports", "config"]
        .iter()
        .any(|name| attrs.contains_key(*name))
}

impl<'a> Builder<'a> {
    fn unknown(definition: &'a Definition, place: Option<Place>, unconditional: bool) -> Self {
        Self {
            definition,
            is_option: true,
            place,
            unconditional,
            is_whole: true,
            scheme: Part::Unknown,
            host: Part::Unknown,
            user: Part::Unknown,
            systems: Part::Unknown,
            ssh_key: Part::Unknown,
            max_jobs: Part::Unknown,
            speed_factor: Part::Unknown,
            features: Part::Unknown,
            mandatory: Part::Unknown,
            host_key: Part::Unknown,
            misread: Vec::new(),
        }
    }

    fn from_set(
        definition: &'a Definition,
        item: &Traced,
        attrs: &BTreeMap<Arc<str>, Traced>,
        unconditional: bool,
    ) -> Self {
        let text = |name: &str| attrs.get(name).map_or(Part::Unset, text_part);
        let list = |name: &str| attrs.get(name).map_or(Part::Unset, list_part);
        let scheme = match text("protocol") {
            // The module's own default.
            Part::Unset if !attrs.contains_key("protocol") => Part::Known("ssh".into(), None),
            other => other,
        };
        let systems = match text("system") {
            Part::Unset => list("systems"),
            Part::Known(system, place) => Part::Known(vec![system], place),
            Part::Unknown => Part::Unknown,
        };
        let host_name = text("hostName");
        let host = match &host_name {
            Part::Known(name, place) => match machines::host_name(name) {
                Some(host) => Part::Known(host.into(), *place),
                None => Part::Unset,
            },
            Part::Unset => Part::Unknown,
            Part::Unknown => Part::Unknown,
        };
        let jobs = attrs.get("maxJobs").map_or(Part::Unset, int_part);
        let mut builder = Self {
            scheme,
            host,
            user: text("sshUser"),
            systems,
            ssh_key: text("sshKey"),
            max_jobs: match &jobs {
                Part::Known(jobs, place) => {
                    u64::try_from(*jobs).map_or(Part::Unknown, |jobs| Part::Known(jobs, *place))
                }
                Part::Unset => Part::Unset,
                Part::Unknown => Part::Unknown,
            },
            speed_factor: attrs.get("speedFactor").map_or(Part::Unset, float_part),
            features: list("supportedFeatures"),
            mandatory: list("mandatoryFeatures"),
            host_key: text("publicHostKey"),
            ..Self::unknown(definition, item.site, unconditional)
        };
        builder.misread_of_set(&host_name, &jobs);
        builder
    }

    /// What of a set becomes another column than it is meant for.
    fn misread_of_set(&mut self, host_name: &Part<Arc<str>>, jobs: &Part<i64>) {
        let mut misread = Vec::new();
        let mut push = |column, fault, text: &str, place| {
            misread.push(Misread {
                column,
                fault,
                text: text.into(),
                place,
            });
        };
        let one = |text: &Part<Arc<str>>| match text {
            Part::Known(text, place) => vec![(Arc::clone(text), *place)],
            _ => Vec::new(),
        };
        let many = |list: &Part<Vec<Arc<str>>>| match list {
            Part::Known(list, place) => {
                list.iter().map(|text| (Arc::clone(text), *place)).collect()
            }
            _ => Vec::new(),
        };
        for (column, values) in [
            (Column::Uri, one(host_name)),
            (Column::Uri, one(&self.user)),
            (Column::Systems, many(&self.systems)),
            (Column::Key, one(&self.ssh_key)),
            (Column::Features, many(&self.features)),
            (Column::Mandatory, many(&self.mandatory)),
        ] {
            for (text, place) in values {
                if text.contains(char::is_whitespace) {
                    push(column, Fault::Blank, &text, place);
                } else if text.is_empty() && column == Column::Key {
                    push(column, Fault::Empty, &text, place);
                }
            }
        }
        if let Part::Known(jobs, place) = jobs
            && *jobs < 0
        {
            push(
                Column::MaxJobs,
                Fault::NotUnsigned,
                &jobs.to_string(),
                *place,
            );
        }
        if let Part::Known(speed, place) = &self.speed_factor {
            let text = speed.to_string();
            if *speed < 0.0 {
                push(Column::Speed, Fault::Negative, &text, *place);
            } else if speed.fract() != 0.0 {
                push(Column::Speed, Fault::Fraction, &text, *place);
            }
        }
        if let Part::Known(key, place) = &self.host_key
            && let Err(c) = base64_digits(key.trim())
        {
            push(Column::HostKey, Fault::NotBase64(c), key, *place);
        }
        self.misread = misread;
    }

    fn from_line(
        definition: &'a Definition,
        place: Option<Place>,
        columns: &[(&str, Option<Place>)],
        unconditional: bool,
    ) -> Self {
        let at = |column: Column| {
            columns
                .get(column.number() - 1)
                .filter(|(text, _)| *text != "-")
                .copied()
        };
        let text = |column| match at(column) {
            Some((text, place)) => Part::Known(Arc::from(text), place),
            None => Part::Unset,
        };
        let list = |column| match at(column) {
            Some((text, place)) => {
                Part::Known(machines::list(text).map(Arc::from).collect(), place)
            }
            None => Part::Unset,
        };
        let mut misread = Vec::new();
        let mut push = |column, fault, text: &str, own: Option<Place>| {
            misread.push(Misread {
                column,
                fault,
                text: text.into(),
                place: own.or(place),
            });
        };
        let max_jobs = match at(Column::MaxJobs) {
            None => Part::Unset,
            Some((text, place)) => match unsigned(text) {
                Some(jobs) => Part::Known(jobs.into(), place),
                None => {
                    push(Column::MaxJobs, Fault::NotUnsigned, text, place);
                    Part::Unknown
                }
            },
        };
        let speed_factor = match at(Column::Speed) {
            None => Part::Unset,
            Some((text, place)) => {
                let (part, fault) = match text.parse::<f64>() {
                    Err(_) => (Part::Unknown, Some(Fault::NotNumber)),
                    Ok(speed) if speed < 0.0 => (Part::Unknown, Some(Fault::Negative)),
                    Ok(speed) if unsigned(text).is_none() => {
                        (Part::Known(speed, place), Some(Fault::Fraction))
                    }
                    Ok(speed) => (Part::Known(speed, place), None),
                };
                if let Some(fault) = fault {
                    push(Column::Speed, fault, text, place);
                }
                part
            }
        };
        if let Some((key, place)) = at(Column::HostKey)
            && let Err(c) = base64_digits(key)
        {
            push(Column::HostKey, Fault::NotBase64(c), key, place);
        }
        let surplus = columns.len().saturating_sub(Column::ALL.len());
        if let Some((text, place)) = columns.get(Column::ALL.len()) {
            push(Column::HostKey, Fault::Surplus(surplus), text, *place);
        }
        let uri = at(Column::Uri);
        if uri.is_none() {
            push(
                Column::Uri,
                Fault::NoUri,
                "-",
                columns.first().and_then(|first| first.1),
            );
        }
        let (scheme, user, host) = uri.map_or(
            (Part::Unknown, Part::Unknown, Part::Unknown),
            |(uri, place)| parts_of_uri(uri, place),
        );
        Self {
            is_option: false,
            scheme,
            host,
            user,
            systems: list(Column::Systems),
            ssh_key: text(Column::Key),
            max_jobs,
            speed_factor,
            features: list(Column::Features),
            mandatory: list(Column::Mandatory),
            host_key: text(Column::HostKey),
            misread,
            ..Self::unknown(definition, place, unconditional)
        }
    }
}

fn int_part(value: &Traced) -> Part<i64> {
    match &value.value {
        Value::Int(number) => Part::Known(*number, value.site),
        _ => Part::Unknown,
    }
}

fn float_part(value: &Traced) -> Part<f64> {
    match &value.value {
        // Speeds are far from where a float is no longer exact.
        #[allow(clippy::cast_precision_loss)]
        Value::Int(number) => Part::Known(*number as f64, value.site),
        Value::Float(number) => Part::Known(*number, value.site),
        _ => Part::Unknown,
    }
}

fn text_part(value: &Traced) -> Part<Arc<str>> {
    match &value.value {
        Value::Str(text) => Part::Known(Arc::clone(text), value.site),
        Value::Null => Part::Unset,
        _ => Part::Unknown,
    }
}

/// An empty list is as good as none.
fn list_part(value: &Traced) -> Part<Vec<Arc<str>>> {
    let Value::List(items) = &value.value else {
        return Part::Unknown;
    };
    if items.is_empty() {
        return Part::Unset;
    }
    let texts: Option<Vec<Arc<str>>> = items
        .iter()
        .map(|item| item.value.as_str().map(Arc::from))
        .collect();
    texts.map_or(Part::Unknown, |texts| Part::Known(texts, value.site))
}

/// A part that is text.
type TextPart = Part<Arc<str>>;

/// Scheme, user and host of a store URI. Words that stand for a store on this machine have no host.
fn parts_of_uri(uri: &str, place: Option<Place>) -> (TextPart, TextPart, TextPart) {
    let scheme = match uri.split_once("://") {
        Some((scheme, _)) => Part::Known(Arc::from(scheme), place),
        None => Part::Unset,
    };
    let Some((_, rest)) = ssh_authority(uri) else {
        return (scheme, Part::Unset, Part::Unset);
    };
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    let user = match authority.rsplit_once('@') {
        Some((user, _)) => Part::Known(Arc::from(user), place),
        None => Part::Unset,
    };
    let host = match machines::host_name(authority) {
        Some(host) => Part::Known(host.into(), place),
        None => Part::Unset,
    };
    (scheme, user, host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition {
            id: super::super::DefId::NONE,
            option: OptionPath::dotted("builders"),
            setting: Some("builders".into()),
            value: Traced::bare(Value::Null),
            priority: Priority::NORMAL,
            order: super::super::Order::NORMAL,
            set_priority: Priority::NORMAL,
            condition: Condition::Always,
            form: super::super::Form::ConfLine,
            statement: None,
            name: None,
        }
    }

    fn faults(line: &str) -> Vec<(Column, Fault)> {
        let definition = definition();
        let columns: Vec<(&str, Option<Place>)> =
            line.split_whitespace().map(|word| (word, None)).collect();
        Builder::from_line(&definition, None, &columns, true)
            .misread
            .into_iter()
            .map(|misread| (misread.column, misread.fault))
            .collect()
    }

    #[test]
    fn columns_are_read_as_nix_reads_them() {
        for fine in [
            "a",
            "a - - +4",
            "a - - 4 0",
            "ssh://u@a x86_64-linux,aarch64-linux /k 4 2 kvm big aGVsbG8=",
            "a - - - - - - aGVsbG8",
        ] {
            assert_eq!(faults(fine), [], "{fine}");
        }
        for (line, column, fault) in [
            ("- x86_64-linux", Column::Uri, Fault::NoUri),
            ("a - - two", Column::MaxJobs, Fault::NotUnsigned),
            ("a - - -1", Column::MaxJobs, Fault::NotUnsigned),
            ("a - - 4K", Column::MaxJobs, Fault::NotUnsigned),
            ("a - - 4294967296", Column::MaxJobs, Fault::NotUnsigned),
            ("a - - 4 fast", Column::Speed, Fault::NotNumber),
            ("a - - 4 -1", Column::Speed, Fault::Negative),
            ("a - - 4 1.5", Column::Speed, Fault::Fraction),
            (
                "a - - 4 1 - - not-base64",
                Column::HostKey,
                Fault::NotBase64('-'),
            ),
            (
                "a - - 4 1 - - aGVsbG8= x y",
                Column::HostKey,
                Fault::Surplus(2),
            ),
        ] {
            assert_eq!(faults(line), [(column, fault)], "{line}");
        }
    }

    #[test]
    fn uris_fall_into_their_parts() {
        let part = |text: &str| Part::Known(Arc::from(text), None);
        for (uri, user, host) in [
            ("a", Part::Unset, part("a")),
            ("root@a.lan", part("root"), part("a.lan")),
            ("ssh-ng://u@a:22?max-connections=4", part("u"), part("a")),
            ("ssh://[fe80::1]:22", Part::Unset, part("fe80::1")),
            ("https://a", Part::Unset, Part::Unset),
            ("daemon", Part::Unset, Part::Unset),
            ("local?root=/x", Part::Unset, Part::Unset),
        ] {
            let (_, found_user, found_host) = parts_of_uri(uri, None);
            assert_eq!((found_user, found_host), (user, host), "{uri}");
        }
    }
}
