//! The grammar of `.drv` files: `Derive([outputs],[inputs],[sources],system,builder,[args],[env])`.
//! It is the same in every release.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

/// What a derivation says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Derivation {
    /// Name and store path of each output; the path is empty where it is known only after the build.
    pub outputs: Vec<(String, String)>,
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

impl Derivation {
    /// Reads the text of a `.drv` file; `None` when it is none. Those with dynamic inputs
    /// (`DrvWithVersion`) are not read.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader {
            rest: text.strip_prefix("Derive(")?,
        };
        let outputs = reader.list(|reader| {
            reader.eat("(")?;
            let name = reader.string()?;
            reader.eat(",")?;
            let path = reader.string()?;
            reader.eat(",")?;
            reader.string()?;
            reader.eat(",")?;
            reader.string()?;
            reader.eat(")")?;
            Some((name, path))
        })?;
        reader.eat(",")?;
        let input_derivations = reader.list(|reader| {
            reader.eat("(")?;
            let path = reader.string()?;
            reader.eat(",")?;
            let names = reader.list(Reader::string)?;
            reader.eat(")")?;
            Some((path, names))
        })?;
        reader.eat(",")?;
        let input_sources = reader.list(Reader::string)?;
        reader.eat(",")?;
        let system = reader.string()?;
        reader.eat(",")?;
        let builder = reader.string()?;
        reader.eat(",")?;
        reader.list(Reader::string)?;
        reader.eat(",")?;
        let environment = reader.list(|reader| {
            reader.eat("(")?;
            let name = reader.string()?;
            reader.eat(",")?;
            let value = reader.string()?;
            reader.eat(")")?;
            Some((name, value))
        })?;
        reader.eat(")")?;
        reader.rest.trim_end().is_empty().then(|| Self {
            outputs,
            input_derivations,
            input_sources,
            system,
            builder,
            environment: environment.into_iter().collect(),
        })
    }

    /// The store path of an output.
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs
            .iter()
            .find_map(|(known, path)| (known == name && !path.is_empty()).then_some(&**path))
    }

    /// False when the derivation itself asks not to be taken from caches. One with structured
    /// attributes says so in its JSON.
    pub fn allows_substitutes(&self) -> bool {
        if let Some(json) = self.environment.get("__json") {
            let attributes: FxHashMap<String, serde_json::Value> =
                serde_json::from_str(json).unwrap_or_default();
            let said = attributes.get("allowSubstitutes");
            return said.and_then(serde_json::Value::as_bool) != Some(false);
        }
        match self.environment.get("allowSubstitutes") {
            Some(text) => text == "1",
            None => true,
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, sign: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.eat("[")?;
        let mut all = Vec::new();
        while self.eat("]").is_none() {
            if !all.is_empty() {
                self.eat(",")?;
            }
            all.push(item(self)?);
        }
        Some(all)
    }

    fn string(&mut self) -> Option<String> {
        self.eat("\"")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        loop {
            match chars.next()? {
                (at, '"') => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(text);
                }
                (_, '\\') => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                (_, c) => text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"Derive([("dev","/nix/store/d-dev","",""),("out","/nix/store/o","r:sha256","ab")],[("/nix/store/i.drv",["out","dev"])],["/nix/store/src"],"x86_64-linux","/bin/sh",["-c","a\n\"b\""],[("allowSubstitutes",""),("name","x")])"#;

    #[test]
    fn a_derivation_is_read() {
        let drv = Derivation::parse(TEXT).unwrap();
        assert_eq!(drv.output("out"), Some("/nix/store/o"));
        assert_eq!(drv.output("doc"), None);
        assert_eq!(drv.input_derivations[0].1, ["out", "dev"]);
        assert_eq!(drv.input_sources, ["/nix/store/src"]);
        assert!(!drv.allows_substitutes());
        let other = TEXT.replace("allowSubstitutes\",\"", "allowSubstitutes\",\"1");
        assert!(Derivation::parse(&other).unwrap().allows_substitutes());
        let json = TEXT.replace(
            "(\"allowSubstitutes\",\"\")",
            r#"("__json","{\"allowSubstitutes\":false}")"#,
        );
        assert!(!Derivation::parse(&json).unwrap().allows_substitutes());
    }

    #[test]
    fn what_is_cut_off_is_none() {
        for end in 0..TEXT.len() {
            assert_eq!(Derivation::parse(&TEXT[..end]), None, "{end}");
        }
        assert_eq!(Derivation::parse(&format!("{TEXT}x")), None);
    }
}
