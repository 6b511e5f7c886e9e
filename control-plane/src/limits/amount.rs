//! The four things that can run out, and arithmetic over them.

use tianji_proto::Amount;

/// One of the things that can run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Nano-dollars of the budget.
    Nanos,
    /// Requests in the window.
    Requests,
    /// Tokens in the window.
    Tokens,
    /// Requests in flight.
    Slots,
}

impl Dimension {
    /// All, in the order in which a shortage is reported.
    pub const ALL: [Self; 4] = [Self::Nanos, Self::Requests, Self::Tokens, Self::Slots];

    /// This part of an amount.
    pub fn of(self, amount: &Amount) -> i64 {
        match self {
            Self::Nanos => amount.nanos,
            Self::Requests => amount.requests,
            Self::Tokens => amount.tokens,
            Self::Slots => amount.slots,
        }
    }

    /// This part of an amount, to change.
    pub fn of_mut(self, amount: &mut Amount) -> &mut i64 {
        match self {
            Self::Nanos => &mut amount.nanos,
            Self::Requests => &mut amount.requests,
            Self::Tokens => &mut amount.tokens,
            Self::Slots => &mut amount.slots,
        }
    }
}

/// Dollars in nano-dollars, to the nearest. What is no number is nothing.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the range becomes the range's end, as it should"
)]
pub fn from_dollars(dollars: f64) -> i64 {
    (dollars * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_nanos_without_ever_overflowing() {
        assert_eq!(from_dollars(0.000_000_001_4), 1);
        assert_eq!(from_dollars(12.5), 12_500_000_000);
        assert_eq!(from_dollars(f64::INFINITY), i64::MAX);
        assert_eq!(from_dollars(f64::NAN), 0);
    }
}
