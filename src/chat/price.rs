//! Reads a price as people write it, strictly: what two readers could take for two numbers is asked again.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use crate::chat::{House, text};
use crate::money::{Amount, AmountError};
use crate::trade::payout;
use crate::trade::terms::Asset;

/// Why a text is no price. Each has its own answer, with an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No number in front.
    NoNumber,
    /// Digits of another script or full-width ones.
    OtherDigits,
    Negative,
    /// `1e3`.
    Exponent,
    /// A comma, an apostrophe or a space inside the number: two countries read it differently.
    Separator,
    /// Digits, but no number: `1.2.3`, `.5`.
    NotANumber(String),
    Zero,
    TooFine,
    TooLarge,
    /// Above the operator's cap.
    AboveCap {
        cap: Amount,
        symbol: String,
    },
    /// Below the operator's smallest price.
    BelowMin {
        min: Amount,
        symbol: String,
    },
    /// After the fee nothing would be left, or the sum cannot be counted.
    FeeTakesAll,
    /// Money of a state.
    Fiat(String),
    /// A number and nothing else.
    NoAsset(Amount),
    /// Not on the operator's list.
    UnknownAsset(String),
    /// One symbol, several chains, or a chain that is not on the list for this symbol.
    WhichChain {
        amount: Amount,
        choices: Vec<Asset>,
    },
}

impl Problem {
    /// It was certainly meant as a price of this house: a listed asset with an unfit number.
    #[must_use]
    pub const fn names_asset(&self) -> bool {
        match self {
            Self::OtherDigits
            | Self::Negative
            | Self::Exponent
            | Self::Separator
            | Self::NotANumber(_)
            | Self::Zero
            | Self::TooFine
            | Self::TooLarge
            | Self::AboveCap { .. }
            | Self::BelowMin { .. }
            | Self::FeeTakesAll
            | Self::WhichChain { .. } => true,
            Self::NoNumber | Self::Fiat(_) | Self::NoAsset(_) | Self::UnknownAsset(_) => false,
        }
    }
}

/// Reads `100 USDT`, `100usdt`, `0.5 BTC`, `100 USDT TRON`, `100 USDT · TRON`, `100 USDT (TRC20)`.
///
/// # Errors
/// A [`Problem`] to tell the person.
pub fn read(written: &str, house: &House) -> Result<(Amount, Asset), Problem> {
    let line = text::said(written);
    let (number, name) = split(&line);
    if let Some(symbol) = fiat(&line, &number, &name, house) {
        return Err(Problem::Fiat(symbol));
    }
    if !number.chars().any(char::is_numeric) {
        return Err(Problem::NoNumber);
    }
    let asset = find(&name, house);
    let number = amount(&number, &name, asset.is_some())?;
    let asset = match asset {
        Some(Found::One(asset)) => asset,
        Some(Found::Several(choices)) => return Err(Problem::WhichChain { amount: number, choices }),
        None if name.is_empty() => return Err(Problem::NoAsset(number)),
        None => return Err(Problem::UnknownAsset(name)),
    };
    check(number, &asset, house)?;
    Ok((number, asset))
}

/// The number in front, with its sign and whatever stands inside it, and the name behind it.
fn split(line: &str) -> (String, String) {
    let line = line.trim_end_matches(['.', '!', '?', ',', ';']).trim();
    let end = line.find(|c: char| c.is_alphabetic()).unwrap_or(line.len());
    let (number, name) = line.split_at(end);
    (number.trim_end_matches(|c: char| c.is_whitespace() || c == '(').to_owned(), name.trim().to_owned())
}

enum Found {
    One(Asset),
    Several(Vec<Asset>),
}

