//! The rules, one per file, and their registry.

mod cache_key;
mod dead_substituter;
mod declare;
mod default_substituter_redundant;
mod deprecated_setting_alias;
mod duplicate_substituter;
mod experimental_feature_removed;
mod experimental_feature_wrong_platform;
mod integer_auto_invalid;
mod key_malformed;
mod key_name_mismatch;
mod list_entry;
mod moved_substituter;
mod option_wrong_platform;
mod removed_option;
mod renamed_legacy_option;
mod schedule;
mod size_unit_invalid;
mod size_unit_unsupported;
mod substituter_without_key;
mod unknown_setting;

pub(crate) use declare::declare_rule;
pub use declare::{Category, Fixes, Report, Rule, RuleCx, Sink};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &dead_substituter::DEAD_SUBSTITUTER,
    &default_substituter_redundant::DEFAULT_SUBSTITUTER_REDUNDANT,
    &deprecated_setting_alias::DEPRECATED_SETTING_ALIAS,
    &duplicate_substituter::DUPLICATE_SUBSTITUTER,
    &experimental_feature_removed::EXPERIMENTAL_FEATURE_REMOVED,
    &experimental_feature_wrong_platform::EXPERIMENTAL_FEATURE_WRONG_PLATFORM,
    &integer_auto_invalid::INTEGER_AUTO_INVALID,
    &key_malformed::KEY_MALFORMED,
    &key_name_mismatch::KEY_NAME_MISMATCH,
    &moved_substituter::MOVED_SUBSTITUTER,
    &option_wrong_platform::OPTION_WRONG_PLATFORM,
    &removed_option::REMOVED_OPTION,
    &renamed_legacy_option::RENAMED_LEGACY_OPTION,
    &size_unit_invalid::SIZE_UNIT_INVALID,
    &size_unit_unsupported::SIZE_UNIT_UNSUPPORTED,
    &substituter_without_key::SUBSTITUTER_WITHOUT_KEY,
    &unknown_setting::UNKNOWN_SETTING,
];
