//! How editors find place, rule and message in what `nixtune lint --format concise` prints.

/// A line: file, line, column, severity, rule, message.
pub const CONCISE: &str = r"^(.+?):(\d+):(\d+): (error|warning|info)\[([a-z0-9-]+)\] (.*)$";
