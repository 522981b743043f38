//! Where the bot listens, and how it is reached from outside.

use std::net::SocketAddr;

use url::{Host, Url};

use super::{CALLBACK, ConfigError, Settings, wrong};
use crate::mixin::Base;

/// Longest `web.public`, in bytes: with a page's path behind it, it must stay a link that Mixin takes on a button.
const PUBLIC_MAX: usize = 400;

/// The address of a listener; empty means there is none.
fn address(key: &'static str, text: &str) -> Result<Option<SocketAddr>, ConfigError> {
    let none = || wrong(key, format!("{text:?} is no address and port, like 127.0.0.1:8080"));
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| none()) }
}

impl Settings {
    /// Where to listen; `None`: nowhere.
    ///
    /// # Errors
    /// When it is no address of a socket.
    pub fn listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        address("web.listen", &self.web.listen)
    }

    /// Where to listen for the machine's own people who look inside; `None`: nowhere.
    ///
    /// # Errors
    /// When it is no address of a socket, or one that others reach: there is no password, and everybody's trades.
    pub fn inspect(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let key = "web.inspect";
        let found = address(key, &self.web.inspect)?;
        if found.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(wrong(
                key,
                format!("{:?}: only this machine may look inside; write 127.0.0.1 or [::1]", self.web.inspect),
            ));
        }
        Ok(found)
    }

    /// How the world reaches the listener, without a slash at the end; `None`: it does not. Strictly checked, because
    /// links made of it go to Mixin, which refuses a whole card for one link that is none, and to `MixPay`, which calls
    /// https only; what is not https is this machine's own, the sandbox's.
    ///
    /// # Errors
    /// When it is no address of a server that people and `MixPay` could reach.
    pub fn public(&self) -> Result<Option<Base>, ConfigError> {
        let public = self.web.public.as_str();
        let bad = |why: &str| Err(wrong("web.public", format!("{public:?}: {why}")));
        if public.is_empty() {
            return Ok(None);
        }
        let (Ok(base), Ok(link)) = (public.parse::<Base>(), Url::parse(public)) else {
            return bad("write an address without a path, like https://escrow.example.com");
        };
        if public.len() > PUBLIC_MAX {
            return bad(&format!("longer than {PUBLIC_MAX} letters; links to pages would be longer than Mixin takes"));
        }
        // Read as an address, never as the beginning of a text: 127.0.0.1.example.com is anybody's.
        let here = match link.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(_)) | None => false,
        };
        match link.scheme() {
            "https" => Ok(Some(base)),
            "http" if here => Ok(Some(base)),
            _ => bad("write an address with https, which MixPay and people's phones need"),
        }
    }

    /// Where `MixPay` is told to call; `None`: it is not.
    ///
    /// # Errors
    /// The same as [`Settings::public`].
    pub fn callback(&self) -> Result<Option<String>, ConfigError> {
        Ok(self.public()?.map(|base| format!("{base}{CALLBACK}")))
    }
}
