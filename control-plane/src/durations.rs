//! Lengths of time as LiteLLM writes them (`30s`, `30m`, `30h`, `30d`, `2w`, `1mo`), and when a budget starts anew.

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveTime, Timelike, Utc};

/// A parsed length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// Why a text is no length of time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Unable to parse duration '{0}': a whole number and one of s, m, h, d, w, mo is expected, such as '30d'"
)]
pub struct Unreadable(String);

/// Longer than this (in years) is taken for a mistake; it also keeps all arithmetic in range.
const LONGEST_YEARS: u32 = 1000;

impl std::str::FromStr for Length {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = || Unreadable(text.chars().take(40).collect());
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(unreadable)?;
        let (count, unit) = text.split_at(split);
        let (unit, per_year) = match unit {
            "s" => (Unit::Second, 31_536_000),
            "m" => (Unit::Minute, 525_600),
            "h" => (Unit::Hour, 8760),
            "d" => (Unit::Day, 365),
            "w" => (Unit::Week, 52),
            "mo" => (Unit::Month, 12),
            _ => return Err(unreadable()),
        };
        let count: u32 = count.parse().map_err(|_| unreadable())?;
        if u64::from(count) > u64::from(LONGEST_YEARS) * per_year {
            return Err(unreadable());
        }
        Ok(Self { count, unit })
    }
}

impl Length {
    /// `start` plus this length; a month keeps its day where the target month has it.
    pub fn after(self, start: DateTime<Utc>) -> DateTime<Utc> {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Second => start + Duration::seconds(count),
            Unit::Minute => start + Duration::minutes(count),
            Unit::Hour => start + Duration::hours(count),
            Unit::Day => start + Duration::days(count),
            Unit::Week => start + Duration::weeks(count),
            Unit::Month => start + Months::new(self.count),
        }
    }

    /// When a budget period of this length that is running at `now` ends. As LiteLLM does it (in UTC): short periods
    /// end on multiples of themselves, `1d` at midnight, `7d` and `1w` on Monday, `30d` and `1mo` on the first.
    pub fn period_end(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let midnight = now.with_time(NaiveTime::MIN).single().unwrap_or(now);
        let seconds = match (self.unit, self.count) {
            (_, 0) => return now,
            (Unit::Second, n) => n,
            (Unit::Minute, n) => n.saturating_mul(60),
            (Unit::Hour, n) => n.saturating_mul(3600),
            (Unit::Day, 1) => return midnight + Days::new(1),
            (Unit::Day, 7) | (Unit::Week, 1) => {
                return midnight + Days::new(7 - u64::from(now.weekday().num_days_from_monday()));
            }
            (Unit::Day, 30) => return first_of_month(midnight) + Months::new(1),
            (Unit::Day | Unit::Week, _) => return self.after(midnight),
            (Unit::Month, n) => return first_of_month(midnight) + Months::new(n),
        };
        let elapsed = now.num_seconds_from_midnight();
        let next = (u64::from(elapsed) / u64::from(seconds) + 1) * u64::from(seconds);
        midnight + Duration::seconds(i64::try_from(next).unwrap_or(i64::MAX / 1000))
    }
}

fn first_of_month(midnight: DateTime<Utc>) -> DateTime<Utc> {
    midnight - Days::new(u64::from(midnight.day0()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_duration_is_added_exactly() {
        let start = at("2026-01-31T10:00:00Z");
        for (length, end) in [
            ("30s", "2026-01-31T10:00:30Z"),
            ("90m", "2026-01-31T11:30:00Z"),
            ("2h", "2026-01-31T12:00:00Z"),
            ("30d", "2026-03-02T10:00:00Z"),
            ("1w", "2026-02-07T10:00:00Z"),
            ("1mo", "2026-02-28T10:00:00Z"),
        ] {
            assert_eq!(length.parse::<Length>().unwrap().after(start), at(end), "{length}");
        }
    }

    #[test]
    fn budgets_start_anew_on_round_times() {
        let now = at("2026-11-20T13:39:22Z"); // a Friday
        for (length, end) in [
            ("30s", "2026-11-20T13:39:30Z"),
            ("15m", "2026-11-20T13:45:00Z"),
            ("2h", "2026-11-20T14:00:00Z"),
            ("1d", "2026-11-21T00:00:00Z"),
            ("7d", "2026-11-23T00:00:00Z"),
            ("10d", "2026-11-30T00:00:00Z"),
            ("30d", "2026-12-01T00:00:00Z"),
            ("1mo", "2026-12-01T00:00:00Z"),
        ] {
            assert_eq!(length.parse::<Length>().unwrap().period_end(now), at(end), "{length}");
        }
        assert_eq!(
            "1w".parse::<Length>().unwrap().period_end(at("2026-11-23T00:00:00Z")),
            at("2026-11-30T00:00:00Z")
        );
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "30", "d", "-1d", "1y", "1.5h", "99999999999d", "4294967295mo", " 1d", "1d "] {
            assert!(text.parse::<Length>().is_err(), "{text:?}");
        }
    }
}
