//! The text of `.drv` files: a term of the ATerm library, `Derive(outputs, derivations that it needs,
//! sources, system, builder, arguments, environment)`, of the same shape in every release; with
//! dynamic derivations `DrvWithVersion` and its version in front.

use std::collections::BTreeMap;

/// What a derivation says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Derivation {
    /// What it makes.
    pub outputs: Vec<DerivationOutput>,
    /// Derivations that it needs, each with the names of the outputs.
    pub input_derivations: Vec<(String, Vec<String>)>,
    /// Store paths that it needs and that nothing builds.
    pub input_sources: Vec<String>,
    /// The platform that builds it.
    pub system: String,
    /// The program that builds it.
    pub builder: String,
    /// The environment of the build.
    pub environment: BTreeMap<String, String>,
}

/// One output.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DerivationOutput {
    /// Its name.
    pub name: String,
    /// Its store path; empty where it is known only after the build.
    pub path: String,
    /// The hash of its content, in base 16; empty where it is not known before the build.
    pub hash: String,
}

/// A text that is no derivation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no derivation: {what} at byte {at_byte}")]
pub struct DerivationError {
    what: &'static str,
    at_byte: usize,
}

impl Derivation {
    /// Reads a `.drv` file.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, DerivationError> {
        let mut reader = Reader { bytes, at: 0 };
        let (name, mut fields) = reader.application()?;
        let wrong = |what| DerivationError { what, at_byte: 0 };
        match name {
            b"Derive" => {}
            b"DrvWithVersion" if !fields.is_empty() => {
                fields.remove(0);
            }
            _ => return Err(wrong("it begins with another word than `Derive`")),
        }
        let Ok([outputs, inputs, sources, system, builder, _, environment]) =
            <[Term; 7]>::try_from(fields)
        else {
            return Err(wrong("it has not the seven parts of a derivation"));
        };
        let outputs = outputs.entries().iter().map(|output| DerivationOutput {
            name: output.text(0).to_owned(),
            path: output.text(1).to_owned(),
            // Before it stands the kind of the hash.
            hash: output.text(3).to_owned(),
        });
        let inputs = inputs.entries().iter().map(|input| {
            let names = match input.entries() {
                // Outputs of outputs stand beside the plain ones.
                [_, Term::Several(names)] => match names.first() {
                    Some(Term::Several(plain)) => plain,
                    _ => names,
                },
                _ => &[][..],
            };
            (input.text(0).to_owned(), texts(names))
        });
        let environment = environment.entries().iter();
        let environment =
            environment.map(|variable| (variable.text(0).to_owned(), variable.text(1).to_owned()));
        Ok(Self {
            outputs: outputs.collect(),
            input_derivations: inputs.collect(),
            input_sources: texts(sources.entries()),
            environment: environment.collect(),
            system: system.whole().to_owned(),
            builder: builder.whole().to_owned(),
        })
    }

    /// The store path of an output; `None` where there is none, or it is known only after the build.
    pub fn output(&self, name: &str) -> Option<&str> {
        let mut outputs = self.outputs.iter();
        let output = outputs.find(|output| output.name == name)?;
        (!output.path.is_empty()).then_some(&output.path)
    }

    /// True when the hash of its output is known before: it fetches something.
    pub fn has_fixed_output(&self) -> bool {
        self.outputs.iter().any(|output| !output.hash.is_empty())
    }

    /// What an attribute says that is true or false; `None` when it is not there. With structured
    /// attributes it stands in their JSON; else true is `1` (`ParsedDerivation::getBoolAttr`).
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.environment.get("__json") {
            Some(json) => {
                let json: serde_json::Value = serde_json::from_str(json).ok()?;
                json.get(name)?.as_bool()
            }
            None => Some(self.environment.get(name)? == "1"),
        }
    }

    /// False when the derivation itself asks not to be taken from caches.
    pub fn allows_substitutes(&self) -> bool {
        self.flag("allowSubstitutes").unwrap_or(true)
    }

    /// The features that it asks of the machine that builds it (`requiredSystemFeatures`).
    pub fn required_features(&self) -> Vec<String> {
        const NAME: &str = "requiredSystemFeatures";
        let Some(json) = self.environment.get("__json") else {
            let text = self.environment.get(NAME).map_or("", String::as_str);
            return text.split_ascii_whitespace().map(str::to_owned).collect();
        };
        let json: Option<serde_json::Value> = serde_json::from_str(json).ok();
        let features = json.as_ref().and_then(|json| json.get(NAME)?.as_array());
        let features = features.into_iter().flatten();
        features
            .filter_map(|feature| feature.as_str().map(str::to_owned))
            .collect()
    }

    /// True when a build is worth less than a transfer.
    pub fn prefers_local_build(&self) -> bool {
        self.flag("preferLocalBuild").unwrap_or(false)
    }
}

fn texts(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| term.whole().to_owned()).collect()
}

/// A term: what a `.drv` is made of.
enum Term {
    Text(String),
    /// A list or a tuple.
    Several(Vec<Term>),
}

impl Term {
    fn entries(&self) -> &[Term] {
        match self {
            Self::Several(entries) => entries,
            Self::Text(_) => &[],
        }
    }

    /// The text that it is; empty for what is none.
    fn whole(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Several(_) => "",
        }
    }

    /// The text at a position of a tuple; empty where there is none.
    fn text(&self, position: usize) -> &str {
        self.entries().get(position).map_or("", Self::whole)
    }
}

