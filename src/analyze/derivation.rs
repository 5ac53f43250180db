//! Derivations as they lie in the store: the ATerm format, which no release has changed.

use std::collections::BTreeMap;

/// What a `.drv` file says, as far as an analysis asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Derivation {
    /// Store paths by the names of the outputs; empty paths where only the build tells.
    pub outputs: BTreeMap<String, String>,
    /// Derivations that it is built from.
    pub inputs: Vec<String>,
    /// The platform that it is built on.
    pub system: String,
    /// False when it is never asked for at a cache (`allowSubstitutes`).
    pub allows_substitutes: bool,
    /// True when a build is worth less than a transfer (`preferLocalBuild`).
    pub prefers_local_build: bool,
}

impl Derivation {
    /// True for what is always built where it is used: its build says nothing about caches.
    pub fn is_local_only(&self) -> bool {
        !self.allows_substitutes || self.prefers_local_build
    }
}

/// Reads a `.drv` file; `None` when it is none.
pub fn read_derivation(content: &[u8]) -> Option<Derivation> {
    let mut reader = Reader { rest: content };
    if reader.literal(b"DrvWithVersion(").is_some() {
        reader.string()?;
        reader.literal(b",")?;
    } else {
        reader.literal(b"Derive(")?;
    }
    let mut derivation = Derivation {
        allows_substitutes: true,
        ..Derivation::default()
    };
    reader.list(&mut |reader| {
        let [name, path, _, _] = reader.strings()?;
        derivation.outputs.insert(name, path);
        Some(())
    })?;
    reader.literal(b",")?;
    reader.list(&mut |reader| {
        reader.literal(b"(")?;
        derivation.inputs.push(reader.string()?);
        reader.literal(b",")?;
        reader.skip_value()?;
        reader.literal(b")")
    })?;
    reader.literal(b",")?;
    reader.skip_value()?;
    reader.literal(b",")?;
    derivation.system = reader.string()?;
    reader.literal(b",")?;
    reader.string()?;
    reader.literal(b",")?;
    reader.skip_value()?;
    reader.literal(b",")?;
    reader.list(&mut |reader| {
        let [name, value] = reader.strings()?;
        // In the environment of a derivation, true is "1" and false is "".
        match name.as_str() {
            "allowSubstitutes" => derivation.allows_substitutes = value == "1",
            "preferLocalBuild" => derivation.prefers_local_build = value == "1",
            "__json" => {
                let attributes: serde_json::Value = serde_json::from_str(&value).ok()?;
                let says = |name: &str| attributes.get(name).and_then(serde_json::Value::as_bool);
                derivation.allows_substitutes = says("allowSubstitutes").unwrap_or(true);
                derivation.prefers_local_build = says("preferLocalBuild").unwrap_or(false);
            }
            _ => {}
        }
        Some(())
    })?;
    Some(derivation)
}

struct Reader<'c> {
    rest: &'c [u8],
}

impl Reader<'_> {
    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        self.literal(b"\"")?;
        let mut out = Vec::new();
        loop {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            match first {
                b'"' => return Some(String::from_utf8_lossy(&out).into_owned()),
                b'\\' => {
                    let (escaped, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    out.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        other => *other,
                    });
                }
                other => out.push(*other),
            }
        }
    }

    /// A tuple of strings.
    fn strings<const N: usize>(&mut self) -> Option<[String; N]> {
        let mut out = [const { String::new() }; N];
        self.literal(b"(")?;
        for (index, place) in out.iter_mut().enumerate() {
            if index > 0 {
                self.literal(b",")?;
            }
            *place = self.string()?;
        }
        self.literal(b")")?;
        Some(out)
    }

    fn list(&mut self, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.literal(b"[")?;
        if self.literal(b"]").is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.literal(b",").is_none() {
                return self.literal(b"]");
            }
        }
    }

    /// Passes over a value of any shape: strings in lists and tuples, which dynamic derivations nest.
    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.rest.first()? {
                b'"' => {
                    self.string()?;
                }
                b'[' | b'(' => {
                    depth += 1;
                    self.rest = self.rest.get(1..)?;
                }
                b']' | b')' => {
                    depth = depth.checked_sub(1)?;
                    self.rest = self.rest.get(1..)?;
                }
                b',' if depth > 0 => self.rest = self.rest.get(1..)?,
                _ => return None,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"Derive([("out","/nix/store/8f-e","","")],[("/nix/store/im-d.drv",["out"]),("/nix/store/pj-c.drv",["dev","out"])],["/nix/store/src"],"x86_64-linux","/bin/sh",["-c","echo \"hi\" > $out"],[("allowSubstitutes",""),("name","e"),("preferLocalBuild","1")])"#;

    #[test]
    fn derivations_are_read() {
        let derivation = read_derivation(PLAIN.as_bytes()).unwrap();
        assert_eq!(derivation.outputs["out"], "/nix/store/8f-e");
        assert_eq!(
            derivation.inputs,
            ["/nix/store/im-d.drv", "/nix/store/pj-c.drv"]
        );
        assert_eq!(derivation.system, "x86_64-linux");
        assert!(!derivation.allows_substitutes && derivation.prefers_local_build);
        assert!(derivation.is_local_only());
    }

    #[test]
    fn structured_attributes_and_dynamic_inputs_are_read() {
        let text = r#"DrvWithVersion("xp-dyn-drv",[("out","","r:sha256","")],[("/nix/store/a.drv",(["out"],[("out",["x"])]))],[],"x","b",[],[("__json","{\"allowSubstitutes\":false}")])"#;
        let derivation = read_derivation(text.as_bytes()).unwrap();
        assert_eq!(derivation.inputs, ["/nix/store/a.drv"]);
        assert!(derivation.is_local_only());
    }

    #[test]
    fn what_is_no_derivation_is_none() {
        for end in 0..PLAIN.len() - 1 {
            // The last bracket is not asked for.
            assert_eq!(read_derivation(&PLAIN.as_bytes()[..end]), None, "{end}");
        }
        assert_eq!(read_derivation(b"Derive([[[["), None);
    }
}
