//! The rules, one per file, and their registry.

mod accept_flake_config;
mod build_machine_missing_system;
mod build_machines;
mod build_slots;
mod build_slots_oversubscribed;
mod build_slots_underused;
mod build_users_below_jobs;
mod builder_host_key_missing;
mod builder_line_malformed;
mod builder_max_jobs_default;
mod builder_max_jobs_exceeds;
mod builder_no_features;
mod builder_ssh_root;
mod builders_use_substitutes_off;
mod builders_without_distributed_builds;
mod cache_key;
mod darwin_auto_optimise_unsafe;
mod dead_substituter;
mod declare;
mod default_substituter_redundant;
mod deprecated_setting_alias;
mod distributed_builds_disabled;
mod distributed_builds_without_machines;
mod duplicate_substituter;
mod efficiency_cores_counted;
mod experimental_feature_removed;
mod experimental_feature_wrong_platform;
mod free_space;
mod gc_absent;
mod gc_older_than_unit;
mod gc_optimise_same_time;
mod integer_auto_invalid;
mod jobs_hardcoded_in_shared_module;
mod keep_outputs_growth;
mod key_malformed;
mod key_name_mismatch;
mod launchd_interval_wildcard;
mod linux_builder;
mod linux_builder_default_size;
mod linux_builder_disk_small;
mod linux_builder_exceeds_host;
mod linux_builder_foreign_system;
mod linux_builder_off_but_configured;
mod linux_builder_slots_exceed_cores;
mod list_entry;
mod max_jobs_one;
mod max_jobs_zero_without_builders;
mod min_free_ge_max_free;
mod min_free_too_small;
mod min_free_unset;
mod moved_substituter;
mod option_wrong_platform;
mod ram_per_job_low;
mod recurrence;
mod removed_option;
mod renamed_legacy_option;
mod schedule;
mod settings_under_disabled_nix;
mod size_unit_invalid;
mod size_unit_unsupported;
mod speed_factor_inverted;
mod stale_download_buffer;
mod store_upkeep;
mod substituter_without_key;
mod system_feature_impossible;
mod system_features_clobbered;
mod trusted_user_interactive;
mod unknown_setting;

pub(crate) use declare::declare_rule;
pub use declare::{
    Category, EVERY_NIX, Fixes, KnownHosts, Report, Rule, RuleCx, RuleOption, RuleOptions, Sink,
    Stage,
};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &accept_flake_config::ACCEPT_FLAKE_CONFIG,
    &build_machine_missing_system::BUILD_MACHINE_MISSING_SYSTEM,
    &build_slots_oversubscribed::BUILD_SLOTS_OVERSUBSCRIBED,
    &build_slots_underused::BUILD_SLOTS_UNDERUSED,
    &build_users_below_jobs::BUILD_USERS_BELOW_JOBS,
    &builder_host_key_missing::BUILDER_HOST_KEY_MISSING,
    &builder_line_malformed::BUILDER_LINE_MALFORMED,
    &builder_max_jobs_default::BUILDER_MAX_JOBS_DEFAULT,
    &builder_max_jobs_exceeds::BUILDER_MAX_JOBS_EXCEEDS,
    &builder_no_features::BUILDER_NO_FEATURES,
    &builder_ssh_root::BUILDER_SSH_ROOT,
    &builders_use_substitutes_off::BUILDERS_USE_SUBSTITUTES_OFF,
    &builders_without_distributed_builds::BUILDERS_WITHOUT_DISTRIBUTED_BUILDS,
    &darwin_auto_optimise_unsafe::DARWIN_AUTO_OPTIMISE_UNSAFE,
    &dead_substituter::DEAD_SUBSTITUTER,
    &default_substituter_redundant::DEFAULT_SUBSTITUTER_REDUNDANT,
    &deprecated_setting_alias::DEPRECATED_SETTING_ALIAS,
    &distributed_builds_disabled::DISTRIBUTED_BUILDS_DISABLED,
    &distributed_builds_without_machines::DISTRIBUTED_BUILDS_WITHOUT_MACHINES,
    &duplicate_substituter::DUPLICATE_SUBSTITUTER,
    &efficiency_cores_counted::EFFICIENCY_CORES_COUNTED,
    &experimental_feature_removed::EXPERIMENTAL_FEATURE_REMOVED,
    &experimental_feature_wrong_platform::EXPERIMENTAL_FEATURE_WRONG_PLATFORM,
    &gc_absent::GC_ABSENT,
    &gc_older_than_unit::GC_OLDER_THAN_UNIT,
    &gc_optimise_same_time::GC_OPTIMISE_SAME_TIME,
    &integer_auto_invalid::INTEGER_AUTO_INVALID,
    &jobs_hardcoded_in_shared_module::JOBS_HARDCODED_IN_SHARED_MODULE,
    &keep_outputs_growth::KEEP_OUTPUTS_GROWTH,
    &key_malformed::KEY_MALFORMED,
    &key_name_mismatch::KEY_NAME_MISMATCH,
    &launchd_interval_wildcard::LAUNCHD_INTERVAL_WILDCARD,
    &linux_builder_default_size::LINUX_BUILDER_DEFAULT_SIZE,
    &linux_builder_disk_small::LINUX_BUILDER_DISK_SMALL,
    &linux_builder_exceeds_host::LINUX_BUILDER_EXCEEDS_HOST,
    &linux_builder_foreign_system::LINUX_BUILDER_FOREIGN_SYSTEM,
    &linux_builder_off_but_configured::LINUX_BUILDER_OFF_BUT_CONFIGURED,
    &linux_builder_slots_exceed_cores::LINUX_BUILDER_SLOTS_EXCEED_CORES,
    &max_jobs_one::MAX_JOBS_ONE,
    &max_jobs_zero_without_builders::MAX_JOBS_ZERO_WITHOUT_BUILDERS,
    &min_free_ge_max_free::MIN_FREE_GE_MAX_FREE,
    &min_free_too_small::MIN_FREE_TOO_SMALL,
    &min_free_unset::MIN_FREE_UNSET,
    &moved_substituter::MOVED_SUBSTITUTER,
    &option_wrong_platform::OPTION_WRONG_PLATFORM,
    &ram_per_job_low::RAM_PER_JOB_LOW,
    &removed_option::REMOVED_OPTION,
    &renamed_legacy_option::RENAMED_LEGACY_OPTION,
    &settings_under_disabled_nix::SETTINGS_UNDER_DISABLED_NIX,
    &size_unit_invalid::SIZE_UNIT_INVALID,
    &size_unit_unsupported::SIZE_UNIT_UNSUPPORTED,
    &speed_factor_inverted::SPEED_FACTOR_INVERTED,
    &stale_download_buffer::STALE_DOWNLOAD_BUFFER,
    &substituter_without_key::SUBSTITUTER_WITHOUT_KEY,
    &system_feature_impossible::SYSTEM_FEATURE_IMPOSSIBLE,
    &system_features_clobbered::SYSTEM_FEATURES_CLOBBERED,
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
