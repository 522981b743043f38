//! The recovery kit. Its page is Markdown, so nobody's name or words stand in it.

use super::grammar::{kind_of, name_only};
use crate::chat::say::Share;
use crate::chat::say::kit::KitLine;
use crate::trade::plan::Kind;

pub(super) fn words(line: &KitLine) -> String {
    match line {
        KitLine::Intro => "This is your recovery kit. Keep this message; you need it only if I disappear. It holds no \
             key."
            .to_owned(),
        KitLine::Later => {
            "The recovery kit comes as soon as you both have accepted; there is nothing to recover yet.".to_owned()
        }
        KitLine::Follows => {
            "The two links that work without me follow with a new kit, as soon as the money is locked.".to_owned()
        }
        KitLine::NoLinks => "No link that you could sign without me stands now.".to_owned(),
        KitLine::Link { kind, pays, link } => {
            let (then, giver) = match kind {
                Kind::Release => ("the seller is paid", "buyer"),
                Kind::Refund | Kind::Split | Kind::Return => ("the buyer gets the money back", "seller"),
            };
            format!(
                "Without me, the {}: if you and the other party both sign this one, {then} ({}).\n\n{link}\n\n\
                 While I am here, the {giver}'s signature alone does this: I add mine at once. Do not sign it now \
                 unless you mean it.",
                kind_of(*kind),
                pays.iter().map(share).collect::<Vec<_>>().join(", ")
            )
        }
        KitLine::Vault(address) => format!("The vault, any two of its three members: {address}"),
        KitLine::Text => {
            "If I forget everything, whoever runs me can go on with your trade from the text below, and from \
             nothing else. It moves no money. Give it to nobody but them: it tells who trades what with whom."
                .to_owned()
        }
        KitLine::Imported => "I was set up anew and know this trade again, from its recovery kit. I am looking at the \
             vault now, and nobody's time has run out: it starts over."
            .to_owned(),
    }
}

fn share(share: &Share) -> String {
    format!("{}: {}", name_only(&share.to), share.money)
}
