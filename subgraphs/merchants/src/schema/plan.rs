//! What a company subscribes to.

use async_graphql::{Enum, InputObject, SimpleObject};
use souk_kit::clock::Timestamp;

use crate::domain::plan;

/// The tiers of the platform, from the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "plan::Tier")]
pub(crate) enum PlanTier {
    /// Costs nothing.
    Free,
    /// For a company that begins.
    Starter,
    /// For a company with several shops.
    Business,
    /// For a company with needs of its own.
    Enterprise,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "plan::Status")]
pub(crate) enum PlanStatus {
    /// On trial.
    Trialing,
    /// Running and paid.
    Active,
    /// Running, and a payment is late.
    PastDue,
    /// Ended by one side.
    Cancelled,
    /// Ended because its time ran out.
    Expired,
}

/// What is said about a subscription. That it has expired follows from `expiresAt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "plan::Standing")]
pub(crate) enum PlanStanding {
    /// On trial.
    Trialing,
    /// Running and paid.
    Active,
    /// Running, and a payment is late.
    PastDue,
    /// Ended by one side.
    Cancelled,
}

/// What a company subscribes to on the platform.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct CompanyPlan {
    /// The tier.
    tier: PlanTier,
    /// How it stands at the time of the request.
    status: PlanStatus,
    /// The moment at which it ends; null when it runs until someone cancels it.
    expires_at: Option<Timestamp>,
}

impl CompanyPlan {
    pub(super) fn at(now: Timestamp, plan: &plan::Plan) -> Self {
        Self { tier: plan.tier.into(), status: plan.status(now).into(), expires_at: plan.expires_at }
    }
}

/// What a company subscribes to on the platform. It replaces the whole of the earlier plan.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyPlanInput {
    /// The tier.
    tier: PlanTier,
    /// How it stands, apart from its expiry.
    #[graphql(default_with = "PlanStanding::Active")]
    status: PlanStanding,
    /// The moment at which it ends; omitted or null when it runs until someone cancels it.
    expires_at: Option<Timestamp>,
}

impl From<CompanyPlanInput> for plan::Plan {
    fn from(input: CompanyPlanInput) -> Self {
        Self { tier: input.tier.into(), standing: input.status.into(), expires_at: input.expires_at }
    }
}
