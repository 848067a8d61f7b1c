//! Words can be read and fields be seen in both colour schemes: WCAG 2.2, 1.4.3 (4.5 : 1) and 1.4.11 (3 : 1), computed
//! from the colours at the top of `app.css`.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../../static/app.css");
const GROUNDS: [&str; 4] = ["paper", "rail", "card", "sunk"];
const TONES: [&str; 6] = ["good", "warn", "bad", "move", "block", "off"];

type Colours = BTreeMap<String, [u8; 3]>;

#[test]
fn every_word_can_be_read() {
    for (scheme, colours) in schemes() {
        let mut pairs: Vec<(&str, String)> = vec![("on-accent", "accent".to_owned())];
        for ink in ["ink", "ink-2", "ink-3", "accent"] {
            pairs.extend(GROUNDS.map(|ground| (ink, ground.to_owned())));
            pairs.extend(TONES.map(|tone| (ink, format!("{tone}-soft"))));
        }
        for tone in TONES {
            pairs
                .extend(["card".to_owned(), "paper".to_owned(), format!("{tone}-soft")].map(|on| (tone, on)));
        }
        for (ink, ground) in pairs {
            let ratio = contrast(colours[ink], colours[&ground]);
            assert!(ratio >= 4.5, "{scheme}: {ink} on {ground} is {ratio:.2} : 1");
        }
    }
}

#[test]
fn every_field_and_the_focus_can_be_seen() {
    for (scheme, colours) in schemes() {
        for (line, ground) in [("edge", "card"), ("edge", "sunk"), ("accent", "card"), ("accent", "paper")] {
            let ratio = contrast(colours[line], colours[ground]);
            assert!(ratio >= 3.0, "{scheme}: {line} on {ground} is {ratio:.2} : 1");
        }
    }
}

/// The dark scheme says only what differs.
fn schemes() -> [(&'static str, Colours); 2] {
    let mut blocks = CSS.split(":root {").skip(1).map(|block| block.split('}').next().unwrap());
    let light = colours_in(blocks.next().unwrap());
    let mut dark = light.clone();
    dark.extend(colours_in(blocks.next().unwrap()));
    assert_ne!(light, dark);
    [("light", light), ("dark", dark)]
}

fn colours_in(block: &str) -> Colours {
    let colour = |declaration: &str| {
        let (name, value) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
        let part = |at: usize| u8::from_str_radix(value.get(at..at + 2)?, 16).ok();
        Some((name.to_owned(), [part(0)?, part(2)?, part(4)?]))
    };
    block.split(';').filter_map(colour).collect()
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
