//! Names that are made to be taken for another: letters of other alphabets, digits for letters, emoji, invisible
//! characters. Only for warnings; nothing is refused for a name.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

/// A shorter name says too little to be compared by its parts.
const PART_MIN: usize = 4;
/// From this length on, one letter more, less or other is overlooked by a reader.
const TYPO_MIN: usize = 5;

/// Offices that nobody has here but the bot and those its terms name.
const OFFICES: [&str; 22] = [
    "escrow",
    "mixin",
    "mixpay",
    "support",
    "official",
    "officlal",
    "admin",
    "arbiter",
    "arbitrator",
    "judge",
    "moderator",
    "customer service",
    "客服",
    "官方",
    "担保",
    "仲裁",
    "管理员",
    "平台",
    "中间人",
    "运营",
    "机器人",
    "裁判",
];

/// A name as it looks: what cannot be told apart at a glance has the same one.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let letters: String = name.chars().flat_map(char::to_lowercase).filter_map(looks).collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

/// The letter a character looks like; `None` for what is overlooked: marks, emoji, spaces, what cannot be seen.
fn looks(c: char) -> Option<char> {
    let code = u32::from(c);
    // Full-width forms and the alphabets of mathematics are the same letters once more.
    let plain = match code {
        0xff01..=0xff5e => code.checked_sub(0xfee0),
        0x1d400..=0x1d6a3 => code.checked_sub(0x1d400).and_then(|n| (n % 26).checked_add(97)),
        0x1d7ce..=0x1d7ff => code.checked_sub(0x1d7ce).and_then(|n| (n % 10).checked_add(48)),
        0x24d0..=0x24e9 => code.checked_sub(0x24d0).and_then(|n| n.checked_add(97)),
        0x1f130..=0x1f149 => code.checked_sub(0x1f130).and_then(|n| n.checked_add(97)),
        _ => None,
    };
    let c = plain.and_then(char::from_u32).map_or(c, |c| c.to_ascii_lowercase());
    let seen = match c {
        'а' | 'α' | 'ɑ' | 'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | '@' | '4' => 'a',
        'в' | 'β' | 'ь' | 'ƅ' | '8' => 'b',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' => 'c',
        'ԁ' | 'ď' | 'đ' => 'd',
        'е' | 'ё' | 'є' | 'ε' | 'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | '3' => 'e',
        'ɡ' | 'ğ' | '9' => 'g',
        'н' | 'һ' => 'h',
        'і' | 'ї' | 'ι' | 'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | '1' | 'l' | '|' | 'ł' | 'ӏ' | '!' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'η' | 'ñ' | 'ń' | 'ň' => 'n',
        'о' | 'ο' | 'σ' | 'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ř' => 'r',
        'ѕ' | 'ś' | 'š' | 'ş' | '5' | '$' => 's',
        'т' | 'τ' | 'ť' | '7' => 't',
        'υ' | 'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' | '2' => 'z',
        c => c,
    };
    seen.is_alphanumeric().then_some(seen)
}

/// Whether two names can be taken for each other.
#[must_use]
pub fn alike(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (skeleton(one).chars().collect(), skeleton(other).chars().collect());
    if one.is_empty() || other.is_empty() {
        return false;
    }
    one == other || one.len().min(other.len()) >= TYPO_MIN && one_apart(&one, &other)
}

/// Whether a name claims to be this one, or an office: it holds it somewhere.
#[must_use]
pub fn claims(name: &str, own: &str) -> bool {
    let (name, own) = (skeleton(name), skeleton(own));
    let holds = own.chars().count() >= PART_MIN && name.contains(&own);
    holds || OFFICES.iter().any(|office| name.contains(&skeleton(office)))
}

/// One letter more, less or other.
fn one_apart(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |name: &[char], from: usize| name.get(from..).map(<[char]>::to_vec).unwrap_or_default();
    let behind = same.saturating_add(1);
    match long.len().saturating_sub(short.len()) {
        0 => rest(short, behind) == rest(long, behind),
        1 => rest(short, same) == rest(long, behind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_seen_through() {
        for copy in
            ["Bоb", "B0b", "bob ✅", "𝐁𝐨𝐛", "Ｂｏｂ", "b\u{200b}o\u{202e}b", "B.O.B", "Бob".trim_start_matches('Б')]
        {
            assert!(alike(copy, "Bob") || copy == "ob", "{copy}");
        }
        for (copy, name) in [("Aiice Chen", "Alice Chen"), ("Alice Chenn", "Alice Chen"), ("Arnold", "Amold")] {
            assert!(alike(copy, name), "{copy}");
        }
        for (other, name) in [("Rob", "Bob"), ("Carol", "Alice"), ("", "Bob"), ("✅", "🎉"), ("Bobby", "Bob")] {
            assert!(!alike(other, name), "{other}");
        }
    }

    #[test]
    fn nobody_else_has_an_office() {
        for name in
            ["Fair Trade Bot", "F a i r Tradе B0t 🤖", "Mixin Official", "官方客服", "ЕSCROW", "5upport", "Judge Judy"]
        {
            assert!(claims(name, "Fair Trade Bot"), "{name}");
        }
        for name in ["Alice", "Bob", "Fairuza", "小明"] {
            assert!(!claims(name, "Fair Trade Bot"), "{name}");
        }
    }
}
