//! The fee as flags: the same words for whoever writes a configuration and whoever plays on it.

use clap::{Args, ValueEnum};

use crate::sim::auditor;
use crate::trade::terms::FeePayer;

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct FeeFlags {
    /// The fee in hundredths of a percent, 0 to 10000.
    #[arg(long, default_value_t = 100, value_name = "BPS", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(super) fee_bps: u32,
    /// Who bears the fee.
    #[arg(long, value_enum, default_value_t = Payer::Buyer)]
    pub(super) fee_payer: Payer,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Payer {
    Buyer,
    Seller,
    Split,
}

impl Payer {
    pub(super) const fn law(self) -> FeePayer {
        match self {
            Self::Buyer => FeePayer::Buyer,
            Self::Seller => FeePayer::Seller,
            Self::Split => FeePayer::Split,
        }
    }

    pub(super) const fn books(self) -> auditor::FeePayer {
        match self {
            Self::Buyer => auditor::FeePayer::Buyer,
            Self::Seller => auditor::FeePayer::Seller,
            Self::Split => auditor::FeePayer::Split,
        }
    }

    /// As the configuration writes it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Split => "split",
        }
    }
}
