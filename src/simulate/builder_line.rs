//! Builders from the lines of `builders` and of machines files.

use std::sync::Arc;

use super::fleet::{Builder, Link};
use super::machine::Machine;
use crate::syntax::machines::{host_name, list, ssh_authority, unsigned};
use crate::syntax::words;

/// What Nix is told of a builder.
#[derive(Clone, PartialEq, Debug)]
pub struct BuilderLine {
    /// Its host, or the store's address where that has none.
    pub name: Arc<str>,
    /// Systems that it builds for; empty for this machine's.
    pub systems: Vec<Arc<str>>,
    /// Builds at once.
    pub max_jobs: u32,
    /// How fast it is beside others.
    pub speed_factor: f32,
    /// Features that it supports.
    pub features: Vec<Arc<str>>,
    /// Features that a build must ask for.
    pub mandatory: Vec<Arc<str>>,
}

/// Why Nix does not read a line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BuilderLineError {
    /// The first column is empty.
    #[error("the builder `{0}` has no address in its first column")]
    NoUri(String),
    /// The fourth column.
    #[error("the builder `{builder}` has `{text}` in its fourth column; give a number of builds")]
    MaxJobs {
        /// The first column.
        builder: String,
        /// The fourth.
        text: String,
    },
    /// The fifth column.
    #[error(
        "the builder `{builder}` has `{text}` in its fifth column; give a speed factor from 0 up"
    )]
    SpeedFactor {
        /// The first column.
        builder: String,
        /// The fifth.
        text: String,
    },
}

impl BuilderLine {
    /// Reads one entry, as `parseBuilderLine` does (`src/libstore/machines.cc`).
    ///
    /// # Errors
    /// What Nix refuses.
    pub fn parse(entry: &str) -> Result<Self, BuilderLineError> {
        let columns: Vec<&str> = words(entry).filter_map(|range| entry.get(range)).collect();
        let column = |at: usize| columns.get(at).copied().filter(|text| *text != "-");
        let items = |at: usize| {
            let items = column(at).into_iter().flat_map(list);
            items.map(Arc::from).collect()
        };
        let uri = column(0).ok_or_else(|| BuilderLineError::NoUri(entry.trim().to_owned()))?;
        let max_jobs = match column(3) {
            None => 1,
            Some(text) => unsigned(text).ok_or_else(|| BuilderLineError::MaxJobs {
                builder: uri.to_owned(),
                text: text.to_owned(),
            })?,
        };
        let speed_factor = match column(4) {
            None => 1.0,
            Some(text) => {
                let factor = text.parse::<f32>().ok();
                let factor = factor.filter(|factor| factor.is_finite() && *factor >= 0.0);
                factor.ok_or_else(|| BuilderLineError::SpeedFactor {
                    builder: uri.to_owned(),
                    text: text.to_owned(),
                })?
            }
        };
        let host = ssh_authority(uri).and_then(|(_, authority)| host_name(authority));
        Ok(Self {
            name: host.unwrap_or(uri).into(),
            systems: items(1),
            max_jobs,
            // Nix counts 0 as 1.
            speed_factor: if speed_factor > 0.0 {
                speed_factor
            } else {
                1.0
            },
            features: items(5),
            mandatory: items(6),
        })
    }

    /// The builder with this hardware, on which a thread is as fast as the speed factor says.
    pub fn builder(self, machine: Machine, link: Link) -> Builder {
        Builder {
            name: self.name,
            machine,
            max_jobs: self.max_jobs,
            speed_factor: self.speed_factor,
            speed: self.speed_factor.into(),
            cores: 0,
            systems: self.systems,
            features: self.features,
            mandatory: self.mandatory,
            link,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_defaults() {
        let plain = BuilderLine::parse("ssh-ng://nix@ci1:22?compress=true").unwrap();
        assert_eq!(plain.name.as_ref(), "ci1");
        assert_eq!((plain.max_jobs, plain.speed_factor), (1, 1.0));
        assert!(plain.systems.is_empty() && plain.features.is_empty());
        let full = "ci2 x86_64-linux,i686-linux /key 4 0 kvm,big-parallel kvm";
        let full = BuilderLine::parse(full).unwrap();
        assert_eq!((full.max_jobs, full.speed_factor), (4, 1.0));
        assert_eq!(full.systems.len(), 2);
        assert_eq!(full.mandatory, [Arc::from("kvm")]);
        let store = BuilderLine::parse("/srv/store - - 2 1.5").unwrap();
        assert_eq!(
            (store.name.as_ref(), store.speed_factor),
            ("/srv/store", 1.5)
        );
    }

    #[test]
    fn what_nix_refuses_is_refused() {
        let error = |line| BuilderLine::parse(line).unwrap_err().to_string();
        assert!(error("- x86_64-linux").contains("first column"));
        assert!(error("a - - two").contains("`two` in its fourth"));
        assert!(error("a - - 2 -1").contains("`-1` in its fifth"));
        assert!(error("a - - 2 NaN").contains("fifth"));
    }
}
