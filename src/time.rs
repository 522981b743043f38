//! Time as an input. Everything else is handed a [`Millis`]; only [`machine_now`] asks the machine.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// A moment, or a length, in milliseconds; a moment counts from the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000))
    }

    #[must_use]
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_secs(hours.saturating_mul(3_600))
    }

    /// Whole seconds, rounded towards the past.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Saturating: a date beyond the calendar is a date nobody reaches.
    #[must_use]
    pub const fn plus(self, length: Self) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// The length from `earlier` to here; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// From RFC 3339, as Mixin writes its times (up to nanoseconds, cut to milliseconds).
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// RFC 3339 in UTC with milliseconds; the epoch when the moment is beyond the calendar.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        format!("{moment:.3}")
    }
}

/// Machine time: the machine's clock as it was when first asked, and what has steadily passed since. Setting the
/// machine's clock, forwards or back, changes nothing while the program runs. Called by the sockets' shells only,
/// never by law, door, jobs or sandbox.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
#[must_use]
pub fn machine_now() -> Millis {
    static START: OnceLock<(Instant, Millis)> = OnceLock::new();
    let whole = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let (began, start) = START.get_or_init(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), Millis(whole(since)))
    });
    start.plus(Millis(whole(began.elapsed())))
}

/// Mixin's time and service time from the machine's, by what was measured.
///
/// *Server time* is the own clock plus the offset last read from `X-Server-Time`. *Service time* is server
/// time minus every span in which no live Blaze connection was held: all deadlines count in it, so downtime
/// stretches them and never costs anybody a right. A server time inside a span counts as the span's start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClock {
    /// Server minus machine, milliseconds.
    pub offset: Millis,
    /// Closed spans without a connection, in server time, ascending and apart from each other.
    pub spans: Vec<(Millis, Millis)>,
    /// Start of the span that is still open: no live connection since then.
    pub down_since: Option<Millis>,
}

impl ServiceClock {
    /// Server time at machine time `now`.
    #[must_use]
    pub fn server(&self, now: Millis) -> Millis {
        now.plus(self.offset)
    }

    /// Service time of a server time.
    #[must_use]
    pub fn service(&self, server: Millis) -> Millis {
        let open = self.down_since.map(|start| (start, Millis(i64::MAX)));
        let lost = self
            .spans
            .iter()
            .copied()
            .chain(open)
            .fold(0i64, |lost, (start, end)| lost.saturating_add(server.min(end).since(start).0.max(0)));
        Millis(server.0.saturating_sub(lost))
    }

    /// The server time at which service time reaches `service`, if no further downtime comes.
    /// For showing deadlines to people.
    #[must_use]
    pub fn to_server(&self, service: Millis) -> Millis {
        let mut server = service;
        for (start, end) in &self.spans {
            if *start < server {
                server = server.plus(end.since(*start));
            }
        }
        server
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downtime_stretches_and_counts_as_its_start() {
        let clock = ServiceClock {
            offset: Millis(5),
            spans: vec![(Millis(100), Millis(150)), (Millis(200), Millis(300))],
            down_since: Some(Millis(1_000)),
        };
        assert_eq!(clock.server(Millis(10)), Millis(15));
        for (server, service) in
            [(100, 100), (125, 100), (150, 100), (160, 110), (250, 150), (300, 150), (1_000, 850), (9_999, 850)]
        {
            assert_eq!(clock.service(Millis(server)), Millis(service), "{server}");
        }
        for service in [50, 110, 160, 400] {
            assert_eq!(clock.service(clock.to_server(Millis(service))), Millis(service), "{service}");
        }
    }

    #[test]
    fn reads_and_writes_rfc3339() {
        let moment = Millis::from_rfc3339("2026-01-01T00:00:00.123456789Z").unwrap();
        assert_eq!(moment.to_rfc3339(), "2026-01-01T00:00:00.123Z");
        assert_eq!(Millis::from_rfc3339("yesterday"), None);
    }
}
