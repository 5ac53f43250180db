//! The rules, one per file, and their registry.

mod accept_flake_config;
mod build_dir_world_writable;
mod build_slots;
mod build_slots_oversubscribed;
mod cache_key;
mod calendar;
mod calendar_expression_invalid;
mod daemon_environment;
mod daemon_priority_interactive;
mod darwin_auto_optimise_unsafe;
mod dead_substituter;
mod declare;
mod default_substituter_redundant;
mod deprecated_setting_alias;
mod duplicate_substituter;
mod efficiency_cores_counted;
mod experimental_feature_removed;
mod experimental_feature_wrong_platform;
mod free_space;
mod gc_absent;
mod gc_arguments;
mod gc_deletes_all_generations;
mod gc_keeps_all_generations;
mod gc_older_than_unit;
mod gc_optimise_same_time;
mod gc_retention_long;
mod gc_retention_short;
mod gc_too_frequent;
mod integer_auto_invalid;
mod keep_outputs_growth;
mod keep_outputs_without_derivations;
mod key_malformed;
mod key_name_mismatch;
mod launchd_day_29_31;
mod launchd_day_and_weekday;
mod launchd_interval_invalid;
mod launchd_interval_wildcard;
mod list_entry;
mod max_free_small_window;
mod min_free_exceeds_free;
mod min_free_ge_max_free;
mod min_free_too_small;
mod min_free_unset;
mod moved_substituter;
mod nh_clean_and_nix_gc;
mod optimise_twice;
mod option_wrong_platform;
mod ram_per_job_low;
mod recurrence;
mod removed_option;
mod renamed_legacy_option;
mod schedule;
mod settings_under_disabled_nix;
mod size_unit_invalid;
mod size_unit_unsupported;
mod stale_download_buffer;
mod store_upkeep;
mod substituter_without_key;
mod tmpdir_inert;
mod trusted_user_interactive;
mod unknown_setting;

pub(crate) use declare::declare_rule;
pub use declare::{
    Category, EVERY_NIX, Fixes, Report, Rule, RuleCx, RuleOption, RuleOptions, Sink, Stage,
};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &accept_flake_config::ACCEPT_FLAKE_CONFIG,
    &build_dir_world_writable::BUILD_DIR_WORLD_WRITABLE,
    &build_slots_oversubscribed::BUILD_SLOTS_OVERSUBSCRIBED,
    &calendar_expression_invalid::CALENDAR_EXPRESSION_INVALID,
    &daemon_priority_interactive::DAEMON_PRIORITY_INTERACTIVE,
    &darwin_auto_optimise_unsafe::DARWIN_AUTO_OPTIMISE_UNSAFE,
    &dead_substituter::DEAD_SUBSTITUTER,
    &default_substituter_redundant::DEFAULT_SUBSTITUTER_REDUNDANT,
    &deprecated_setting_alias::DEPRECATED_SETTING_ALIAS,
    &duplicate_substituter::DUPLICATE_SUBSTITUTER,
    &efficiency_cores_counted::EFFICIENCY_CORES_COUNTED,
    &experimental_feature_removed::EXPERIMENTAL_FEATURE_REMOVED,
    &experimental_feature_wrong_platform::EXPERIMENTAL_FEATURE_WRONG_PLATFORM,
    &gc_absent::GC_ABSENT,
    &gc_deletes_all_generations::GC_DELETES_ALL_GENERATIONS,
    &gc_keeps_all_generations::GC_KEEPS_ALL_GENERATIONS,
    &gc_older_than_unit::GC_OLDER_THAN_UNIT,
    &gc_optimise_same_time::GC_OPTIMISE_SAME_TIME,
    &gc_retention_long::GC_RETENTION_LONG,
    &gc_retention_short::GC_RETENTION_SHORT,
    &gc_too_frequent::GC_TOO_FREQUENT,
    &integer_auto_invalid::INTEGER_AUTO_INVALID,
    &keep_outputs_growth::KEEP_OUTPUTS_GROWTH,
    &keep_outputs_without_derivations::KEEP_OUTPUTS_WITHOUT_DERIVATIONS,
    &key_malformed::KEY_MALFORMED,
    &key_name_mismatch::KEY_NAME_MISMATCH,
    &launchd_day_29_31::LAUNCHD_DAY_29_31,
    &launchd_day_and_weekday::LAUNCHD_DAY_AND_WEEKDAY,
    &launchd_interval_invalid::LAUNCHD_INTERVAL_INVALID,
    &launchd_interval_wildcard::LAUNCHD_INTERVAL_WILDCARD,
    &max_free_small_window::MAX_FREE_SMALL_WINDOW,
    &min_free_exceeds_free::MIN_FREE_EXCEEDS_FREE,
    &min_free_ge_max_free::MIN_FREE_GE_MAX_FREE,
    &min_free_too_small::MIN_FREE_TOO_SMALL,
    &min_free_unset::MIN_FREE_UNSET,
    &moved_substituter::MOVED_SUBSTITUTER,
    &nh_clean_and_nix_gc::NH_CLEAN_AND_NIX_GC,
    &optimise_twice::OPTIMISE_TWICE,
    &option_wrong_platform::OPTION_WRONG_PLATFORM,
    &ram_per_job_low::RAM_PER_JOB_LOW,
    &removed_option::REMOVED_OPTION,
    &renamed_legacy_option::RENAMED_LEGACY_OPTION,
    &settings_under_disabled_nix::SETTINGS_UNDER_DISABLED_NIX,
    &size_unit_invalid::SIZE_UNIT_INVALID,
    &size_unit_unsupported::SIZE_UNIT_UNSUPPORTED,
    &stale_download_buffer::STALE_DOWNLOAD_BUFFER,
    &substituter_without_key::SUBSTITUTER_WITHOUT_KEY,
    &tmpdir_inert::TMPDIR_INERT,
    &trusted_user_interactive::TRUSTED_USER_INTERACTIVE,
    &unknown_setting::UNKNOWN_SETTING,
];

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    let at = ALL.binary_search_by_key(&id, |rule| rule.id).ok()?;
    ALL.get(at).copied()
}

/// True for what Nix reads as a trusted public key.
pub fn is_public_key(text: &str) -> bool {
    cache_key::parse_key(text).is_ok()
}
