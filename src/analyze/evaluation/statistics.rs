//! The counters that Nix prints at its end when `NIX_SHOW_STATS` is set.
//!
//! All releases print them to standard error as one JSON object over several lines. Its keys grew:
//! `time` and `gc.cycles` came with Nix 2.24.

use serde::{Deserialize, Serialize};

/// Counters of an evaluation; what a release does not count is `None`.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Statistics {
    /// Time of the processor in user mode, not that of the system.
    pub cpu_secs: Option<f64>,
    /// What was computed later, or never.
    pub thunks: Option<u64>,
    /// Thunks that were not made because the value was there.
    pub avoided_thunks: Option<u64>,
    /// Calls of functions that are written in the language.
    pub function_calls: Option<u64>,
    /// Calls of builtins.
    pub builtin_calls: Option<u64>,
    /// Attributes that were looked up by name.
    pub lookups: Option<u64>,
    /// Uses of `//`.
    pub updates: Option<u64>,
    /// Attributes that `//` copied.
    pub update_copies: Option<u64>,
    /// Values that were made.
    pub values: Option<u64>,
    /// Attribute sets that were made.
    pub sets: Option<u64>,
    /// Attributes in them.
    pub set_elements: Option<u64>,
    /// Elements of lists.
    pub list_elements: Option<u64>,
    /// The heap at the end.
    pub heap_bytes: Option<u64>,
    /// All that was ever allocated.
    pub allocated_bytes: Option<u64>,
    /// How often the garbage collector ran.
    pub gc_cycles: Option<u64>,
    /// Its share of the processor's time, from 0 to 1.
    pub gc_share: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    cpu_time: Option<f64>,
    nr_thunks: Option<u64>,
    nr_avoided: Option<u64>,
    nr_function_calls: Option<u64>,
    nr_prim_op_calls: Option<u64>,
    nr_lookups: Option<u64>,
    nr_op_updates: Option<u64>,
    nr_op_update_values_copied: Option<u64>,
    #[serde(default)]
    values: RawCount,
    #[serde(default)]
    sets: RawCount,
    #[serde(default)]
    list: RawCount,
    #[serde(default)]
    gc: RawGc,
    #[serde(default)]
    time: RawTime,
}

#[derive(Deserialize, Default)]
struct RawCount {
    number: Option<u64>,
    elements: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct RawGc {
    heap_size: Option<u64>,
    total_bytes: Option<u64>,
    cycles: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct RawTime {
    gc_fraction: Option<f64>,
    /// As it is called where the collector is not incremental.
    gc_non_incremental_fraction: Option<f64>,
}

impl Statistics {
    /// Reads the object; `None` when it is none of Nix's counters.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let raw: Raw = serde_json::from_slice(json).ok()?;
        raw.nr_thunks?;
        Some(Self {
            cpu_secs: raw.cpu_time,
            thunks: raw.nr_thunks,
            avoided_thunks: raw.nr_avoided,
            function_calls: raw.nr_function_calls,
            builtin_calls: raw.nr_prim_op_calls,
            lookups: raw.nr_lookups,
            updates: raw.nr_op_updates,
            update_copies: raw.nr_op_update_values_copied,
            values: raw.values.number,
            sets: raw.sets.number,
            set_elements: raw.sets.elements,
            list_elements: raw.list.elements,
            heap_bytes: raw.gc.heap_size,
            allocated_bytes: raw.gc.total_bytes,
            gc_cycles: raw.gc.cycles,
            gc_share: raw
                .time
                .gc_fraction
                .or(raw.time.gc_non_incremental_fraction),
        })
    }
}

/// Finds the counters among other lines. A script may run Nix several times: those of the largest
/// evaluation count.
#[derive(Debug, Default)]
pub struct StatisticsReader {
    begun: Option<Vec<u8>>,
    found: Option<Statistics>,
}

/// Longer objects are something else.
const LIMIT_BYTES: usize = 1 << 16;

impl StatisticsReader {
    /// Takes the next line; true when it belongs to the counters.
    pub fn take(&mut self, line: &[u8]) -> bool {
        if line == b"{" {
            self.begun = Some(Vec::new());
        }
        let Some(begun) = &mut self.begun else {
            return false;
        };
        // Nix ends its last object without a line break, and another program may write behind it.
        let is_end = line.starts_with(b"}");
        begun.extend_from_slice(if is_end { b"}" } else { line });
        begun.push(b'\n');
        if is_end {
            let read = Statistics::parse(begun);
            self.begun = None;
            let size = |statistics: &Statistics| statistics.thunks.unwrap_or(0);
            if let Some(read) = read
                && self
                    .found
                    .as_ref()
                    .is_none_or(|found| size(&read) > size(found))
            {
                self.found = Some(read);
            }
        } else if begun.len() > LIMIT_BYTES {
            self.begun = None;
        }
        true
    }

    /// The counters, if there were any.
    pub fn finish(self) -> Option<Statistics> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIX_2_8: &str = r#"{
  "cpuTime": 0.25,
  "values": {
    "number": 63448,
    "bytes": 1522752
  },
  "nrThunks": 57333,
  "nrFunctionCalls": 61315,
  "gc": {
    "heapSize": 402718720,
    "totalBytes": 4397152
  }
}"#;

    #[test]
    fn counters_are_found_among_other_lines() {
        let mut reader = StatisticsReader::default();
        let text = format!("warning: x\n{{\n  \"a\": 1\n}}\n{NIX_2_8}function-trace\nend");
        let taken: Vec<bool> = text
            .lines()
            .map(|line| reader.take(line.as_bytes()))
            .collect();
        assert!(!taken[0] && !taken[taken.len() - 1]);
        let found = reader.finish().unwrap();
        assert_eq!(found.cpu_secs, Some(0.25));
        assert_eq!(found.values, Some(63_448));
        assert_eq!(found.heap_bytes, Some(402_718_720));
        assert_eq!(found.gc_share, None);
        // Another object is none of Nix's.
        assert_eq!(Statistics::parse(br#"{"a": 1}"#), None);
    }

    #[test]
    fn of_several_evaluations_the_largest_counts() {
        let mut reader = StatisticsReader::default();
        for count in ["57333", "99999", "3"] {
            for line in NIX_2_8.replace("57333", count).lines() {
                reader.take(line.as_bytes());
            }
        }
        assert_eq!(reader.finish().unwrap().thunks, Some(99_999));
    }
}