/// The listed assets a name can mean: the symbol alone, or the symbol with its chain in any dress.
fn find(name: &str, house: &House) -> Option<Found> {
    let name = letters(name);
    let symbol = |asset: &Asset| letters(&asset.symbol);
    let exact = house.assets.iter().find(|asset| {
        let spelled = |chain: &str| format!("{}{}", symbol(asset), letters(chain)) == name;
        !asset.chain.is_empty() && (spelled(&asset.chain) || nicknames(&asset.chain).iter().any(|c| spelled(c)))
    });
    if let Some(asset) = exact {
        return Some(Found::One(asset.clone()));
    }
    let same: Vec<Asset> = house.assets.iter().filter(|asset| symbol(asset) == name).cloned().collect();
    match same.as_slice() {
        [only] => Some(Found::One(only.clone())),
        [] => {
            let begins = |asset: &&Asset| name.strip_prefix(&symbol(asset)).is_some_and(names_a_chain);
            let other: Vec<Asset> = house.assets.iter().filter(begins).cloned().collect();
            (!other.is_empty()).then_some(Found::Several(other))
        }
        _ => Some(Found::Several(same)),
    }
}

/// Does the text end with one of the house's assets, whatever stands before it?
pub(super) fn ends_with_asset(line: &str, house: &House) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    (1..=3).any(|count| {
        let last = words.iter().skip(words.len().saturating_sub(count)).copied().collect::<Vec<_>>().join(" ");
        find(&split(&last).1, house).is_some()
    })
}

/// Letters and digits in lower case, without the words that only join symbol and chain.
pub(super) fn letters(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !matches!(word.as_str(), "on" | "network" | "chain")).collect()
}

/// What wallets call a chain.
fn nicknames(chain: &str) -> &'static [&'static str] {
    match chain.to_lowercase().as_str() {
        "tron" => &["trc20", "trx"],
        "ethereum" => &["erc20", "eth"],
        "bsc" | "bnb smart chain" | "bep20" => &["bep20", "bsc", "bnb"],
        "polygon" => &["matic", "pol"],
        "solana" => &["sol", "spl"],
        "bitcoin" => &["btc"],
        _ => &[],
    }
}

/// A chain people pay on, listed here or not: then the symbol's chains are offered.
fn names_a_chain(name: &str) -> bool {
    const CHAINS: [&str; 22] = [
        "tron",
        "trc20",
        "trx",
        "ethereum",
        "erc20",
        "eth",
        "bsc",
        "bep20",
        "bnb",
        "polygon",
        "matic",
        "solana",
        "sol",
        "spl",
        "ton",
        "base",
        "arbitrum",
        "optimism",
        "avalanche",
        "avax",
        "eos",
        "omni",
    ];
    CHAINS.contains(&name)
}

/// The number itself. `known`: the name is one of the house's assets.
fn amount(number: &str, name: &str, known: bool) -> Result<Amount, Problem> {
    let exponent = name
        .strip_prefix(['e', 'E'])
        .is_some_and(|rest| rest.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit()));
    match number {
        _ if number.starts_with(['-', '−', '–']) => Err(Problem::Negative),
        _ if number.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) => Err(Problem::OtherDigits),
        _ if exponent && !known => Err(Problem::Exponent),
        _ if number.contains([',', '\'', '’', '_', '，', '٬']) || number.split_whitespace().count() > 1 => {
            Err(Problem::Separator)
        }
        _ => number.parse().map_err(|error| match error {
            AmountError::NotANumber => Problem::NotANumber(number.to_owned()),
            AmountError::TooFine => Problem::TooFine,
            AmountError::TooLarge => Problem::TooLarge,
        }),
    }
}

fn check(price: Amount, asset: &Asset, house: &House) -> Result<(), Problem> {
    if price.is_zero() {
        return Err(Problem::Zero);
    }
    if let Some(cap) = house.price_max_of(asset.id)
        && price > cap
    {
        return Err(Problem::AboveCap { cap, symbol: asset.symbol.clone() });
    }
    if let Some(min) = house.caps.price_min.get(&asset.id).filter(|min| price < **min) {
        return Err(Problem::BelowMin { min: *min, symbol: asset.symbol.clone() });
    }
    let due = payout::due(price, &house.fee).ok_or(Problem::TooLarge)?;
    let shares = payout::shares(price, &house.fee, due).ok_or(Problem::TooLarge)?;
    if shares.seller.is_zero() { Err(Problem::FeeTakesAll) } else { Ok(()) }
}

