//! Every switch of the network, as a form made from the switches themselves: one that is added appears by itself.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Done, Refused, Told, control, shown};
use crate::sandbox::faults::Switches;
use crate::sandbox::page::Visit;
use crate::sandbox::world::World;

/// What each switch does when it is on, in plain words.
const WORDS: &[(&str, &str)] = &[
    ("finality_ms", "Milliseconds from broadcast to final"),
    ("jti_fresh", "A token used before is refused"),
    ("jti_is_request_id", "A token must name its own X-Request-Id"),
    ("senders_unsorted", "Senders are listed in reverse order"),
    ("offset_exclusive", "Offset is the last sequence not wanted"),
    ("default_desc", "Without an order, the newest comes first"),
    ("inputs_signed", "When a request's inputs show as signed"),
    ("unlock", "Who may revoke a request, and what goes"),
    ("request_readers", "Who may read a request"),
    ("hide_signatures", "Signatures are hidden below the threshold"),
    ("create_reserves", "Making a request reserves its inputs"),
    ("unsigned_life_ms", "Milliseconds until an unsigned request is forgotten (0: never)"),
    ("count_only_callers", "Of posted signatures only the caller's own counts"),
    ("outputs_public", "Anybody may read a single output"),
    ("second_connection", "What a second live connection does"),
    ("redeliver_ms", "Milliseconds until an unacknowledged message comes again (0: only when asked)"),
    ("duplicate_push", "Every message comes twice"),
    ("drop_acks", "Acknowledgements are forgotten"),
    ("receipts_off", "Phones send no receipts"),
    ("search_429", "The next search is refused and locks for 12 hours"),
    ("search_budget", "Searches a caller has in 12 hours"),
    ("skew_ms", "Milliseconds the server's clock is ahead of the network's"),
    ("lenient_shapes", "Cards no strict phone would show are let through"),
    ("rest_group_broadcast", "A group message needs no recipient"),
    ("mentions_visible", "Everybody's phone sees what is said to a bot"),
    ("strict_message_ids", "A message id used before is refused"),
    ("any_group_id", "A new group may take any id"),
    ("attachments_expired", "Attachments are gone when read"),
    ("mixpay.settle_ms", "Milliseconds from paid to settled"),
    ("mixpay.never_settle", "Nothing is settled"),
    ("mixpay.settle_asset", "Settles in this asset instead (its id; empty: the one agreed)"),
    ("mixpay.settle_less_bp", "Hundredths of a percent settled less"),
    ("mixpay.settle_to", "Where a settlement goes"),
    ("mixpay.settle_memo", "What a settlement's memo says"),
    ("mixpay.settle_trace", "The id of a settlement's request"),
    ("mixpay.settle_signed", "What is settled shows as signed by nobody known"),
    ("mixpay.settle_inscription", "What is settled carries an inscription"),
    ("mixpay.says_success", "Says paid and settled, whatever happened"),
    ("mixpay.auditing", "What is paid stays under audit"),
    ("mixpay.echo", "How amounts are echoed"),
    ("mixpay.nulls", "What stands for a value that is missing"),
    ("mixpay.down", "An outage"),
    ("mixpay.http_429", "The rate limit answers HTTP 429"),
    ("mixpay.callbacks", "What becomes of callbacks"),
];

/// The name of a switch in a form, and its value: those of `MixPay` are `mixpay.…`.
fn all(switches: &Switches) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, value) in json!(switches).as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => all.extend(inner.iter().map(|(of, value)| (format!("{name}.{of}"), value.clone()))),
            _ => all.push((name.clone(), value.clone())),
        }
    }
    all
}

/// The change that sets one switch, as control takes it.
fn change(name: &str, value: &Value) -> Value {
    match name.split_once('.') {
        Some((outer, inner)) => json!({outer: {inner: value}}),
        None => json!({name: value}),
    }
}

/// Whether a switch takes a value; `Err`: why not.
fn takes(name: &str, value: &Value) -> Result<(), String> {
    serde_json::from_value::<Switches>(change(name, value)).map(drop).map_err(|error| error.to_string())
}

