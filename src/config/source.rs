//! Where settings come from: the environment first, then the file, then the defaults. Collects every mistake.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::ConfigError;
use super::keys::{AS_FILE, CONFIG_FILE, KEYS, is_of_tests};

/// The `HUFU_` variables of this process. Text that is not Unicode is kept as far as it is readable, so that its key is
/// named when it does not parse.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with("HUFU_"))
        .collect()
}

/// Settings by their name in the environment, and what was wrong so far.
pub(super) struct Values {
    values: BTreeMap<&'static str, String>,
    problems: Vec<String>,
}

impl Values {
    pub(super) fn collect(
        variables: &BTreeMap<String, String>,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Self {
        let mut found = Self { values: BTreeMap::new(), problems: Vec::new() };
        found.take_file(variables.get(CONFIG_FILE).filter(|path| !path.is_empty()), &read);
        found.take_environment(variables, &read);
        found
    }

    /// The setting as a value; `None`, and a problem noted, when it does not parse.
    pub(super) fn parse<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let default = KEYS.iter().find(|key| key.name == name).map_or("", |key| key.default);
        let text = self.values.get(name).map_or(default, String::as_str);
        let value = parse(text.trim());
        if value.is_none() {
            self.expected(name, expected);
        }
        value
    }

    /// As `parse` for a setting without a default of its own.
    pub(super) fn parse_optional<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.values.contains_key(name).then(|| self.parse(name, expected, parse)).flatten()
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A mistake that lies between settings.
    pub(super) fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }

    pub(super) fn finish<T>(self, config: Option<T>) -> Result<T, ConfigError> {
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            Some(_) | None => Err(ConfigError { problems: self.problems }),
        }
    }

    /// The value itself is not repeated: it may hold a password.
    fn expected(&mut self, name: &str, expected: &str) {
        self.problems.push(format!("{name} must be {expected}"));
    }

    fn take_file(&mut self, named: Option<&String>, read: &impl Fn(&Path) -> io::Result<String>) {
        let path = Path::new(named.map_or("hufu.toml", String::as_str));
        let text = match read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => return,
            Err(error) => {
                self.problems.push(format!("{CONFIG_FILE}: {} cannot be read: {error}", path.display()));
                return;
            }
        };
        let table: toml::Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
                self.problems.push(format!(
                    "{}: line {line} is not valid TOML: {}",
                    path.display(),
                    error.message()
                ));
                return;
            }
        };
        for (name, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                _ => {
                    self.problems.push(format!("{}: `{name}` must be a text or a number", path.display()));
                    continue;
                }
            };
            if !self.take(&format!("HUFU_{}", name.to_uppercase()), value, read)
                || name != name.to_lowercase()
            {
                self.problems.push(format!("{}: there is no setting `{name}`", path.display()));
            }
        }
    }

    fn take_environment(
        &mut self,
        variables: &BTreeMap<String, String>,
        read: &impl Fn(&Path) -> io::Result<String>,
    ) {
        for (name, value) in variables {
            let ours = name.starts_with("HUFU_") && !is_of_tests(name) && name != CONFIG_FILE;
            // An empty variable is as good as none: that is how a container's environment unsets one.
            if ours && !self.take(name, value.clone(), read) {
                self.problems.push(format!("{name}: there is no such setting"));
            }
        }
    }

    /// `false` when there is no such setting.
    fn take(&mut self, name: &str, value: String, read: &impl Fn(&Path) -> io::Result<String>) -> bool {
        if let Some(key) = KEYS.iter().find(|key| key.name == name) {
            if !value.trim().is_empty() {
                self.values.insert(key.name, value);
            }
            return true;
        }
        let Some(base) = AS_FILE.iter().find(|base| name.strip_suffix("_FILE") == Some(**base)) else {
            return false;
        };
        if !value.trim().is_empty() {
            match read(Path::new(value.trim())) {
                Ok(text) => {
                    self.values.insert(base, text);
                }
                Err(error) => self.problems.push(format!("{name}: {} cannot be read: {error}", value.trim())),
            }
        }
        true
    }
}
