//! The arguments of `nixtune analyze verify`.

use clap::Args as ClapArgs;

use super::Format;

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
The command has to do its work anew in every run: `nix build --rebuild` does, and NIXTUNE_RUN is
another number for each run. Settings are given to Nix in NIX_CONFIG, behind what that holds.

Examples:
  nixtune analyze verify --setting max-jobs=4 --setting cores=2 -- nix build --rebuild .#hello
  nixtune analyze verify --setting http-connections=50 --pairs 6 -- ./download.sh
  nixtune analyze verify --setting cores=2 --format json -- nix-build --check -A hello

Exit codes: 0 the setting is faster, 1 that is not proven, 2 nothing could be compared.")]
pub(in crate::cli) struct VerifyArgs {
    /// A setting of nix.conf to try; may be given several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, required = true)]
    pub setting: Vec<(String, String)>,
    /// Runs of each, in turns; at least 3.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(3..=1000))]
    pub pairs: u16,
    /// Runs before that do not count.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub warm_ups: u16,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
    /// What to run.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let Some((key, value)) = text.split_once('=') else {
        return Err("give a setting and its value, as in max-jobs=4".to_owned());
    };
    let (key, value) = (key.trim(), value.trim());
    // Anything else would begin another line of NIX_CONFIG, or another setting.
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if key.is_empty() || !key.chars().all(is_name) || value.chars().any(char::is_control) {
        return Err("this is no setting of nix.conf".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_one_line() {
        assert_eq!(
            setting("max-jobs = 4"),
            Ok(("max-jobs".to_owned(), "4".to_owned()))
        );
        assert!(
            setting("extra-substituters=https://a?b=c")
                .unwrap()
                .1
                .ends_with("b=c")
        );
        for wrong in ["max-jobs", "=4", "a b=1", "cores=1\nsandbox=false"] {
            assert!(setting(wrong).is_err(), "{wrong}");
        }
    }
}
