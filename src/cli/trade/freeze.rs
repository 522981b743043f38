//! `trade freeze` and `trade unfreeze`: what will be done is said first, then the bot is asked for it.

use clap::Args;

use crate::chat::cards;
use crate::cli::ask::Careful;
use crate::cli::books::{self, Books, Page};
use crate::cli::exit::Failure;
use crate::store::Operator;
use crate::trade::Role;

#[derive(Args)]
pub(in crate::cli) struct Freeze {
    /// The trade's six letters.
    code: String,
    /// Why, for whoever reads the trade's history later. The parties are not told.
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    pub(super) careful: Careful,
}

pub(super) async fn freeze(flags: &Freeze) -> Result<(), Failure> {
    let page = page(flags)?;
    let mut plan = vec![
        cards::head(&page.trade),
        "- the bot signs nothing in this trade and takes no new agreement to it; its deadlines stand still".to_owned(),
        "- money stays where it is; buyer and seller can still move it together, without the bot".to_owned(),
    ];
    if page.trade.plans.iter().any(|plan| plan.lives() && plan.authorised.is_some() && !plan.cosigned) {
        plan.push(
            "- what is decided stays decided; a signature that is just being given may still be given".to_owned(),
        );
    }
    plan.push(told(&page, "that it is stopped until you have looked, not why"));
    let (code, why) = (page.trade.code, flags.why.clone());
    flags.careful.put(&plan, Operator::FreezeTrade { code, why }).await
}

pub(super) async fn unfreeze(flags: &Freeze) -> Result<(), Failure> {
    let page = page(flags)?;
    let mut plan = vec![cards::head(&page.trade)];
    plan.extend(page.trade.frozen.as_ref().map(|why| format!("- it was frozen: {why}")));
    plan.push(
        "- the trade goes on with the time that was left when it was frozen; its vault is looked at now".to_owned(),
    );
    let signed = |plan: &&crate::trade::Plan| plan.lives() && (plan.authorised.is_some() || !plan.signed.is_empty());
    if page.trade.plans.iter().any(|plan| signed(&plan)) {
        plan.push("- somebody has signed: the bot may sign last, and money move, within seconds".to_owned());
    }
    plan.push(told(&page, "that it goes on"));
    let (code, why) = (page.trade.code, flags.why.clone());
    flags.careful.put(&plan, Operator::UnfreezeTrade { code, why }).await
}

fn page(flags: &Freeze) -> Result<Page, Failure> {
    Books::open(flags.careful.common.config.as_deref())?.trade(&flags.code)
}

fn told(page: &Page, what: &str) -> String {
    let known = [Role::Buyer, Role::Seller].into_iter().filter(|role| page.trade.person(*role).is_some());
    let people: Vec<String> = known.map(|role| books::side(&page.read, &page.trade, role)).collect();
    format!("- {} are told {what}", people.join(" and "))
}
