//! The JSON schema of `nixtune.toml`, for editors.

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Shape};
use super::selection::{ALL, DEFAULT, selectors};
use crate::rules::{Category, Rule, RuleOption};

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
        "definitions": definitions(rules),
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

/// What selects rules, once as a word and once as a key. Editors say what a word stands for only
/// where each has a text of its own: taplo, which most of them ask, takes that of an element of a
/// list from `x-taplo`, and completes keys from `properties` alone.
fn definitions(rules: &[&'static Rule]) -> Value {
    let words: Vec<&str> = selectors(rules).collect();
    let docs: Vec<Option<String>> = words.iter().map(|word| docs(word, rules)).collect();
    let properties: Map<String, Value> = words
        .iter()
        .zip(&docs)
        .map(|(word, docs)| {
            let mut severity = json!({ "enum": keys::SEVERITIES });
            if let (Some(severity), Some(docs)) = (severity.as_object_mut(), docs) {
                severity.insert("description".to_owned(), Value::from(docs.as_str()));
            }
            ((*word).to_owned(), severity)
        })
        .collect();
    json!({
        "selector": {
            "description": "Rules: an id, a category, `default` or `all`.",
            "enum": words,
            "x-taplo": { "docs": { "enumValues": docs } },
        },
        "severities": {
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
        },
    })
}

/// What a word selects; `None` for diagnostics that come from no rule.
fn docs(word: &str, rules: &[&'static Rule]) -> Option<String> {
    if let Some(rule) = rules.iter().find(|rule| rule.id == word) {
        return Some(rule.summary().to_owned());
    }
    match word {
        ALL => Some("Every rule".to_owned()),
        DEFAULT => Some("The rules that speak without being named".to_owned()),
        _ => {
            let category = Category::ALL.iter().find(|one| one.name() == word)?;
            Some(format!("The rules about {}", category.name()))
        }
    }
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
        Shape::Number => json!({ "type": "number", "minimum": 0 }),
        Shape::Selectors => json!({
            "type": "array",
            "items": { "$ref": "#/definitions/selector" },
        }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Version => json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+" }),
        Shape::Platform => json!({ "type": "string" }),
        // Beside `$ref`, draft 7 sees no description.
        Shape::Severities => json!({ "allOf": [{ "$ref": "#/definitions/severities" }] }),
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
