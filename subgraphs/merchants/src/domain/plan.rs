//! What a company subscribes to on the platform.

use souk_kit::clock::Timestamp;

use super::stored_names::stored_names;

/// The tiers of the platform, from the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Free,
    Starter,
    Business,
    Enterprise,
}

/// What was last said about a subscription. That it has run out follows from its expiry and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Trialing,
    Active,
    PastDue,
    Cancelled,
}

/// How a subscription stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Trialing,
    Active,
    PastDue,
    Cancelled,
    Expired,
}

/// A subscription to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) tier: Tier,
    pub(crate) standing: Standing,
    /// The first moment at which it no longer runs; `None`: it runs until cancelled.
    pub(crate) expires_at: Option<Timestamp>,
}

impl Plan {
    /// What a new company has.
    pub(crate) const STARTING: Self = Self { tier: Tier::Free, standing: Standing::Active, expires_at: None };

    pub(crate) fn status(&self, now: Timestamp) -> Status {
        match self.standing {
            Standing::Cancelled => Status::Cancelled,
            Standing::Trialing | Standing::Active | Standing::PastDue
                if self.expires_at.is_some_and(|expiry| expiry <= now) =>
            {
                Status::Expired
            }
            Standing::Trialing => Status::Trialing,
            Standing::Active => Status::Active,
            Standing::PastDue => Status::PastDue,
        }
    }
}

stored_names!(Tier { Free = "free", Starter = "starter", Business = "business", Enterprise = "enterprise", });
stored_names!(Standing {
    Trialing = "trialing",
    Active = "active",
    PastDue = "past_due",
    Cancelled = "cancelled",
});

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone, Utc};

    use super::*;

    #[test]
    fn a_plan_ends_at_its_expiry_unless_it_was_cancelled() {
        let expiry = Utc.timestamp_opt(1_800_000_000, 0).unwrap();
        let before = expiry - Duration::microseconds(1);
        for (standing, then) in [
            (Standing::Trialing, Status::Expired),
            (Standing::Active, Status::Expired),
            (Standing::PastDue, Status::Expired),
            (Standing::Cancelled, Status::Cancelled),
        ] {
            let plan = Plan { tier: Tier::Starter, standing, expires_at: Some(expiry) };
            assert_ne!(plan.status(before), Status::Expired);
            assert_eq!(plan.status(expiry), then, "{standing:?}");
        }
    }
}
