//! The phones of the sandbox's people, over HTTP, and a transcript that reads like a chat.

use std::collections::BTreeMap;

use serde_json::Value;

use super::play::{Deed, buttons, words};

/// A control call that did not do what was wanted.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    #[error("the sandbox cannot be reached: {0}")]
    Wire(#[from] reqwest::Error),
    #[error("{route}: {said}")]
    Refused { route: String, said: String },
}

/// Everybody's phones.
pub struct Phones {
    base: String,
    client: reqwest::Client,
}

impl Phones {
    /// `base` is the sandbox's address.
    ///
    /// # Errors
    /// When there can be no HTTP client.
    pub fn new(base: String) -> Result<Self, PhoneError> {
        Ok(Self { base, client: reqwest::Client::builder().build()? })
    }

    /// `GET /sandbox/{route}`.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn get(&self, route: &str) -> Result<Value, PhoneError> {
        self.send(route, self.client.get(format!("{}/sandbox/{route}", self.base))).await
    }

    /// `POST /sandbox/{route}`.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn post(&self, route: &str, body: &Value) -> Result<Value, PhoneError> {
        self.send(route, self.client.post(format!("{}/sandbox/{route}", self.base)).body(body.to_string())).await
    }

    /// What a phone shows after `after`, oldest first.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn inbox(&self, who: &str, after: u64) -> Result<Vec<Value>, PhoneError> {
        let shown = self.get(&format!("people/{who}/inbox?after={after}")).await?;
        Ok(shown.as_array().cloned().unwrap_or_default())
    }

    async fn send(&self, route: &str, request: reqwest::RequestBuilder) -> Result<Value, PhoneError> {
        let response = request.send().await?;
        let good = response.status().is_success();
        let body = response.bytes().await?;
        if !good {
            return Err(PhoneError::Refused {
                route: route.to_owned(),
                said: String::from_utf8_lossy(&body).into_owned(),
            });
        }
        Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// What the phones have shown so far, told line by line as it happens.
pub struct Transcript {
    tell: fn(&str),
    shown: BTreeMap<&'static str, Vec<Value>>,
}

/// The lines of a message; of a text in a fence, which nobody reads, only that it is there.
fn folded(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside: Option<usize> = None;
    for line in text.lines().filter(|line| !line.is_empty()) {
        inside = match (inside, line == "```") {
            (None, true) => Some(0),
            (None, false) => {
                lines.push(line.to_owned());
                None
            }
            (Some(many), true) => {
                lines.push(format!("[{many} lines of signed text]"));
                None
            }
            (Some(many), false) => Some(many + 1),
        };
    }
    lines
}

/// People as a reader knows them.
fn name(who: &str) -> &'static str {
    match who {
        "buyer" => "Alice",
        "seller" => "Bob",
        "stranger" => "Mallory",
        "judge" => "Judy",
        "judge-b" => "Jules",
        "judge-c" => "Joan",
        _ => "somebody",
    }
}

impl Transcript {
    #[must_use]
    pub fn new(tell: fn(&str)) -> Self {
        Self { tell, shown: BTreeMap::new() }
    }

    /// How to read it.
    pub fn legend(&self) {
        (self.tell)("Alice buys, Bob sells; they use only their phones. [Buttons] stand in brackets.");
        (self.tell)("  ┃ what a person does    │ what the bot writes    ┊ what Mixin's own app shows before the PIN");
    }

    /// Sequence of the newest message seen on a phone.
    #[must_use]
    pub fn seen(&self, who: &str) -> u64 {
        self.of(who).last().and_then(|message| message["seq"].as_u64()).unwrap_or(0)
    }

    /// Every message of a phone.
    #[must_use]
    pub fn of(&self, who: &str) -> &[Value] {
        self.shown.get(who).map(Vec::as_slice).unwrap_or_default()
    }

    /// New messages came.
    pub fn read(&mut self, who: &'static str, messages: Vec<Value>) {
        for message in &messages {
            let text = words(message);
            let mut lines = folded(&text);
            let row: Vec<String> = buttons(message).into_iter().map(|(label, _)| format!("[{label}]")).collect();
            if !row.is_empty() {
                lines.push(row.join(" "));
            }
            if message["category"] == "PLAIN_IMAGE" {
                lines.push("[picture]".into());
            }
            if let Some(why) = message.get("unsupported") {
                lines.push(format!("(unsupported message: {why})"));
            }
            for (nth, line) in lines.iter().enumerate() {
                let said = if message["group"] == true { "group" } else { "bot" };
                let from = if nth == 0 { format!("{said} → {}", name(who)) } else { String::new() };
                (self.tell)(&format!("{from:>13} │ {line}"));
            }
        }
        self.shown.entry(who).or_default().extend(messages);
    }

    /// Somebody does something.
    pub fn did(&self, deed: &Deed) {
        (self.tell)("");
        (self.tell)(&format!("{:>13} ┃ {}", name(deed.who), deed.caption));
    }

    /// What the phone's own sheet shows before the PIN: all that a payer or signer gets to see.
    pub fn sheet(&self, shown: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let people = |list: &Value| {
            let names = list.as_array().into_iter().flatten().map(|person| text(&person["name"]));
            names.collect::<Vec<_>>().join(", ")
        };
        let line = match text(&shown["sheet"]).as_str() {
            "pay" => {
                let to = people(&shown["receivers"]);
                let threshold = &shown["threshold"];
                format!("pay {} {} to {to} (any {threshold} of them)", text(&shown["amount"]), text(&shown["symbol"]))
            }
            "multisig" => {
                let to = people(&shown["receiver"]["members"]);
                let ticks = shown["senders"].as_array().into_iter().flatten().filter(|person| person["signed"] == true);
                let (signed, of) = (ticks.count(), &shown["threshold"]);
                format!("send {} {} to {to}; signed {signed}/{of}", text(&shown["amount"]), text(&shown["symbol"]))
            }
            "mixpay" => format!("{} {} on MixPay's page", text(&shown["amount"]), text(&shown["symbol"])),
            other => other.to_owned(),
        };
        let whose = if shown["sheet"] == "mixpay" { "MixPay" } else { "Mixin's sheet" };
        (self.tell)(&format!("{whose:>13} ┊ {line}"));
    }
}
