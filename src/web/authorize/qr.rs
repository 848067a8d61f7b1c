//! A QR code as the path of an SVG, so that the template writes the element itself and nothing is printed unescaped.

use qrcode::{Color, EcLevel, QrCode};

/// Dark modules as one path over a square of `size` units, four units of quiet zone included.
#[derive(Clone, Debug)]
pub struct Qr {
    pub size: usize,
    pub path: String,
}

const QUIET: usize = 4;

impl Qr {
    /// `None` when the text does not fit a QR code (some 2,300 bytes).
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
        let width = code.width();
        let path = code.to_colors().chunks(width).enumerate().map(|(y, row)| runs(y, row)).collect();
        Some(Self { size: width + 2 * QUIET, path })
    }
}

/// One row's dark runs as rectangles one unit high.
fn runs(y: usize, row: &[Color]) -> String {
    let mut path = String::new();
    let mut x = 0;
    while x < row.len() {
        let dark = row[x..].iter().take_while(|color| **color == Color::Dark).count();
        if dark > 0 {
            path.push_str(&format!("M{} {}h{dark}v1h-{dark}z", x + QUIET, y + QUIET));
        }
        x += dark.max(1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_draws_every_dark_module_once() {
        let text = "https://hufu.example/authorize/abcdefghijklmnopqrstuvwxyz";
        let drawn: usize = Qr::of(text)
            .unwrap()
            .path
            .split('h')
            .skip(1)
            .filter_map(|part| part.split('v').next().filter(|n| !n.starts_with('-')))
            .map(|run| run.parse::<usize>().unwrap())
            .sum();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        assert_eq!(drawn, code.to_colors().iter().filter(|color| **color == Color::Dark).count());
    }

    #[test]
    fn a_text_too_long_gives_none() {
        assert!(Qr::of(&"x".repeat(5000)).is_none());
    }
}
