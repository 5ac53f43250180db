//! The rules, one per file, and their registry.

mod absurd_magnitude;
mod accept_flake_config;
mod auto_allocate_uids_on_darwin;
mod bool_spelling;
mod build_slots;
mod build_slots_oversubscribed;
mod cache_key;
mod comment_value_mismatch;
mod conf_line_malformed;
mod darwin_auto_optimise_unsafe;
mod dead_substituter;
mod declare;
mod default_substituter_redundant;
mod deprecated_package_attr;
mod deprecated_setting_alias;
mod duplicate_substituter;
mod efficiency_cores_counted;
mod experimental_feature_removed;
mod experimental_feature_wrong_implementation;
mod experimental_feature_wrong_platform;
mod free_space;
mod gc_absent;
mod gc_older_than_unit;
mod gc_optimise_same_time;
mod given;
mod hash_in_value;
mod include_as_value;
mod integer_auto_invalid;
mod keep_outputs_growth;
mod key_malformed;
mod key_name_mismatch;
mod launchd_interval_wildcard;
mod list_entry;
mod list_key_as_string;
mod magic_byte_number;
mod min_free_ge_max_free;
mod min_free_too_small;
mod min_free_unset;
mod moved_substituter;
mod nix_package;
mod nix_package_eol;
mod nix_version_vulnerable;
mod option_wrong_platform;
mod path_not_absolute;
mod platform_setting_unguarded;
mod ram_per_job_low;
mod recurrence;
mod redundant_default;
mod removed_option;
mod renamed_legacy_option;
mod schedule;
mod semicolon_in_conf;
mod setting_gated;
mod setting_not_in_implementation;
mod setting_not_in_version;
mod setting_type_mismatch;
mod settings_under_disabled_nix;
mod size_suffix_on_count;
mod size_unit_invalid;
mod size_unit_unsupported;
mod stale_download_buffer;
mod store_upkeep;
mod substituter_without_key;
mod substituter_without_scheme;
mod trusted_user_interactive;
mod unknown_setting;

pub(crate) use declare::declare_rule;
pub use declare::{
    Category, EVERY_NIX, Fixes, Report, Rule, RuleCx, RuleOption, RuleOptions, Sink, Stage,
};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &absurd_magnitude::ABSURD_MAGNITUDE,
    &accept_flake_config::ACCEPT_FLAKE_CONFIG,
    &auto_allocate_uids_on_darwin::AUTO_ALLOCATE_UIDS_ON_DARWIN,
    &bool_spelling::BOOL_SPELLING,
    &build_slots_oversubscribed::BUILD_SLOTS_OVERSUBSCRIBED,
    &comment_value_mismatch::COMMENT_VALUE_MISMATCH,
    &conf_line_malformed::CONF_LINE_MALFORMED,
    &darwin_auto_optimise_unsafe::DARWIN_AUTO_OPTIMISE_UNSAFE,
    &dead_substituter::DEAD_SUBSTITUTER,
    &default_substituter_redundant::DEFAULT_SUBSTITUTER_REDUNDANT,
    &deprecated_package_attr::DEPRECATED_PACKAGE_ATTR,
    &deprecated_setting_alias::DEPRECATED_SETTING_ALIAS,
    &duplicate_substituter::DUPLICATE_SUBSTITUTER,
    &efficiency_cores_counted::EFFICIENCY_CORES_COUNTED,
    &experimental_feature_removed::EXPERIMENTAL_FEATURE_REMOVED,
    &experimental_feature_wrong_implementation::EXPERIMENTAL_FEATURE_WRONG_IMPLEMENTATION,
    &experimental_feature_wrong_platform::EXPERIMENTAL_FEATURE_WRONG_PLATFORM,
    &gc_absent::GC_ABSENT,
    &gc_older_than_unit::GC_OLDER_THAN_UNIT,
    &gc_optimise_same_time::GC_OPTIMISE_SAME_TIME,
    &hash_in_value::HASH_IN_VALUE,
    &include_as_value::INCLUDE_AS_VALUE,
    &integer_auto_invalid::INTEGER_AUTO_INVALID,
    &keep_outputs_growth::KEEP_OUTPUTS_GROWTH,
    &key_malformed::KEY_MALFORMED,
    &key_name_mismatch::KEY_NAME_MISMATCH,
    &launchd_interval_wildcard::LAUNCHD_INTERVAL_WILDCARD,
    &list_key_as_string::LIST_KEY_AS_STRING,
    &magic_byte_number::MAGIC_BYTE_NUMBER,
    &min_free_ge_max_free::MIN_FREE_GE_MAX_FREE,
    &min_free_too_small::MIN_FREE_TOO_SMALL,
    &min_free_unset::MIN_FREE_UNSET,
    &moved_substituter::MOVED_SUBSTITUTER,
    &nix_package_eol::NIX_PACKAGE_EOL,
    &nix_version_vulnerable::NIX_VERSION_VULNERABLE,
    &option_wrong_platform::OPTION_WRONG_PLATFORM,
    &path_not_absolute::PATH_NOT_ABSOLUTE,
    &platform_setting_unguarded::PLATFORM_SETTING_UNGUARDED,
    &ram_per_job_low::RAM_PER_JOB_LOW,
    &redundant_default::REDUNDANT_DEFAULT,
    &removed_option::REMOVED_OPTION,
    &renamed_legacy_option::RENAMED_LEGACY_OPTION,
    &semicolon_in_conf::SEMICOLON_IN_CONF,
    &setting_gated::SETTING_GATED,
    &setting_not_in_implementation::SETTING_NOT_IN_IMPLEMENTATION,
    &setting_not_in_version::SETTING_NOT_IN_VERSION,
    &setting_type_mismatch::SETTING_TYPE_MISMATCH,
    &settings_under_disabled_nix::SETTINGS_UNDER_DISABLED_NIX,
    &size_suffix_on_count::SIZE_SUFFIX_ON_COUNT,
    &size_unit_invalid::SIZE_UNIT_INVALID,
    &size_unit_unsupported::SIZE_UNIT_UNSUPPORTED,
    &stale_download_buffer::STALE_DOWNLOAD_BUFFER,
    &substituter_without_key::SUBSTITUTER_WITHOUT_KEY,
    &substituter_without_scheme::SUBSTITUTER_WITHOUT_SCHEME,
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
