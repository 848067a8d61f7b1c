//! Which passwords may be chosen: long enough, and hard to guess also for somebody who knows the person. No rules about
//! kinds of characters.

use zxcvbn::feedback::Warning;
use zxcvbn::zxcvbn;

use crate::secret::{Password, Secret};

use super::password::{BadPassword, check as check_length};

/// What anybody would try here first.
const HOUSE: &[&str] = &["hufu", "虎符", "wechat", "weixin", "微信", "公众号", "小程序", "password", "密码"];
/// So many characters are looked at: more make no password weaker.
const LOOKED_AT: usize = 100;
/// Letters and digits besides the words of the person, the tenant and the product.
const LEAST_OF_ONES_OWN: usize = 8;
/// Of four: out of reach for an attacker who has stolen the hashes of a site that hashes slowly.
const ENOUGH: u8 = 3;

/// `about`: what is known of the person, such as e-mail address, name and tenant.
///
/// # Errors
/// What is wrong with it, in a form that helps to choose a better one.
pub fn check(password: &Password, about: &[&str]) -> Result<(), BadPassword> {
    check_length(password)?;
    let text: String = password.expose().chars().take(LOOKED_AT).collect();
    let words = words(about);
    let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
    let judged = zxcvbn(&text, &inputs);
    let score = u8::from(judged.score());
    let lower = text.to_lowercase();
    if score >= ENOUGH {
        return if is_nothing_but(&lower, &words) { Err(BadPassword::AboutYou) } else { Ok(()) };
    }
    if words.iter().any(|word| lower.contains(word)) {
        return Err(BadPassword::AboutYou);
    }
    let common = judged.feedback().and_then(|feedback| feedback.warning()).is_some_and(is_common);
    Err(if common {
        BadPassword::Common
    } else if score < 2 {
        BadPassword::Weak
    } else {
        BadPassword::NotYetStrong
    })
}

/// What is left without the words says too little; the estimate does not see this in Chinese.
fn is_nothing_but(lower: &str, words: &[String]) -> bool {
    let mut longest_first: Vec<&String> = words.iter().collect();
    longest_first.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let left = longest_first.into_iter().fold(lower.to_owned(), |text, word| text.replace(word.as_str(), ""));
    left.chars().filter(|c| c.is_alphanumeric()).count() < LEAST_OF_ONES_OWN && left.len() < lower.len()
}

fn is_common(warning: Warning) -> bool {
    matches!(
        warning,
        Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword
    )
}

/// The texts and their parts, in lower case; what is too short says nothing.
fn words(about: &[&str]) -> Vec<String> {
    let all = about.iter().chain(HOUSE);
    let parts = all.flat_map(|text| {
        let whole = std::iter::once(*text);
        whole.chain(text.split(|c: char| !c.is_alphanumeric()))
    });
    let mut words: Vec<String> = parts.map(str::to_lowercase).filter(|word| says_something(word)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn says_something(word: &str) -> bool {
    let count = word.chars().count();
    if word.is_ascii() { count >= 4 } else { count >= 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(), BadPassword> {
        check(&Password::new(text), &["chen.xiao@qinghe-tea.com", "陈晓", "青禾茶业"])
    }

    #[test]
    fn what_is_hard_to_guess_may_be_chosen_whatever_it_is_made_of() {
        for good in
            ["correct horse battery", "茶香四溢的下午三点半钟声", "zuetxpvbqmwj", "9 kites over the lake"]
        {
            assert_eq!(judged(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_everybody_tries_first_is_refused_with_its_reason() {
        assert_eq!(judged("passwordpassword"), Err(BadPassword::AboutYou));
        assert_eq!(judged("aaaaaaaaaaaaaa"), Err(BadPassword::Weak));
        assert_eq!(judged("qinghe-tea.com"), Err(BadPassword::AboutYou));
        assert_eq!(judged("陈晓陈晓陈晓陈晓陈晓陈晓"), Err(BadPassword::AboutYou));
        assert_eq!(judged("hufuhufuhufu1"), Err(BadPassword::AboutYou));
        assert_eq!(judged("abc"), Err(BadPassword::TooShort));
        assert!(judged("qwertyuiop123").is_err() && judged("123456789012").is_err());
    }

    #[test]
    fn the_longest_is_judged_too() {
        assert_eq!(judged(&"kj3 ".repeat(64)), judged(&"kj3 ".repeat(25)));
        assert_eq!(judged(&"x".repeat(257)), Err(BadPassword::TooLong));
    }
}