/// The words a switch takes, first to last, as it names them itself when it is given another; empty: any text.
fn choices(name: &str) -> Vec<String> {
    let refusal = takes(name, &json!("?")).err().unwrap_or_default();
    let known = refusal.split_once("expected ").filter(|_| refusal.starts_with("unknown variant"));
    let known = known.map_or("", |(_, known)| known);
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

pub(super) fn form(world: &World, told: &Told<'_>) -> Markup {
    let mut switches = all(&world.switches);
    switches.sort_by_key(|(_, value)| !value.is_boolean());
    let (mixpay, network): (Vec<_>, Vec<_>) = switches.into_iter().partition(|(name, _)| name.starts_with("mixpay."));
    let refused = told.is_of("form", "switches");
    html! {
        section.card.stack {
            h2 { "Switches" }
            p.soft { "What is not known of the real network, lived the other way; and what can be wrong with MixPay." }
            form.stack id="switches" method="post" action="/page/behind/switch" {
                input type="hidden" name="form" value="switches";
                @for (legend, switches) in [("Mixin", network), ("MixPay", mixpay)] {
                    fieldset.switches {
                        legend { (legend) }
                        @for (name, value) in &switches { (field(name, value, refused.then_some(told))) }
                    }
                }
                button.primary.own id="switches-save" { "Save switches" }
            }
        }
    }
}

fn field(name: &str, value: &Value, refused: Option<&Told<'_>>) -> Markup {
    let id = format!("switch-{}", name.replace('.', "-"));
    let words = WORDS.iter().find(|(known, _)| *known == name).map_or(name, |(_, words)| words);
    let now = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let kept = refused.and_then(|told| told.kept(name));
    let text = kept.map_or(now, str::to_owned);
    let choices = choices(name);
    html! {
        @if let Value::Bool(on) = value {
            label.tick for=(id) {
                input id=(id) type="checkbox" name=(name) value="on"
                    checked[if refused.is_some() { kept.is_some() } else { *on }];
                span { (words) code.small { (name) } }
            }
        } @else {
            div {
                label for=(id) { (words) code { (name) } }
                @if choices.is_empty() {
                    input id=(id) name=(name) value=(text) autocomplete="off"
                        inputmode=[value.is_number().then_some("numeric")];
                } @else {
                    select id=(id) name=(name) {
                        @for word in &choices { option value=(word) selected[*word == text] { (word.replace('_', " ")) } }
                    }
                }
            }
        }
    }
}

/// Sets all switches as the form has them. A box that is not ticked is not sent, so only this form may be read so.
pub(super) fn save(world: &mut World, visit: &Visit) -> Done {
    if visit.get("form") != Some("switches") {
        return Err(Refused::mistake("That is not the whole form of switches. Fill it in on this page."));
    }
    let mut changes = json!({});
    for (name, now) in all(&world.switches) {
        let given = visit.all(&name).next().map(str::trim);
        let value = match (&now, given) {
            (Value::Bool(_), given) => json!(given.is_some()),
            (_, None) => continue,
            (Value::Number(_), Some(text)) => match text.parse::<i64>() {
                Ok(number) => json!(number),
                Err(_) => return Err(wrong(&name, text, "give a whole number")),
            },
            (_, Some("")) => Value::Null,
            (_, Some(text)) => json!(text),
        };
        if let Err(why) = takes(&name, &value) {
            let why = if now.is_number() { "give a whole number, 0 or more, and not too large" } else { &why };
            return Err(wrong(&name, given.unwrap_or_default(), why));
        }
        match (name.split_once('.'), &mut changes) {
            (Some((outer, inner)), changes) => changes[outer][inner] = value,
            (None, changes) => changes[name.as_str()] = value,
        }
    }
    control(world, "switches", &changes).map(|_| "saved")
}

fn wrong(name: &str, given: &str, why: &str) -> Refused {
    let given = shown::plain(given);
    Refused::mistake(format!("Nothing was saved: {name} cannot be “{given}” ({}).", shown::plain(why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_words_and_every_word_a_switch() {
        let names: Vec<String> = all(&Switches::default()).into_iter().map(|(name, _)| name).collect();
        for name in &names {
            assert!(WORDS.iter().any(|(known, _)| known == name), "{name}");
        }
        assert_eq!(names.len(), WORDS.len());
    }

    #[test]
    fn a_choice_is_read_off_the_switch_and_taken_by_it() {
        for (name, now) in all(&Switches::default()) {
            let choices = choices(&name);
            assert_eq!(choices.is_empty(), !now.is_string(), "{name}");
            for word in &choices {
                takes(&name, &json!(word)).unwrap();
            }
            assert!(choices.is_empty() || choices.iter().any(|word| now == **word), "{name}");
        }
        assert_eq!(choices("unlock"), ["any_sender", "signers_only", "own_signature"]);
    }
}