/// Terms lie in each other no deeper than this: real ones have three levels, and one more for each
/// output of an output.
const DEEPEST: usize = 64;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self, what: &'static str) -> DerivationError {
        DerivationError {
            what,
            at_byte: self.at,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// `Word(…)` up to the end of the file.
    fn application(&mut self) -> Result<(&'a [u8], Vec<Term>), DerivationError> {
        let end = self.bytes.iter().position(|byte| *byte == b'(');
        let word = end.and_then(|end| self.bytes.get(..end));
        let word = word.ok_or_else(|| self.wrong("there is no `(`"))?;
        self.at = word.len() + 1;
        let fields = self.until(b')', 0)?;
        if self.at < self.bytes.len() {
            return Err(self.wrong("something follows the last `)`"));
        }
        Ok((word, fields))
    }

    /// Terms with commas between them, up to what closes them.
    fn until(&mut self, closing: u8, depth: usize) -> Result<Vec<Term>, DerivationError> {
        if depth > DEEPEST {
            return Err(self.wrong("too many lists lie in each other"));
        }
        let mut terms = Vec::new();
        if self.bytes.get(self.at) == Some(&closing) {
            self.at += 1;
            return Ok(terms);
        }
        loop {
            terms.push(match self.next() {
                Some(b'"') => Term::Text(self.text()?),
                Some(b'[') => Term::Several(self.until(b']', depth + 1)?),
                Some(b'(') => Term::Several(self.until(b')', depth + 1)?),
                _ => return Err(self.wrong("a text, a list or a tuple was expected")),
            });
            match self.next() {
                Some(b',') => {}
                Some(byte) if byte == closing => return Ok(terms),
                _ => return Err(self.wrong("a comma or the end of a list was expected")),
            }
        }
    }

    /// The rest of a text behind its quotation mark. Bytes that are not UTF-8 are replaced: no store
    /// path has any.
    fn text(&mut self) -> Result<String, DerivationError> {
        let mut text = Vec::new();
        loop {
            let byte = match self.next() {
                Some(b'"') => return Ok(String::from_utf8_lossy(&text).into_owned()),
                Some(b'\\') => match self.next() {
                    Some(b'n') => b'\n',
                    Some(b'r') => b'\r',
                    Some(b't') => b'\t',
                    Some(other) => other,
                    None => return Err(self.wrong("a text does not end")),
                },
                Some(other) => other,
                None => return Err(self.wrong("a text does not end")),
            };
            text.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"Derive([("dev","/nix/store/d-dev","",""),("out","","r:sha256","ab")],[("/nix/store/i.drv",["out","dev"])],["/nix/store/src"],"x86_64-linux","/bin/sh",["-c","a\n\"b\""],[("allowSubstitutes",""),("name","x"),("preferLocalBuild","1")])"#;

    fn read(text: &str) -> Derivation {
        Derivation::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_derivation_is_read() {
        let drv = read(TEXT);
        assert_eq!(drv.output("dev"), Some("/nix/store/d-dev"));
        assert_eq!(drv.output("out"), None);
        assert_eq!(drv.output("doc"), None);
        assert!(drv.has_fixed_output());
        let names = vec!["out".to_owned(), "dev".to_owned()];
        assert_eq!(
            drv.input_derivations,
            [("/nix/store/i.drv".to_owned(), names)]
        );
        assert_eq!(drv.input_sources, ["/nix/store/src"]);
        assert_eq!((&*drv.system, &*drv.builder), ("x86_64-linux", "/bin/sh"));
        assert!(!drv.allows_substitutes() && drv.prefers_local_build());
        assert_eq!(drv.flag("enableParallelBuilding"), None);
        let other = read(&TEXT.replace("allowSubstitutes\",\"", "allowSubstitutes\",\"1"));
        assert!(other.allows_substitutes());
    }

    #[test]
    fn structured_attributes_and_outputs_of_outputs_are_read() {
        let text = r#"DrvWithVersion("xp-dyn-drv",[("out","/s/o","","")],[("/s/a.drv",(["out"],[("out",["dev"])]))],[],"x","/bin/sh",[],[("__json","{\"allowSubstitutes\":false}"),("preferLocalBuild","1")])"#;
        let drv = read(text);
        assert_eq!(
            drv.input_derivations,
            [("/s/a.drv".to_owned(), vec!["out".to_owned()])]
        );
        // With them nothing else counts.
        assert!(!drv.allows_substitutes() && !drv.prefers_local_build());
        assert!(!drv.has_fixed_output());
    }

    #[test]
    fn what_is_no_derivation_is_refused_with_its_place() {
        let error = |text: &[u8]| Derivation::parse(text).unwrap_err().to_string();
        assert!(error(b"").contains("no `(`"));
        assert!(error(b"Derive(").contains("byte 7"));
        assert!(error(b"Derive([\"a").contains("does not end"));
        assert!(error(b"Other([])").contains("another word"));
        assert!(error(b"Derive([])").contains("seven parts"));
        assert!(error(b"Derive([]) ").contains("follows"));
        let deep = format!("Derive({}", "[".repeat(100_000));
        assert!(error(deep.as_bytes()).contains("lie in each other"));
        // Every beginning of a derivation is an error, and none a panic.
        for end in 0..TEXT.len() {
            assert!(Derivation::parse(&TEXT.as_bytes()[..end]).is_err(), "{end}");
        }
    }
}
