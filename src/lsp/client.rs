//! What the client can do, and what its user wants.

use std::path::PathBuf;

use lsp_types::{InitializeParams, PositionEncodingKind};
use serde::Deserialize;
use serde_json::Value;

use super::encoding::Encoding;
use crate::engine::Request;
use crate::policy::TargetPolicy;

/// What the client can do.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    /// How it counts columns.
    pub encoding: Encoding,
    /// It asks for diagnostics; otherwise they are sent.
    pub pulls: bool,
    /// It asks again for diagnostics when it is told to.
    pub refreshes_diagnostics: bool,
    /// It asks again for inlay hints when it is told to.
    pub refreshes_hints: bool,
    /// Edits of files may name the version that they are for.
    pub versioned_edits: bool,
    /// It shows why an action cannot be taken.
    pub disabled_actions: bool,
    /// Completions may have places to fill in.
    pub snippets: bool,
    /// It opens a document when it is told to.
    pub shows_documents: bool,
    /// It watches files when it is told to.
    pub watches: bool,
    /// It shows other places of a diagnostic.
    pub related: bool,
    /// It answers what its user has set.
    pub configures: bool,
}

impl Client {
    /// Reads what a client says first.
    ///
    /// # Errors
    /// What is no such message.
    pub fn read(params: Value) -> Result<(Self, InitializeParams), serde_json::Error> {
        // The protocol calls it `diagnostics`, and the library's type misses that.
        let refreshes = params.pointer("/capabilities/workspace/diagnostics/refreshSupport");
        let refreshes_diagnostics = refreshes.and_then(Value::as_bool).unwrap_or(false);
        let params: InitializeParams = serde_json::from_value(params)?;
        let client = Self {
            refreshes_diagnostics,
            ..Self::of(&params)
        };
        Ok((client, params))
    }

    fn of(params: &InitializeParams) -> Self {
        let all = &params.capabilities;
        let general = all.general.as_ref();
        let offered: Vec<PositionEncodingKind> = general
            .and_then(|general| general.position_encodings.clone())
            .unwrap_or_default();
        let text = all.text_document.as_ref();
        let workspace = all.workspace.as_ref();
        let window = all.window.as_ref();
        let is = |flag: Option<bool>| flag.unwrap_or(false);
        Self {
            encoding: Encoding::choose(&offered),
            pulls: text.is_some_and(|text| text.diagnostic.is_some()),
            refreshes_diagnostics: false,
            refreshes_hints: is(
                workspace.and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support)
            ),
            versioned_edits: is(
                workspace.and_then(|workspace| workspace.workspace_edit.as_ref()?.document_changes)
            ),
            disabled_actions: is(text.and_then(|text| text.code_action.as_ref()?.disabled_support)),
            snippets: is(text.and_then(|text| {
                let item = text.completion.as_ref()?.completion_item.as_ref()?;
                item.snippet_support
            })),
            shows_documents: window
                .and_then(|window| window.show_document.as_ref())
                .is_some_and(|show| show.support),
            watches: is(workspace.and_then(|workspace| {
                let watched = workspace.did_change_watched_files.as_ref()?;
                watched.dynamic_registration
            })),
            configures: is(workspace.and_then(|workspace| workspace.configuration)),
            related: is(
                text.and_then(|text| text.publish_diagnostics.as_ref()?.related_information)
            ),
        }
    }
}

/// What the user sets in the editor: `initializationOptions`, and the section `nixtune` of the
/// settings. The names are those of the command line.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Options {
    /// A hardware profile for every machine.
    pub host: Option<PathBuf>,
    /// What the files are for, as for `--target`.
    pub target: Option<String>,
    /// Only these rules or categories.
    pub select: Vec<String>,
    /// Not these rules or categories.
    pub ignore: Vec<String>,
    /// Let rules speak, too, that are not yet proven on many configurations.
    pub preview: bool,
}

impl Options {
    /// Reads them as clients send them: bare, or in a section of their name.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn read(value: &Value) -> Result<Self, String> {
        let section = value.get("nixtune").unwrap_or(value);
        if section.is_null() {
            return Ok(Self::default());
        }
        let options: Self = serde_json::from_value(section.clone())
            .map_err(|error| format!("the settings of nixtune in the editor: {error}"))?;
        options.target()?;
        Ok(options)
    }

    fn target(&self) -> Result<TargetPolicy, String> {
        match &self.target {
            None => Ok(TargetPolicy::default()),
            Some(text) => text
                .parse()
                .map_err(|error| format!("the setting `target` of nixtune in the editor: {error}")),
        }
    }

    /// The request to lint `root`.
    pub fn request(&self, root: PathBuf) -> Request {
        Request {
            roots: vec![root],
            host: self.host.clone(),
            target: self.target().unwrap_or_default(),
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            preview: self.preview,
            ..Request::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_come_bare_or_in_their_section() {
        let bare = json!({ "select": ["gc"], "target": "lix@2.93" });
        let options = Options::read(&bare).unwrap();
        assert_eq!(options.select, ["gc"]);
        assert_eq!(Options::read(&json!({ "nixtune": bare })).unwrap(), options);
        assert_eq!(Options::read(&json!(null)).unwrap(), Options::default());
    }

    #[test]
    fn mistakes_are_told() {
        let error = |value| Options::read(&value).unwrap_err();
        assert!(error(json!({ "preview": "yes" })).contains("in the editor"));
        assert!(error(json!({ "target": "niks" })).contains("`target`"));
    }
}
