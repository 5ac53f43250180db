//! `nixtune host`: what a machine is, how each fact is known, and what fits it.

use serde::Serialize;

use super::fit::{Fit, fitting, values};
use super::{Style, escape, json, wrap};
use crate::facts::{CoreLevel, CoreRole, Fact, Host, How, Target};
use crate::tune::Profile;
use crate::units::{Bytes, Threads};

/// The version of the JSON document's shape.
const VERSION: u32 = 1;

/// For people.
pub fn host(host: &Host, target: &Target, style: Style) -> String {
    let mut rows = Rows::default();
    rows.fact("platform", host.platform.as_ref(), ToString::to_string);
    rows.fact("threads", host.threads.as_ref(), |threads| {
        threads.0.to_string()
    });
    if host.core_levels.is_empty() {
        rows.unknown.push("kinds of cores");
    }
    for (index, level) in host.core_levels.iter().enumerate() {
        let name = if index == 0 { "cores" } else { "" };
        rows.fact(name, Some(level), cores);
    }
    rows.fact("memory", host.memory.as_ref(), ToString::to_string);
    rows.fact("swap", host.swap.as_ref(), ToString::to_string);
    let disk = host.store.as_ref();
    rows.fact(
        "store disk",
        disk.and_then(|disk| disk.size.as_ref()),
        ToString::to_string,
    );
    rows.fact(
        "free on it",
        disk.and_then(|disk| disk.free.as_ref()),
        ToString::to_string,
    );
    rows.fact(
        "file system",
        disk.and_then(|disk| disk.kind.as_ref()),
        Clone::clone,
    );
    rows.fact("Nix", target.implementation.as_ref(), ToString::to_string);
    rows.fact("version", target.version.as_ref(), ToString::to_string);
    if target.module_system.is_some() {
        rows.fact(
            "files for",
            target.module_system.as_ref(),
            ToString::to_string,
        );
    }

    let heading = |text: &str| style.paint(text, owo_colors::Style::new().bold());
    let mut out = format!("{}\n\n", heading(&escape::line(&host.name)));
    out.push_str(&rows.text());
    if !rows.unknown.is_empty() {
        let unknown = format!("not known: {}", rows.unknown.join(", "));
        out.push_str(&format!("\n{}\n", indented(&unknown, "  ", style)));
    }
    let likely = use_of(Profile::of(host));
    out.push_str(&format!(
        "\n{}\n",
        heading(&format!("What fits it ({likely})"))
    ));
    for fit in fitting(host) {
        out.push_str(&format!("\n  {}\n", heading(&values(&fit.values))));
        let mut formula = escape::line(&fit.formula).into_owned();
        if fit.weakest == How::Assumed {
            formula.push_str("; rests on an assumption");
        }
        out.push_str(&format!("{}\n", indented(&formula, "    ", style)));
        for other in fit.alternatives {
            let other = format!("or {} {}", values(&other.values), other.when);
            out.push_str(&format!("{}\n", indented(&other, "    ", style)));
        }
    }
    out
}

fn indented(text: &str, indent: &str, style: Style) -> String {
    let options = wrap::options(style.width)
        .initial_indent(indent)
        .subsequent_indent(indent);
    textwrap::fill(text, options)
}

/// For programs: one JSON document, newline at the end. Amounts are bytes.
pub fn host_json(host: &Host, target: &Target) -> String {
    let disk = host.store.as_ref();
    let document = Document {
        version: VERSION,
        tool: json::Tool::THIS,
        host: HostJson {
            name: &host.name,
            platform: host
                .platform
                .as_ref()
                .map(|fact| fact.clone().map(|p| p.to_string())),
            threads: host.threads.as_ref(),
            cores: &host.core_levels,
            memory: host.memory.as_ref(),
            swap: host.swap.as_ref(),
            store: StoreJson {
                size: disk.and_then(|disk| disk.size.as_ref()),
                free: disk.and_then(|disk| disk.free.as_ref()),
                kind: disk.and_then(|disk| disk.kind.as_ref()),
            },
        },
        target: TargetJson {
            implementation: target.implementation.as_ref(),
            version: target
                .version
                .as_ref()
                .map(|fact| fact.clone().map(|v| v.to_string())),
            platform: target
                .platform
                .as_ref()
                .map(|fact| fact.clone().map(|p| p.to_string())),
            module_system: target.module_system.as_ref(),
        },
        r#use: use_of(Profile::of(host)),
        recommendations: fitting(host),
    };
    json::printed(&document)
}

const fn use_of(profile: Profile) -> &'static str {
    match profile {
        Profile::Interactive => "interactive",
        Profile::Battery => "on battery",
        Profile::Server => "server",
        Profile::Ci => "ci",
        Profile::LowMemory => "low-memory",
    }
}

fn cores(level: &CoreLevel) -> String {
    let role = match level.role {
        CoreRole::Performance => "performance",
        CoreRole::Efficiency => "efficiency",
    };
    if level.name.eq_ignore_ascii_case(role) {
        format!("{} {role}", level.cores)
    } else {
        format!("{} {role} ({})", level.cores, level.name)
    }
}

/// The known facts as a table, and the names of the others.
#[derive(Default)]
struct Rows {
    rows: Vec<[String; 3]>,
    unknown: Vec<&'static str>,
}

