//! `nix path-info --all --json`, in the shapes that it had over the years.

use serde_json::{Map, Value as Json};

use super::graph::{Builder, StoreGraph};

/// Why a listing is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ListingFault {
    /// Not JSON.
    #[error("what `nix path-info` prints is no JSON: {0}")]
    NoJson(String),
    /// JSON of another shape.
    #[error("what `nix path-info` prints has a shape that is not known")]
    Shape,
}

/// Reads a listing: a list (until 2.18, and Lix), an object by path (from 2.19), or an object with
/// `version` and `info` by base name (from 2.33 on request).
///
/// # Errors
/// It is none.
pub fn read_listing(bytes: &[u8], store: &str) -> Result<StoreGraph, ListingFault> {
    let json: Json =
        serde_json::from_slice(bytes).map_err(|error| ListingFault::NoJson(error.to_string()))?;
    let mut entries: Vec<(String, Map<String, Json>)> = Vec::new();
    match json {
        Json::Array(all) => {
            for one in all {
                let Json::Object(fields) = one else {
                    return Err(ListingFault::Shape);
                };
                let path = fields.get("path").and_then(Json::as_str);
                let path = path.ok_or(ListingFault::Shape)?.to_owned();
                entries.push((path, fields));
            }
        }
        Json::Object(mut all) => {
            if all.contains_key("version")
                && let Some(Json::Object(info)) = all.remove("info")
            {
                all = info;
            }
            for (path, fields) in all {
                match fields {
                    Json::Object(fields) => entries.push((path, fields)),
                    // A path that is not valid.
                    Json::Null => {}
                    _ => return Err(ListingFault::Shape),
                }
            }
        }
        _ => return Err(ListingFault::Shape),
    }
    let whole = |path: &str| match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{}/{path}", store.trim_end_matches('/')),
    };
    let mut builder = Builder::default();
    let rows: rustc_hash::FxHashMap<String, i64> = (0_i64..)
        .zip(&entries)
        .map(|(row, (path, _))| (whole(path), row))
        .collect();
    for (row, (path, fields)) in (0_i64..).zip(&entries) {
        if fields.get("valid").and_then(Json::as_bool) == Some(false) {
            continue;
        }
        let number = |name: &str| fields.get(name).and_then(Json::as_i64).unwrap_or(0);
        let deriver = fields.get("deriver").and_then(Json::as_str).map(whole);
        builder.path(
            row,
            &whole(path),
            number("narSize"),
            number("registrationTime"),
            deriver.as_deref(),
        );
        let references = fields.get("references").and_then(Json::as_array);
        for reference in references.into_iter().flatten().filter_map(Json::as_str) {
            if let Some(to) = rows.get(&whole(reference)) {
                builder.reference(row, *to);
            }
        }
        // A listing does not name outputs; that a path was built from a derivation says the same.
        if let Some(derivation) = deriver.and_then(|deriver| rows.get(&deriver)) {
            builder.output(*derivation, &whole(path));
        }
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_tells_the_same() {
        let list = r#"[{"path":"/s/a","narSize":5,"registrationTime":7,"references":["/s/a","/s/b"],"deriver":"/s/a.drv"},
            {"path":"/s/b","narSize":2,"references":[]},{"path":"/s/a.drv","narSize":1,"references":[]},
            {"path":"/s/c","valid":false}]"#;
        let by_path = r#"{"/s/a":{"narSize":5,"registrationTime":7,"references":["/s/a","/s/b"],"deriver":"/s/a.drv"},
            "/s/b":{"narSize":2,"references":[]},"/s/a.drv":{"narSize":1,"references":[]},"/s/c":null}"#;
        let by_name = r#"{"version":2,"storeDir":"/s","info":{"a":{"narSize":5,"registrationTime":7,"references":["a","b"],"deriver":"a.drv"},
            "b":{"narSize":2,"references":[]},"a.drv":{"narSize":1,"references":[]}}}"#;
        for text in [list, by_path, by_name] {
            let graph = read_listing(text.as_bytes(), "/s").unwrap();
            assert_eq!(graph.paths().len(), 3);
            let number = |path: &str| graph.number(path).unwrap();
            let a = graph.path(number("/s/a")).unwrap();
            assert_eq!((a.nar_size_bytes, a.registered_secs), (5, 7));
            assert_eq!(a.deriver, Some(number("/s/a.drv")));
            assert_eq!(graph.references(number("/s/a")), [number("/s/b")]);
            assert_eq!(graph.outputs(), [(number("/s/a.drv"), number("/s/a"))]);
        }
        assert_eq!(read_listing(b"3", "/s"), Err(ListingFault::Shape));
        assert!(matches!(
            read_listing(b"[", "/s"),
            Err(ListingFault::NoJson(_))
        ));
    }
}
