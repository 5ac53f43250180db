//! The rules, one per file, and their registry.

mod absurd_magnitude;
mod accept_flake_config;
mod alias_and_canonical;
mod allowed_users_wildcard;
mod auto_allocate_uids_on_darwin;
mod bool_spelling;
mod build_dir_on_tmpfs;
mod build_dir_world_writable;
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
mod cache_order;
mod calendar;
mod calendar_expression_invalid;
mod comment_value_mismatch;
mod conf_line_malformed;
mod conflict;
mod connect_timeout;
mod connect_timeout_too_high;
mod connect_timeout_too_low;
mod credential_in_store;
mod daemon_environment;
mod daemon_priority_interactive;
mod dangerous_eval_settings;
pub(crate) mod darwin_auto_optimise_unsafe;
mod dead_substituter;
mod declare;
mod default_substituter_redundant;
mod deprecated_package_attr;
mod deprecated_setting_alias;
mod determinate_custom_setting_refused;
mod determinate_daemon_conflict;
mod distributed_builds_disabled;
mod distributed_builds_without_machines;
mod duplicate_setting_two_spellings;
mod duplicate_substituter;
mod efficiency_cores_counted;
mod eval_cache_disabled;
mod experimental_feature_removed;
mod experimental_feature_wrong_implementation;
mod experimental_feature_wrong_platform;
mod extra_options_overrides_settings;
mod extra_shadowed_by_base;
mod fallback_off_with_private_cache;
mod flake_nixconfig_daemon_only;
mod flake_nixconfig_not_literal;
mod flake_nixconfig_not_toplevel;
mod flake_nixconfig_replaces_caches;
mod free_space;
mod fsync_metadata_off;
mod gc_absent;
mod gc_arguments;
mod gc_deletes_all_generations;
mod gc_keeps_all_generations;
mod gc_older_than_unit;
mod gc_optimise_same_time;
mod gc_retention_long;
mod gc_retention_short;
mod gc_too_frequent;
mod given;
mod hash_in_value;
mod hm_darwin_gc_options_split;
mod hm_gc_user_only;
mod hm_package_missing;
mod hm_restricted_setting;
mod hm_substituters_drop_default;
mod hm_trusted_users_no_effect;
mod http_connections_extreme;
mod ifd_allowed_in_shared_flake;
mod include_as_value;
mod inode_pressure;
mod integer_auto_invalid;
mod jobs_hardcoded_in_shared_module;
mod keep_failed_growth;
mod keep_outputs_growth;
mod keep_outputs_without_derivations;
mod key_malformed;
mod key_name_mismatch;
mod key_without_substituter;
mod launchd_day_29_31;
mod launchd_day_and_weekday;
mod launchd_interval_invalid;
mod launchd_interval_wildcard;
mod linux_builder;
mod linux_builder_default_size;
mod linux_builder_disk_small;
mod linux_builder_exceeds_host;
mod linux_builder_foreign_system;
mod linux_builder_off_but_configured;
mod linux_builder_slots_exceed_cores;
mod list_entry;
mod list_key_as_string;
mod magic_byte_number;
mod max_free_small_window;
mod max_jobs_one;
mod max_jobs_zero_without_builders;
mod max_substitution_jobs_low;
mod min_free_exceeds_free;
mod min_free_ge_max_free;
mod min_free_too_small;
mod min_free_unset;
mod moved_substituter;
mod negative_ttl_zero;
mod nh_clean_and_nix_gc;
mod nix_package;
mod nix_package_eol;
mod nix_package_ignored;
mod nix_version_vulnerable;
mod optimise_twice;
mod option_requires_nix_enable;
mod option_wrong_platform;
mod override_swallowed_by_update;
mod overwritten;
mod path_not_absolute;
mod plain_http_substituter;
mod plain_value;
mod platform_setting_unguarded;
mod ram_per_job_low;
mod recurrence;
mod redundant_default;
mod redundant_module_default;
mod removed_option;
mod renamed_legacy_option;
mod require_sigs_off;
mod sandbox_fallback_on;
mod sandbox_off_linux;
mod sandbox_relaxed;
mod schedule;
mod semicolon_in_conf;
mod setting_gated;
mod setting_kind_mixed;
mod setting_not_in_implementation;
mod setting_not_in_version;
mod setting_outside_settings;
mod setting_scalar_conflict;
mod setting_type_mismatch;
mod settings_under_disabled_nix;
mod size_suffix_on_count;
mod size_unit_invalid;
mod size_unit_unsupported;
mod speed_factor_inverted;
mod stale_download_buffer;
mod stale_gc_roots;
mod store_upkeep;
mod substitute_disabled;
mod substituter_trusted_param;
mod substituter_unusable;
mod substituter_without_key;
mod substituter_without_scheme;
mod system_feature_impossible;
mod system_features_clobbered;
mod third_party_key_breadth;
mod tmpdir_inert;
mod too_many_substituters;
mod trusted_substituter_mismatch;
mod trusted_user_interactive;
mod trusted_user_nonexistent_group;
mod trusted_users_everyone;
mod unknown_setting;
mod user_file;
mod user_list;
mod wheel_on_darwin;