impl Rows {
    fn fact<T>(
        &mut self,
        name: &'static str,
        fact: Option<&Fact<T>>,
        value: impl Fn(&T) -> String,
    ) {
        let Some(fact) = fact else {
            return self.unknown.push(name);
        };
        self.rows.push([
            name.to_owned(),
            escape::line(&value(&fact.value)).into_owned(),
            format!("{}: {}", fact.how, escape::line(&fact.source)),
        ]);
    }

    fn text(&self) -> String {
        let width = |column: fn(&[String; 3]) -> &String| {
            self.rows
                .iter()
                .map(|row| column(row).chars().count())
                .max()
                .unwrap_or(0)
        };
        let (first, second) = (width(|[name, ..]| name), width(|[_, value, _]| value));
        self.rows
            .iter()
            .map(|[name, value, note]| format!("  {name:first$}  {value:second$}  {note}\n"))
            .collect()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: json::Tool,
    host: HostJson<'a>,
    target: TargetJson<'a>,
    r#use: &'static str,
    recommendations: Vec<Fit>,
}

/// What is not known is `null`, or an empty list.
#[derive(Serialize)]
struct HostJson<'a> {
    name: &'a str,
    platform: Option<Fact<String>>,
    threads: Option<&'a Fact<Threads>>,
    cores: &'a [Fact<CoreLevel>],
    memory: Option<&'a Fact<Bytes>>,
    swap: Option<&'a Fact<Bytes>>,
    store: StoreJson<'a>,
}

#[derive(Serialize)]
struct StoreJson<'a> {
    size: Option<&'a Fact<Bytes>>,
    free: Option<&'a Fact<Bytes>>,
    kind: Option<&'a Fact<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TargetJson<'a> {
    implementation: Option<&'a Fact<crate::facts::Implementation>>,
    version: Option<Fact<String>>,
    platform: Option<Fact<String>>,
    module_system: Option<&'a Fact<crate::facts::ModuleSystem>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::profile;

    const MAC: &str = r#"
        [host]
        name = "mbp"
        platform = "aarch64-darwin"
        threads = 12
        memory = "36G"
        [[host.cores]]
        role = "performance"
        count = 6
        [[host.cores]]
        role = "efficiency"
        name = "Tiny"
        count = 6
        [host.store]
        size = "1T"
        kind = "apfs"
        [target]
        implementation = "lix"
        version = "2.93.3"
    "#;

    fn mac() -> (Host, Target) {
        let read = profile::read(MAC, "mbp.toml").unwrap();
        (read.host.unwrap(), read.target)
    }

    #[test]
    fn people_see_facts_what_is_not_known_and_what_fits() {
        let (mbp, target) = mac();
        insta::assert_snapshot!(host(&mbp, &target, Style::PLAIN), @r"
        mbp

          platform     aarch64-darwin       declared: mbp.toml
          threads      12                   declared: mbp.toml
          cores        6 performance        declared: mbp.toml
                       6 efficiency (Tiny)  declared: mbp.toml
          memory       36 GiB               declared: mbp.toml
          store disk   1 TiB                declared: mbp.toml
          file system  apfs                 declared: mbp.toml
          Nix          Lix                  declared: mbp.toml
          version      2.93.3               declared: mbp.toml

          not known: swap, free on it

        What fits it (interactive)

          max-jobs 4, cores 2
            6 performance cores + 6 efficiency cores / 2 - 1 kept free = 8 threads for builds; 8 threads / 2
            allow 4 builds at once; 4 × 2 = 8 threads
            or max-jobs 2, cores 4 for very large packages such as browsers and compilers

          min-free 51 GiB, max-free 153 GiB
            5 % of 1 TiB within 2 … 64 GiB is 51 GiB, and 15 % within 10 … 256 GiB is 153 GiB

          --delete-older-than 30d
            14 to 30 days; the disk of 1 TiB takes the longer
            or --delete-older-than 14d when the disk fills sooner

          linux-builder cores 3, memorySize 9 GiB, diskSize 100 GiB, maxJobs 3
            half of 6 performance cores are 3; a quarter of 36 GiB within 4 … 16 GiB is 9 GiB, enough for 3
            builds of 2 GiB; 10 % of 1 TiB within 40 … 100 GiB is 100 GiB
        ");
    }

    #[test]
    fn programs_get_values_with_their_evidence() {
        let (mbp, target) = mac();
        let json: serde_json::Value = serde_json::from_str(&host_json(&mbp, &target)).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["host"]["threads"]["value"], 12);
        assert_eq!(json["host"]["threads"]["how"], "declared");
        assert_eq!(json["host"]["memory"]["value"], 36_u64 << 30);
        assert_eq!(json["host"]["cores"][1]["value"]["role"], "efficiency");
        assert_eq!(json["host"]["swap"], serde_json::Value::Null);
        assert_eq!(json["target"]["implementation"]["value"], "lix");
        assert_eq!(json["use"], "interactive");
        let slots = &json["recommendations"][0];
        assert_eq!(slots["name"], "build-slots");
        assert_eq!(slots["values"][0]["setting"], "max-jobs");
        assert_eq!(slots["values"][0]["value"], 4);
    }

    #[test]
    fn a_machine_of_which_nothing_is_known_is_no_error() {
        let read = profile::read("[host]\nname = \"a\\u001Bb\"\n", "x").unwrap();
        let text = host(&read.host.unwrap(), &Target::default(), Style::PLAIN);
        assert!(text.starts_with("a\\u{1b}b\n"), "{text}");
        assert!(text.contains("not known: platform, threads"), "{text}");
    }
}
