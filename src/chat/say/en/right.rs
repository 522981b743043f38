//! Rights to sign, and signatures that move nothing.

use super::grammar::{any_of, capital, kind_of, length, who};
use crate::chat::say::Who;
use crate::chat::say::right::{Ground, RightLine};
use crate::trade::plan::Kind;

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &RightLine) -> String {
    match line {
        RightLine::BothSigned(kind) => format!(
            "You both signed the {}, so it needs no signature of mine. Next: nothing, just a moment.",
            kind_of(*kind)
        ),
        RightLine::Disputed { by, left, delivered, buyer, seller } => {
            let task = if *delivered { "check" } else { "deliver" };
            format!(
                "{} called for a judge. The clocks stand still; the time left to {task} is {}.\nYou two can still end it \
                 yourselves: {} by signing the release, {} by signing the refund, or both by a split.",
                capital(&who(by)),
                length(*left),
                who(buyer),
                who(seller)
            )
        }
        RightLine::Withdrawn { by } => {
            format!("{} took back the call for a judge. The trade goes on where it stood.", capital(&who(by)))
        }
        RightLine::Ruled { kind, by } => format!(
            "The ruling is: {}. It is final. Next: {} can sign it with the PIN, and it happens at once. This is who gets \
             what:",
            kind_of(*kind),
            any_of(by)
        ),
        RightLine::Unchecked { seller: Who::You, buyer, money } => format!(
            "The time to check is over, so you may take the release yourself: you get {money}. Next: sign the release. \
             {} can still sign it too.",
            capital(&who(buyer))
        ),
        RightLine::Unchecked { seller, buyer, money } => format!(
            "The time to check is over, so {} may take the release: {money}. Next: if you do not want that, agree with \
             each other now. {} can still sign the release, and both can agree on a split.",
            who(seller),
            capital(&who(buyer))
        ),
        RightLine::Undelivered { buyer: Who::You, seller, money } => format!(
            "The time to deliver is over, so you may take the refund yourself: you get {money}. Next: sign the refund if \
             you want your money back. If you still want what you bought, agree with {} and sign nothing yet.",
            who(seller)
        ),
        RightLine::Undelivered { buyer, seller, money } => format!(
            "The time to deliver is over, so {0} may take the refund: {money}. Next: agree with each other; {1} should \
             deliver only if {0} still wants it. Then {0} can sign the release.",
            who(buyer),
            who(seller)
        ),
        RightLine::Take { ground: Ground::Unchecked, money } => format!(
            "The time to check is over, so this is yours to take. Signing means: you get {money}. My signature follows at \
             once. It cannot be undone."
        ),
        RightLine::Take { ground: Ground::Undelivered, money } => format!(
            "The time to deliver is over, so this is yours to take. Signing means: you get {money} back. My signature \
             follows at once. It cannot be undone."
        ),
        RightLine::Take { ground: Ground::Ruled, money } => format!(
            "It was ruled so. Signing means: it happens as ruled, and you get {money}. My signature follows at once. It \
             cannot be undone."
        ),
        RightLine::Early { kind: Kind::Split, needs } => format!(
            "You have signed a split that you offered yourself. Nothing moves by that: {} must sign it. Next: wait.",
            any_of(needs)
        ),
        RightLine::Early { kind, needs } => format!(
            "You have signed the {}, which pays you, before you may take it. Nothing moves by that: it needs the signature \
             of {}, or a right of yours by time or by a ruling. Yours is kept until then. Next: wait.",
            kind_of(*kind),
            any_of(needs)
        ),
        RightLine::Foreign { patience } => format!(
            "One of you has signed a request of their own over this money. I did not make it; what it would do follows.\n\
             Two of you may move the money like that: it is your right. One alone only keeps my links from being signed, \
             so I take such requests away {} after I first saw one.\nNext: do not sign what you did not agree to.",
            length(*patience)
        ),
        RightLine::Held => "A request that is not mine holds the money, so my links cannot be signed right now. If it \
             stays like that, I take it away after a few minutes. Do not sign what you did not agree to."
            .to_owned(),
        RightLine::Unshown { kind } => format!(
            "Mixin says that one of you has signed the {}, but does not show me the signature. I sign nothing that I \
             cannot see, so I do not add mine.\nNext: if you both want it, both sign the same link. Then it happens \
             without me, which is what your recovery kit is for. If not, sign nothing.",
            kind_of(*kind)
        ),
    }
}
