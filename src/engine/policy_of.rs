//! The policy of a run: its `nixtune.toml`, and what flags lay over it.

use std::borrow::Cow;
use std::path::PathBuf;

use super::{EngineError, Request};
use crate::catalog::{CacheInfo, Catalog};
use crate::facts::Target;
use crate::policy::{self, PolicyFile};
use crate::rules;
use crate::system::System;

/// `nixtune.toml` is a page of text.
const POLICY_LIMIT: u64 = 1 << 20;

/// Reads the `nixtune.toml` that the roots belong to, or the user's where they have none.
pub(super) fn read_policy(
    system: &dyn System,
    request: &Request,
) -> Result<Option<PolicyFile>, EngineError> {
    let mut found: Option<PathBuf> = None;
    for root in &request.roots {
        let Some(path) = policy::discover(system, root) else {
            continue;
        };
        match &found {
            Some(other) if *other != path => {
                return Err(EngineError::TwoPolicies(
                    PathBuf::from(super::shown(system, other)),
                    PathBuf::from(super::shown(system, &path)),
                ));
            }
            _ => found = Some(path),
        }
    }
    let is_users = found.is_none();
    let Some(path) = found.or_else(|| policy::of_user(system)) else {
        return Ok(None);
    };
    let bytes = system.read(&path, POLICY_LIMIT)?;
    let name = super::shown(system, &path);
    let text = String::from_utf8(bytes).map_err(|_| EngineError::NotText(PathBuf::from(&name)))?;
    let file = PolicyFile::parse(&path, name.into(), text.into(), rules::ALL)?;
    Ok(Some(PolicyFile { is_users, ..file }))
}

/// `catalog` with the caches that `nixtune.toml` names.
pub(super) fn with_own_caches<'c>(
    catalog: &'c Catalog,
    policy: Option<&PolicyFile>,
) -> Cow<'c, Catalog> {
    match policy.filter(|policy| !policy.caches.is_empty()) {
        None => Cow::Borrowed(catalog),
        Some(policy) => {
            let own = policy.caches.iter();
            let own = own.map(|(url, keys)| CacheInfo::own(url, keys)).collect();
            Cow::Owned(catalog.clone().with_caches(own))
        }
    }
}

/// `catalog` with the caches that the `nixtune.toml` of the working directory names.
///
/// # Errors
/// A `nixtune.toml` that cannot be read or has mistakes.
pub fn known_caches<'c>(
    system: &dyn System,
    catalog: &'c Catalog,
) -> Result<Cow<'c, Catalog>, EngineError> {
    let request = Request {
        roots: vec![PathBuf::from(".")],
        ..Request::default()
    };
    let policy = read_policy(system, &request)?;
    Ok(with_own_caches(catalog, policy.as_ref()))
}

/// What flags and `nixtune.toml` say about the target, flags first.
pub(super) fn declared_target(request: &Request, policy: Option<&PolicyFile>) -> Target {
    let mut target = request.target.as_target("--target");
    if let Some(policy) = policy {
        let weaker = policy.target.as_target(&policy.name);
        if target.implementation.is_none() && target.version.is_none() {
            target.implementation = weaker.implementation;
            target.version = weaker.version;
        }
        target.platform = target.platform.or(weaker.platform);
        target.module_system = target.module_system.or(weaker.module_system);
    }
    target
}
