//! The sheets that ask for the PIN: paying and signing, with exactly what the apps show (dossier §11.9, §13.3).

use maud::{Markup, html};
use serde_json::Value;

use super::super::super::people::DEFAULT_PIN;
use super::{Place, text};

/// Everybody's PIN here, so that nobody has to type it.
pub(super) fn pin() -> Markup {
    html! {
        div {
            label for="sheet-pin" { "PIN" }
            input.pin #sheet-pin name="pin" value=(DEFAULT_PIN) inputmode="numeric" autocomplete="off" maxlength="6"
                required autofocus aria-describedby="sheet-pin-hint";
            p.small.soft id="sheet-pin-hint" { "Everybody's PIN here is " (DEFAULT_PIN) "." }
        }
    }
}

fn people(value: &Value, key: &str) -> Vec<Value> {
    value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A name and a Mixin ID.
fn person(person: &Value) -> Markup {
    html! { strong { (text(person, "name")) } " " span.soft { (text(person, "number")) } }
}

/// One person, or any so many of a group.
fn group(members: &[Value], threshold: Option<u64>) -> Markup {
    let threshold = threshold.unwrap_or(1);
    html! {
        @if members.len() > 1 { span.soft { "Any " (threshold) " of these " (members.len()) } }
        ul { @for member in members { li { (person(member)) } } }
    }
}

/// A large amount, readable by machines too.
fn sum(sheet: &Value) -> Markup {
    let (amount, symbol) = (text(sheet, "amount"), text(sheet, "symbol"));
    html! { p.sum data-amount=(amount) data-asset=(symbol) { (amount) " " (symbol) } }
}

impl Place<'_> {
    pub(super) fn pay(&self, sheet: &Value) -> Markup {
        let state = text(sheet, "state");
        if state == "choose" {
            let why = "This link leaves the coin or the amount to the payer; pay links of a trade name both.";
            return self.dialog("Pay", "Pay", false, &html! { p { (why) } });
        }
        let (symbol, memo) = (text(sheet, "symbol"), text(sheet, "memo"));
        let members = people(sheet, "receivers");
        let inside = html! {
            (sum(sheet))
            dl.facts {
                dt { "To" } dd { (group(&members, sheet.get("threshold").and_then(Value::as_u64))) }
                @if !memo.is_empty() { dt { "Memo" } dd { (memo) } }
                dt { "Fee" } dd { (text(sheet, "fee")) " " (symbol) }
                dt { "Balance" } dd { (text(sheet, "balance")) " " (symbol) }
            }
            @match state {
                "already_paid" => p.state { "Already paid." },
                "insufficient" => {
                    p.state { "Insufficient balance." }
                    (self.test_money(text(sheet, "asset_id"), text(sheet, "amount"), symbol))
                }
                _ => (self.form("pay", &html! { (pin()) button.primary #sheet-go { "Pay" } })),
            }
        };
        self.dialog("Pay", "Pay", state != "already_paid", &inside)
    }

    /// No app has this button: here money comes from nowhere.
    pub(super) fn test_money(&self, asset: &str, amount: &str, symbol: &str) -> Markup {
        self.form(
            "mint",
            &html! {
                input type="hidden" name="asset_id" value=(asset);
                input type="hidden" name="amount" value=(amount);
                button.primary #mint-go autofocus { "Get test money" }
                p.small.soft { "Puts " (amount) " " (symbol) " into this wallet. Only the sandbox can." }
            },
        )
    }

    /// The first receiver that is not the group, the amount, the fee of 0, who has signed. The apps show no memo and no
    /// other output, so neither does this.
    pub(super) fn sign(&self, sheet: &Value) -> Markup {
        let signs = text(sheet, "action") == "sign";
        let (verb, word) = if signs { ("sign", "Sign") } else { ("revoke", "Revoke") };
        let receiver = sheet.get("receiver").unwrap_or(&Value::Null);
        let senders = people(sheet, "senders");
        let inside = html! {
            (sum(sheet))
            dl.facts {
                dt { "To" }
                dd { (group(&people(receiver, "members"), receiver.get("threshold").and_then(Value::as_u64))) }
                dt { "Fee" } dd { (text(sheet, "fee")) }
                dt { "Total" } dd { (text(sheet, "total")) " " (text(sheet, "symbol")) }
                dt { "Senders " (text(sheet, "signers")) }
                dd {
                    ul.senders {
                        @for sender in &senders {
                            li {
                                (person(sender))
                                @if is_signed(sender) { span.good { " ✓ " span.hidden { "signed" } } }
                            }
                        }
                    }
                }
            }
            @match text(sheet, "state") {
                "signed" => p.state.good { "You have signed." },
                "paid" => p.state.good { "Paid." },
                "revoked" => p.state { "Revoked." },
                _ => (self.form(verb, &html! { (pin()) button.primary[signs].danger[!signs] #sheet-go { (word) } })),
            }
        };
        self.dialog("Sign", word, text(sheet, "state") == "ready", &inside)
    }
}

fn is_signed(sender: &Value) -> bool {
    sender.get("signed").and_then(Value::as_bool) == Some(true)
}