/// The state's money a text names, when it is none of the house's assets.
fn fiat(line: &str, number: &str, name: &str, house: &House) -> Option<String> {
    const NAMES: [&str; 37] = [
        "usd",
        "dollar",
        "dollars",
        "buck",
        "bucks",
        "eur",
        "euro",
        "euros",
        "gbp",
        "pound",
        "pounds",
        "cny",
        "rmb",
        "yuan",
        "jpy",
        "yen",
        "krw",
        "won",
        "rub",
        "inr",
        "hkd",
        "twd",
        "chf",
        "aud",
        "cad",
        "brl",
        "try",
        "ngn",
        "元",
        "块",
        "块钱",
        "人民币",
        "美元",
        "美金",
        "欧元",
        "日元",
        "港币",
    ];
    if find(name, house).is_some() || !line.chars().any(char::is_numeric) {
        return None;
    }
    let sign = line.chars().find(|c| matches!(c, '$' | '€' | '£' | '¥' | '￥' | '₹' | '₽' | '₩' | '₺' | '₦'));
    let word = letters(name);
    let named = NAMES.contains(&word.as_str()).then(|| name.to_owned());
    named.or_else(|| sign.map(String::from)).filter(|_| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tests::house;

    fn problem(written: &str) -> Problem {
        read(written, &house()).unwrap_err()
    }

    #[test]
    fn prices_are_read_as_people_write_them() {
        for (written, amount, label) in [
            ("0.5 BTC", "0.5", "BTC"),
            ("0.5btc", "0.5", "BTC"),
            ("100 USDT TRON", "100", "USDT · TRON"),
            ("100 USDT · TRON", "100", "USDT · TRON"),
            ("100usdt (trc20)", "100", "USDT · TRON"),
            ("100 USDT on Ethereum.", "100", "USDT · Ethereum"),
            ("25 xin!", "25", "XIN"),
        ] {
            let (price, asset) = read(written, &house()).unwrap();
            assert_eq!((price.to_string().as_str(), asset.label().as_str()), (amount, label), "{written}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let number = |text: &str| text.parse::<Amount>().unwrap();
        for (written, expected) in [
            ("cheap", Problem::NoNumber),
            ("", Problem::NoNumber),
            ("٣ BTC", Problem::OtherDigits),
            ("１００ BTC", Problem::OtherDigits),
            ("½ BTC", Problem::OtherDigits),
            ("-5 BTC", Problem::Negative),
            ("−5 BTC", Problem::Negative),
            ("1e3 BTC", Problem::Exponent),
            ("1E-3 BTC", Problem::Exponent),
            ("1,5 BTC", Problem::Separator),
            ("1 000 XIN", Problem::Separator),
            ("1.000.000 BTC", Problem::NotANumber("1.000.000".into())),
            (".5 BTC", Problem::NotANumber(".5".into())),
            ("0 BTC", Problem::Zero),
            ("0.000000001 BTC", Problem::TooFine),
            ("99999999999999999999999999999999999 BTC", Problem::TooLarge),
            ("1000001 BTC", Problem::AboveCap { cap: number("1000000"), symbol: "BTC".into() }),
            ("100 USD", Problem::Fiat("USD".into())),
            ("$100", Problem::Fiat("$".into())),
            ("100 €", Problem::Fiat("€".into())),
            ("100", Problem::NoAsset(number("100"))),
            ("100 DOGE", Problem::UnknownAsset("DOGE".into())),
        ] {
            assert_eq!(problem(written), expected, "{written}");
        }
        for written in ["100 USDT", "100 usdt solana"] {
            let Problem::WhichChain { amount, choices } = problem(written) else { panic!("{written}") };
            assert_eq!((amount, choices.len()), (number("100"), 2), "{written}");
        }
    }
}
