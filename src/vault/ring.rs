//! The master keys: lines `hufu-key <id> <base64 of 32 bytes>`, read from where the configuration says. A key management
//! service would be one more variant of [`KeySource`] whose command prints such lines.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::random::Random;

use super::VaultError;
use super::cipher::Cipher;

/// Where master keys come from.
#[derive(Clone)]
pub enum KeySource {
    /// A file with a line for each key; read again when a key is needed that is not known.
    File(PathBuf),
    /// The lines themselves (`HUFU_MASTER_KEY`), with line breaks, commas or semicolons between.
    Text(Arc<Zeroizing<String>>),
    /// A test's.
    Nowhere,
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "the master key file {}", path.display()),
            Self::Text(_) => f.write_str("the master key in HUFU_MASTER_KEY"),
            Self::Nowhere => f.write_str("the master key of a test"),
        }
    }
}

impl KeySource {
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Text(_) | Self::Nowhere => None,
        }
    }

    fn lines(&self) -> Result<Vec<Line>, VaultError> {
        let text = self.read()?;
        let malformed = || VaultError::Malformed { place: self.to_string() };
        let between: &[char] = if self.file().is_some() { &['\n'] } else { &['\n', ',', ';'] };
        let lines: Vec<Line> = text
            .split(between)
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(Line::parse)
            .collect::<Option<_>>()
            .ok_or_else(malformed)?;
        if lines.is_empty() { Err(malformed()) } else { Ok(lines) }
    }

    fn read(&self) -> Result<Zeroizing<String>, VaultError> {
        match self {
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok(Zeroizing::new(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Err(VaultError::Missing { path: path.clone() })
                }
                Err(source) => Err(VaultError::File { path: path.clone(), source }),
            },
            Self::Text(text) => Ok(Zeroizing::clone(text)),
            Self::Nowhere => Ok(Zeroizing::new(String::new())),
        }
    }
}

/// A master key in clear.
pub struct Line {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl Line {
    pub fn fresh(random: &Random) -> Self {
        Self::fresh_named(&format!("k{}", random.base62(6)), random)
    }

    pub(super) fn fresh_named(id: &str, random: &Random) -> Self {
        Self { id: id.to_owned(), key: Zeroizing::new(random.bytes::<32>()) }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (Some("hufu-key"), Some(id), Some(key), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
        let key = Zeroizing::new(bytes.as_slice().try_into().ok()?);
        // `2` begins what data keys seal.
        let named = id != "2" && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        named.then(|| Self { id: id.to_owned(), key })
    }

    fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("hufu-key {} {}\n", self.id, STANDARD.encode(*self.key)))
    }
}

pub(super) struct Ring(Vec<(String, Cipher)>);

impl Ring {
    pub(super) fn read(source: &KeySource) -> Result<Self, VaultError> {
        source.lines().map(Self::of)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the keys are wiped here")]
    pub(super) fn of(lines: Vec<Line>) -> Self {
        Self(lines.iter().map(|line| (line.id.clone(), Cipher::new(&line.key))).collect())
    }

    pub(super) fn find(&self, id: &str) -> Option<&Cipher> {
        self.0.iter().find(|(known, _)| known == id).map(|(_, cipher)| cipher)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }
}

/// Makes a key file with one new key; there must be none yet.
pub(super) fn create(path: &Path, random: &Random) -> Result<(), VaultError> {
    let failed = |source| VaultError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    write_new(path, &Line::fresh(random).text()).map_err(failed)
}

impl KeySource {
    /// Puts a key before those of the file, which is replaced in one step.
    ///
    /// # Errors
    /// `File` when it cannot be written, `NotAFile` where the keys are not in a file.
    pub fn add(&self, line: &Line) -> Result<(), VaultError> {
        self.replace(|text| Zeroizing::new(format!("{}{}", *line.text(), *text)))
    }

    /// Takes a key out of the file.
    ///
    /// # Errors
    /// As `add`.
    pub fn remove(&self, id: &str) -> Result<(), VaultError> {
        let is_it = |line: &str| Line::parse(line.trim()).is_some_and(|line| line.id == id);
        self.replace(|text| {
            let kept = text.lines().filter(|line| !is_it(line));
            Zeroizing::new(kept.fold(String::new(), |text, line| text + line + "\n"))
        })
    }

    fn replace(&self, change: impl Fn(Zeroizing<String>) -> Zeroizing<String>) -> Result<(), VaultError> {
        let Some(path) = self.file() else { return Err(VaultError::NotAFile { place: self.to_string() }) };
        let failed = |source| VaultError::File { path: path.to_owned(), source };
        let changed = change(self.read()?);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = path.with_file_name(name);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        write_new(&beside, &changed).and_then(|()| fs::rename(&beside, path)).map_err(failed)?;
        sync_folder(path);
        Ok(())
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}

/// The new name lasts, too. Not every system can say so, and then nothing is lost but that certainty.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = fs::File::open(folder.unwrap_or_else(|| Path::new("."))) {
        folder.sync_all().ok();
    }
}
