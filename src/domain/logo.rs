//! A tenant's logo: a small picture of a kind that carries no script, told by its first bytes and never by its name.

use sha2::{Digest, Sha256};

use crate::domain::ids::TenantId;

/// 256 KiB.
pub const LONGEST: usize = 256 * 1024;

/// What a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    Png,
    Jpeg,
    Webp,
}

impl Picture {
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    /// What the bytes are; `None` for anything else, SVG among it.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16) == Some(b"IHDR".as_slice());
        let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice());
        if png {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") && bytes.len() > 20 {
            Some(Self::Jpeg)
        } else if webp && bytes.len() > 20 {
            Some(Self::Webp)
        } else {
            None
        }
    }

    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of a file with this name, when the name is one of ours.
    pub fn of_name(name: &str) -> Option<Self> {
        let (stem, ending) = name.split_once('.')?;
        let ours = stem.len() == 40 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self::ALL.into_iter().find(|kind| ours && kind.ending() == ending)
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    pub kind: Picture,
    /// Changes with the bytes and tells nothing about the tenant.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLogo {
    #[error("a logo has at most 256 KiB")]
    TooLarge,
    #[error("a logo is a PNG, JPEG or WebP picture")]
    NoPicture,
}

impl Logo {
    /// # Errors
    /// `TooLarge` over [`LONGEST`] bytes, `NoPicture` for anything but the three kinds.
    pub fn new(tenant: &TenantId, bytes: Vec<u8>) -> Result<Self, BadLogo> {
        if bytes.len() > LONGEST {
            return Err(BadLogo::TooLarge);
        }
        let kind = Picture::of(&bytes).ok_or(BadLogo::NoPicture)?;
        let hash = Sha256::new().chain_update(tenant.as_str()).chain_update([0]).chain_update(&bytes);
        let name = format!("{}.{}", &hex::encode(hash.finalize())[..40], kind.ending());
        Ok(Self { kind, name, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 30]].concat()
    }

    #[test]
    fn only_pictures_without_script_are_taken() {
        assert_eq!(Picture::of(&png()), Some(Picture::Png));
        assert_eq!(Picture::of(&[b"\xff\xd8\xff\xe0".as_slice(), &[0; 30]].concat()), Some(Picture::Jpeg));
        assert_eq!(
            Picture::of(&[b"RIFF\0\0\0\0WEBPVP8 ".as_slice(), &[0; 30]].concat()),
            Some(Picture::Webp)
        );
        for other in
            [b"<svg xmlns=".as_slice(), b"GIF89a", b"", b"\x89PNG\r\n\x1a\n", b"<html>", b"RIFF\0\0\0\0WAVE"]
        {
            assert_eq!(Picture::of(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_logos_name_changes_with_it_and_is_read_back() {
        let tenant = |name| TenantId::parse(name).unwrap();
        let mine = Logo::new(&tenant("acme"), png()).unwrap();
        assert_eq!(Picture::of_name(&mine.name), Some(Picture::Png));
        assert_ne!(mine.name, Logo::new(&tenant("other"), png()).unwrap().name);
        assert_eq!(Logo::new(&tenant("acme"), vec![0; LONGEST + 1]).unwrap_err(), BadLogo::TooLarge);
        for name in ["x.png", "../etc/passwd", &mine.name.replace("png", "svg"), &mine.name[..40]] {
            assert_eq!(Picture::of_name(name), None, "{name}");
        }
    }
}
