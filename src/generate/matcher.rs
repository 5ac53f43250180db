//! How programs find the place, the rule and the message in what `nixtune lint` prints for people.
//!
//! A diagnostic is a headline, broken into lines where the terminal ends, and a line with its place.
//! Visual Studio Code and GitHub match a pattern for each line, and cannot leave out the number of
//! lines: there is one matcher for each number.

/// A headline's first line: severity, rule, message. A long word leaves nothing behind the rule.
pub const HEADLINE: &str = r"^(error|warning|info)\[([a-z0-9-]+)\]: ?(.*)$";

/// The same without what GitHub has no severity for.
pub const HEADLINE_GITHUB: &str = r"^(error|warning)\[([a-z0-9-]+)\]: ?(.*)$";

/// Any further line of it.
pub const MORE: &str = r"^ {2}(\S.*)$";

/// The place: file, line, column.
pub const PLACE: &str = r"^ +(?:╭─|,-)\[(.+):(\d+):(\d+)\]$";

/// Further lines of a headline in a terminal of some 60 columns or more.
pub const MORE_LINES: [usize; 5] = [0, 1, 2, 3, 4];
