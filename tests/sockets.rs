//! The whole trade over real sockets, on a good day and on bad ones: sandbox and bot in one process, joined by
//! addresses and sockets only, played on two phones.

#[cfg(test)]
#[path = "sockets_check/days.rs"]
mod days;
#[cfg(test)]
#[path = "sockets_check/house.rs"]
mod house;
