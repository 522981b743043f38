//! What people write, and what their phones show: a story for every command, on the whole bot and the whole small
//! network, without faults.

#[cfg(test)]
#[path = "stories/agreeing.rs"]
mod agreeing;
#[cfg(test)]
#[path = "stories/attacks.rs"]
mod attacks;
#[cfg(test)]
#[path = "stories/chinese.rs"]
mod chinese;
#[cfg(test)]
#[path = "stories/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "stories/closed.rs"]
mod closed;
#[cfg(test)]
#[path = "stories/disputes.rs"]
mod disputes;
#[cfg(test)]
#[path = "stories/early.rs"]
mod early;
#[cfg(test)]
#[path = "stories/frozen.rs"]
mod frozen;
#[cfg(test)]
#[path = "stories/groups.rs"]
mod groups;
#[cfg(test)]
#[path = "stories/mixpay.rs"]
mod mixpay;
#[cfg(test)]
#[path = "stories/mixpay_false.rs"]
mod mixpay_false;
#[cfg(test)]
#[path = "stories/mixpay_gates.rs"]
mod mixpay_gates;
#[cfg(test)]
#[path = "stories/mixpay_money.rs"]
mod mixpay_money;
#[cfg(test)]
#[path = "stories/mixpay_town.rs"]
mod mixpay_town;
#[cfg(test)]
#[path = "stories/money.rs"]
mod money;
#[cfg(test)]
#[path = "stories/naming.rs"]
mod naming;
#[cfg(test)]
#[path = "stories/networks.rs"]
mod networks;
#[cfg(test)]
#[path = "stories/pictures.rs"]
mod pictures;
#[cfg(test)]
#[path = "stories/refusals.rs"]
mod refusals;
#[cfg(test)]
#[path = "stories/rights.rs"]
mod rights;
#[cfg(test)]
#[path = "stories/rooms.rs"]
mod rooms;
#[cfg(test)]
#[path = "stories/short.rs"]
mod short;
#[cfg(test)]
#[path = "stories/splits.rs"]
mod splits;
#[cfg(test)]
#[path = "stories/strangers.rs"]
mod strangers;
#[cfg(test)]
#[path = "stories/talk.rs"]
mod talk;
#[cfg(test)]
#[path = "stories/town.rs"]
mod town;
#[cfg(test)]
#[path = "stories/trust.rs"]
mod trust;
#[cfg(test)]
#[path = "stories/unmatched.rs"]
mod unmatched;
#[cfg(test)]
#[path = "stories/verify.rs"]
mod verify;