pub use build_machines::builders as usable_builders;
pub use build_slots::{BusyThreads, busy_threads};
pub use daemon_environment::{WorkFolder, work_folders};
pub(crate) use declare::declare_rule;
pub use declare::{
    Category, EVERY_NIX, Fixes, KnownHosts, Live, Memo, Report, Rule, RuleCx, RuleOption,
    RuleOptions, Sink, Stage,
};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &absurd_magnitude::ABSURD_MAGNITUDE,
    &accept_flake_config::ACCEPT_FLAKE_CONFIG,
    &alias_and_canonical::ALIAS_AND_CANONICAL,
    &allowed_users_wildcard::ALLOWED_USERS_WILDCARD,
    &auto_allocate_uids_on_darwin::AUTO_ALLOCATE_UIDS_ON_DARWIN,
    &bool_spelling::BOOL_SPELLING,
    &build_dir_on_tmpfs::BUILD_DIR_ON_TMPFS,
    &build_dir_world_writable::BUILD_DIR_WORLD_WRITABLE,
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
    &cache_order::CACHE_ORDER,
    &calendar_expression_invalid::CALENDAR_EXPRESSION_INVALID,
    &comment_value_mismatch::COMMENT_VALUE_MISMATCH,
    &conf_line_malformed::CONF_LINE_MALFORMED,
    &connect_timeout_too_high::CONNECT_TIMEOUT_TOO_HIGH,
    &connect_timeout_too_low::CONNECT_TIMEOUT_TOO_LOW,
    &credential_in_store::CREDENTIAL_IN_STORE,
    &daemon_priority_interactive::DAEMON_PRIORITY_INTERACTIVE,
    &dangerous_eval_settings::DANGEROUS_EVAL_SETTINGS,
    &darwin_auto_optimise_unsafe::DARWIN_AUTO_OPTIMISE_UNSAFE,
    &dead_substituter::DEAD_SUBSTITUTER,
    &default_substituter_redundant::DEFAULT_SUBSTITUTER_REDUNDANT,
    &deprecated_package_attr::DEPRECATED_PACKAGE_ATTR,
    &deprecated_setting_alias::DEPRECATED_SETTING_ALIAS,
    &determinate_custom_setting_refused::DETERMINATE_CUSTOM_SETTING_REFUSED,
    &determinate_daemon_conflict::DETERMINATE_DAEMON_CONFLICT,
    &distributed_builds_disabled::DISTRIBUTED_BUILDS_DISABLED,
    &distributed_builds_without_machines::DISTRIBUTED_BUILDS_WITHOUT_MACHINES,
    &duplicate_setting_two_spellings::DUPLICATE_SETTING_TWO_SPELLINGS,
    &duplicate_substituter::DUPLICATE_SUBSTITUTER,
    &efficiency_cores_counted::EFFICIENCY_CORES_COUNTED,
    &eval_cache_disabled::EVAL_CACHE_DISABLED,
    &experimental_feature_removed::EXPERIMENTAL_FEATURE_REMOVED,
    &experimental_feature_wrong_implementation::EXPERIMENTAL_FEATURE_WRONG_IMPLEMENTATION,
    &experimental_feature_wrong_platform::EXPERIMENTAL_FEATURE_WRONG_PLATFORM,
    &extra_options_overrides_settings::EXTRA_OPTIONS_OVERRIDES_SETTINGS,
    &extra_shadowed_by_base::EXTRA_SHADOWED_BY_BASE,
    &fallback_off_with_private_cache::FALLBACK_OFF_WITH_PRIVATE_CACHE,
    &flake_nixconfig_daemon_only::FLAKE_NIXCONFIG_DAEMON_ONLY,
    &flake_nixconfig_not_literal::FLAKE_NIXCONFIG_NOT_LITERAL,
    &flake_nixconfig_not_toplevel::FLAKE_NIXCONFIG_NOT_TOPLEVEL,
    &flake_nixconfig_replaces_caches::FLAKE_NIXCONFIG_REPLACES_CACHES,
    &fsync_metadata_off::FSYNC_METADATA_OFF,
    &gc_absent::GC_ABSENT,
    &gc_deletes_all_generations::GC_DELETES_ALL_GENERATIONS,
    &gc_keeps_all_generations::GC_KEEPS_ALL_GENERATIONS,
    &gc_older_than_unit::GC_OLDER_THAN_UNIT,
    &gc_optimise_same_time::GC_OPTIMISE_SAME_TIME,
    &gc_retention_long::GC_RETENTION_LONG,
    &gc_retention_short::GC_RETENTION_SHORT,
    &gc_too_frequent::GC_TOO_FREQUENT,
    &hash_in_value::HASH_IN_VALUE,
    &hm_darwin_gc_options_split::HM_DARWIN_GC_OPTIONS_SPLIT,
    &hm_gc_user_only::HM_GC_USER_ONLY,
    &hm_package_missing::HM_PACKAGE_MISSING,
    &hm_restricted_setting::HM_RESTRICTED_SETTING,
    &hm_substituters_drop_default::HM_SUBSTITUTERS_DROP_DEFAULT,
    &hm_trusted_users_no_effect::HM_TRUSTED_USERS_NO_EFFECT,
    &http_connections_extreme::HTTP_CONNECTIONS_EXTREME,
    &ifd_allowed_in_shared_flake::IFD_ALLOWED_IN_SHARED_FLAKE,
    &include_as_value::INCLUDE_AS_VALUE,
    &inode_pressure::INODE_PRESSURE,
    &integer_auto_invalid::INTEGER_AUTO_INVALID,
    &jobs_hardcoded_in_shared_module::JOBS_HARDCODED_IN_SHARED_MODULE,
    &keep_failed_growth::KEEP_FAILED_GROWTH,
    &keep_outputs_growth::KEEP_OUTPUTS_GROWTH,
    &keep_outputs_without_derivations::KEEP_OUTPUTS_WITHOUT_DERIVATIONS,
    &key_malformed::KEY_MALFORMED,
    &key_name_mismatch::KEY_NAME_MISMATCH,
    &key_without_substituter::KEY_WITHOUT_SUBSTITUTER,
    &launchd_day_29_31::LAUNCHD_DAY_29_31,
    &launchd_day_and_weekday::LAUNCHD_DAY_AND_WEEKDAY,
    &launchd_interval_invalid::LAUNCHD_INTERVAL_INVALID,
    &launchd_interval_wildcard::LAUNCHD_INTERVAL_WILDCARD,
    &linux_builder_default_size::LINUX_BUILDER_DEFAULT_SIZE,
    &linux_builder_disk_small::LINUX_BUILDER_DISK_SMALL,
    &linux_builder_exceeds_host::LINUX_BUILDER_EXCEEDS_HOST,
    &linux_builder_foreign_system::LINUX_BUILDER_FOREIGN_SYSTEM,
    &linux_builder_off_but_configured::LINUX_BUILDER_OFF_BUT_CONFIGURED,
    &linux_builder_slots_exceed_cores::LINUX_BUILDER_SLOTS_EXCEED_CORES,
    &list_key_as_string::LIST_KEY_AS_STRING,
    &magic_byte_number::MAGIC_BYTE_NUMBER,
    &max_free_small_window::MAX_FREE_SMALL_WINDOW,
    &max_jobs_one::MAX_JOBS_ONE,
    &max_jobs_zero_without_builders::MAX_JOBS_ZERO_WITHOUT_BUILDERS,
    &max_substitution_jobs_low::MAX_SUBSTITUTION_JOBS_LOW,
    &min_free_exceeds_free::MIN_FREE_EXCEEDS_FREE,
    &min_free_ge_max_free::MIN_FREE_GE_MAX_FREE,
    &min_free_too_small::MIN_FREE_TOO_SMALL,
    &min_free_unset::MIN_FREE_UNSET,
    &moved_substituter::MOVED_SUBSTITUTER,
    &negative_ttl_zero::NEGATIVE_TTL_ZERO,
    &nh_clean_and_nix_gc::NH_CLEAN_AND_NIX_GC,
    &nix_package_eol::NIX_PACKAGE_EOL,
    &nix_package_ignored::NIX_PACKAGE_IGNORED,
    &nix_version_vulnerable::NIX_VERSION_VULNERABLE,
    &optimise_twice::OPTIMISE_TWICE,
    &option_requires_nix_enable::OPTION_REQUIRES_NIX_ENABLE,
    &option_wrong_platform::OPTION_WRONG_PLATFORM,
    &override_swallowed_by_update::OVERRIDE_SWALLOWED_BY_UPDATE,
    &path_not_absolute::PATH_NOT_ABSOLUTE,
    &plain_http_substituter::PLAIN_HTTP_SUBSTITUTER,
    &platform_setting_unguarded::PLATFORM_SETTING_UNGUARDED,
    &ram_per_job_low::RAM_PER_JOB_LOW,
    &redundant_default::REDUNDANT_DEFAULT,
    &redundant_module_default::REDUNDANT_MODULE_DEFAULT,
    &removed_option::REMOVED_OPTION,
    &renamed_legacy_option::RENAMED_LEGACY_OPTION,
    &require_sigs_off::REQUIRE_SIGS_OFF,
    &sandbox_fallback_on::SANDBOX_FALLBACK_ON,
    &sandbox_off_linux::SANDBOX_OFF_LINUX,
    &sandbox_relaxed::SANDBOX_RELAXED,
    &semicolon_in_conf::SEMICOLON_IN_CONF,
    &setting_gated::SETTING_GATED,
    &setting_kind_mixed::SETTING_KIND_MIXED,
    &setting_not_in_implementation::SETTING_NOT_IN_IMPLEMENTATION,
    &setting_not_in_version::SETTING_NOT_IN_VERSION,
    &setting_outside_settings::SETTING_OUTSIDE_SETTINGS,
    &setting_scalar_conflict::SETTING_SCALAR_CONFLICT,
    &setting_type_mismatch::SETTING_TYPE_MISMATCH,
    &settings_under_disabled_nix::SETTINGS_UNDER_DISABLED_NIX,
    &size_suffix_on_count::SIZE_SUFFIX_ON_COUNT,
    &size_unit_invalid::SIZE_UNIT_INVALID,
    &size_unit_unsupported::SIZE_UNIT_UNSUPPORTED,
    &speed_factor_inverted::SPEED_FACTOR_INVERTED,
    &stale_download_buffer::STALE_DOWNLOAD_BUFFER,
    &stale_gc_roots::STALE_GC_ROOTS,
    &substitute_disabled::SUBSTITUTE_DISABLED,
    &substituter_trusted_param::SUBSTITUTER_TRUSTED_PARAM,
    &substituter_unusable::SUBSTITUTER_UNUSABLE,
    &substituter_without_key::SUBSTITUTER_WITHOUT_KEY,
    &substituter_without_scheme::SUBSTITUTER_WITHOUT_SCHEME,
    &system_feature_impossible::SYSTEM_FEATURE_IMPOSSIBLE,
    &system_features_clobbered::SYSTEM_FEATURES_CLOBBERED,
    &third_party_key_breadth::THIRD_PARTY_KEY_BREADTH,
    &tmpdir_inert::TMPDIR_INERT,
    &too_many_substituters::TOO_MANY_SUBSTITUTERS,
    &trusted_substituter_mismatch::TRUSTED_SUBSTITUTER_MISMATCH,
    &trusted_user_interactive::TRUSTED_USER_INTERACTIVE,
    &trusted_user_nonexistent_group::TRUSTED_USER_NONEXISTENT_GROUP,
    &trusted_users_everyone::TRUSTED_USERS_EVERYONE,
    &unknown_setting::UNKNOWN_SETTING,
    &wheel_on_darwin::WHEEL_ON_DARWIN,
];

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    let at = ALL.binary_search_by_key(&id, |rule| rule.id).ok()?;
    ALL.get(at).copied()
}
