//! The JSON schema of `nixtune.toml`, for editors.

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Shape};
use super::selection::selectors;
use crate::rules::{Rule, RuleOption};

/// Where the schema of the newest release lies.
pub const SCHEMA_URL: &str =
    "https://raw.githubusercontent.com/nixtune/nixtune/main/docs/nixtune.schema.json";

/// The schema (draft 7, which TOML editors read) with the ids and options of `rules`; newline at
/// the end.
pub fn schema(rules: &[&'static Rule]) -> String {
    let mut document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_URL,
        "title": "nixtune.toml",
        "definitions": {
            "selector": { "enum": selectors(rules).collect::<Vec<_>>() },
        },
    });
    if let (Some(document), Value::Object(root)) =
        (document.as_object_mut(), table(keys::ROOT, rules))
    {
        document.extend(root);
    }
    // Maps and strings always serialize.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn table(keys: &[Key], rules: &[&'static Rule]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut value = shape(key.shape, rules);
            if let Some(value) = value.as_object_mut() {
                value.insert("description".to_owned(), Value::from(key.docs));
            }
            (key.name.to_owned(), value)
        })
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn shape(shape: Shape, rules: &[&'static Rule]) -> Value {
    match shape {
        Shape::Path => json!({ "type": "string", "minLength": 1 }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Selectors => json!({
            "type": "array",
            "items": { "$ref": "#/definitions/selector" },
        }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Version => json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+" }),
        Shape::Platform => json!({ "type": "string" }),
        Shape::Severities => json!({
            "type": "object",
            "propertyNames": { "$ref": "#/definitions/selector" },
            "additionalProperties": { "enum": keys::SEVERITIES },
        }),
        Shape::Table(keys) => table(keys, rules),
        Shape::Tables(keys, _) => json!({
            "type": "object",
            "additionalProperties": table(keys, rules),
        }),
        Shape::RuleOptions => {
            let properties: Map<String, Value> = rules
                .iter()
                .filter(|rule| !rule.options.is_empty())
                .map(|rule| (rule.id.to_owned(), options(rule)))
                .collect();
            json!({ "type": "object", "additionalProperties": false, "properties": properties })
        }
        Shape::Caches => json!({
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": { "type": "string", "pattern": "^[^:]+:[A-Za-z0-9+/]{43}=?$" },
            },
        }),
    }
}

fn options(rule: &Rule) -> Value {
    let option = |option: &RuleOption| {
        let value = json!({
            "type": "integer",
            "minimum": 0,
            "default": option.default,
            "description": option.docs,
        });
        (option.name.to_owned(), value)
    };
    let properties: Map<String, Value> = rule.options.iter().map(option).collect();
    json!({
        "type": "object",
        "description": rule.summary(),
        "additionalProperties": false,
        "properties": properties,
    })
}
