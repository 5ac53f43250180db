//! Values of nixtune's evaluator as JSON, to compare with what Nix prints.

use nixtune::eval::Value;
use serde_json::{Map, Number, Value as Json};

/// The JSON form of a fully known value; `None` when any part is unknown or undecided.
pub fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::Float(value) => Json::Number(Number::from_f64(*value)?),
        Value::Str(text) => Json::String(text.to_string()),
        Value::Path(path) => Json::String(path.to_str()?.to_owned()),
        Value::List(items) => Json::Array(
            items
                .iter()
                .map(|item| to_json(&item.value))
                .collect::<Option<_>>()?,
        ),
        Value::Attrs(attrs) => Json::Object(
            attrs
                .iter()
                .map(|(name, attr)| Some((name.to_string(), to_json(&attr.value)?)))
                .collect::<Option<Map<_, _>>>()?,
        ),
        Value::OneOf(_) | Value::Unknown(_) => return None,
    })
}
