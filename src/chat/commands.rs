//! The one table of commands: what may be written, with or without a slash, and what it means.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

mod cases;
mod read;
mod typed;

use crate::chat::say::{Lang, Line};
use crate::chat::{Act, Binding, CaseAct, ProblemAct, TrustAct};
use crate::trade::Kind;

pub use read::{Read, name_in, read, read_code};
pub use typed::Typed;

/// A command, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    Hi,
    Buy,
    Sell,
    Price,
    Draft,
    Propose,
    Invite,
    Join,
    Accept,
    Decline,
    Confirm,
    Reject,
    Paid,
    Take,
    Delivered,
    Extend,
    Split,
    Hear,
    Pass,
    Rule,
    Appeal,
    Cases,
    Signed,
    Release,
    Refund,
    /// Calls for a judge.
    Problem,
    /// Begins to collect evidence.
    Evidence,
    Exhibit,
    Done,
    /// Takes the call for a judge back.
    Withdraw,
    Belongs,
    Unrelated,
    Status,
    Why,
    Kit,
    /// A group for one trade.
    Room,
    Trades,
    Verify,
    /// The signed text of a trade.
    Card,
    Rate,
    Block,
    Unblock,
    Cancel,
    /// Which language?
    Lang,
    English,
    Chinese,
    Help,
}

/// What may stand behind a command's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    Alone,
    /// Any words.
    Words,
    /// A trade's code.
    Code,
    /// A trade's code, unless there is only one open trade.
    MaybeCode,
    /// A token.
    Token,
    /// A trade's code and a token, both optional.
    CodeAndToken,
    /// A trade's code, how much, and a token, all optional.
    Part,
}

/// What a row means: a turn of the dialog, or an act on its own.
#[derive(Clone, Copy)]
pub enum Meaning {
    /// Depends on where the dialog stands: see [`converse`](crate::chat::converse).
    Dialog,
    Act(fn(&Typed) -> Act),
}

/// One command.
pub struct Row {
    pub word: Word,
    /// What buttons say.
    pub name: &'static str,
    /// Also understood, in any language; lower case.
    pub aliases: &'static [&'static str],
    pub shape: Shape,
    pub meaning: Meaning,
}

impl Row {
    /// What the help page says about it.
    #[must_use]
    pub const fn help(&self) -> Line {
        Line::HelpOf(self.word)
    }
}

const fn row(word: Word, name: &'static str, aliases: &'static [&'static str], shape: Shape, meaning: Meaning) -> Row {
    Row { word, name, aliases, shape, meaning }
}

/// Every command there is, in the order of the help page.
pub static TABLE: &[Row] = &[
    row(
        Word::Buy,
        "buy",
        &["i'm buying", "im buying", "i am buying", "购买", "买", "我要买", "我想买"],
        Shape::Words,
        Meaning::Dialog,
    ),
    row(
        Word::Sell,
        "sell",
        &["i'm selling", "im selling", "i am selling", "出售", "卖", "我要卖", "我想卖"],
        Shape::Words,
        Meaning::Dialog,
    ),
    row(Word::Price, "price", &["价格"], Shape::Words, Meaning::Dialog),
    row(Word::Draft, "draft", &["show draft", "show the draft", "草稿", "查看草稿"], Shape::Alone, Meaning::Dialog),
    row(
        Word::Propose,
        "propose",
        &["发出"],
        Shape::Token,
        Meaning::Act(|typed| Act::Propose { token: typed.token.clone().unwrap_or_default() }),
    ),
    row(
        Word::Invite,
        "invite",
        &["invitation", "邀请", "查看邀请"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Invite { code: typed.code.clone() }),
    ),
    row(
        Word::Join,
        "join",
        &["加入"],
        Shape::Code,
        Meaning::Act(|typed| Act::Join { code: typed.code.clone().unwrap_or_default() }),
    ),
    row(
        Word::Accept,
        "accept",
        &["agree", "接受", "同意"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Accept { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Decline,
        "decline",
        &["拒绝"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Decline { code: typed.code.clone() }),
    ),
    row(
        Word::Confirm,
        "confirm",
        &["确认"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Confirm { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Reject,
        "reject",
        &["turn away", "换人"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::TurnAway { code: typed.code.clone() }),
    ),
    row(
        Word::Paid,
        "paid",
        &["i have paid", "i've paid", "i paid", "已付款", "我已付款", "付款了", "已支付"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::LookNow { code: typed.code.clone() }),
    ),
    row(
        Word::Take,
        "take",
        &["take it as the whole", "收下", "当作全款收下"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Take { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Delivered,
        "delivered",
        &["i have delivered", "i've delivered", "已交付", "我已交付", "已发货", "我已发货", "发货了"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Deliver { code: typed.code.clone() }),
    ),
    row(
        Word::Extend,
        "extend",
        &["give more time", "more time", "延期", "给更多时间", "给对方更多时间"],
        Shape::Part,
        Meaning::Act(|typed| Act::Extend {
            code: typed.code.clone(),
            more: typed.words.clone(),
            token: typed.token.clone(),
        }),
    ),
    row(
        Word::Split,
        "split",
        &["offer a split", "分账", "提议分账"],
        Shape::Part,
        Meaning::Act(|typed| Act::Split {
            code: typed.code.clone(),
            part: typed.words.clone(),
            token: typed.token.clone(),
        }),
    ),
    row(
        Word::Appeal,
        "appeal",
        &["ask a second judge", "second judge", "复审", "请第二位仲裁员"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Case(CaseAct::Appeal { code: typed.code.clone() })),
    ),
    row(
        Word::Cases,
        "cases",
        &["my cases", "案件", "我的案件"],
        Shape::Alone,
        Meaning::Act(|_| Act::Case(CaseAct::List)),
    ),
    row(
        Word::Hear,
        "hear",
        &["take the case", "受理"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Case(CaseAct::Take { code: typed.code.clone() })),
    ),
    row(
        Word::Pass,
        "pass",
        &["i know one of them", "回避"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::Case(CaseAct::Pass { code: typed.code.clone(), token: typed.token.clone() })),
    ),
    row(
        Word::Rule,
        "rule",
        &["裁决"],
        Shape::Part,
        Meaning::Act(|typed| {
            Act::Case(CaseAct::Rule {
                code: typed.code.clone(),
                words: typed.words.clone(),
                token: typed.token.clone(),
            })
        }),
    ),
    row(
        Word::Signed,
        "signed",
        &["i have signed", "i've signed", "i signed", "已签名", "我已签名", "签好了"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::LookNow { code: typed.code.clone() }),
    ),
    row(
        Word::Release,
        "release",
        &["sign release", "放款", "签名放款", "确认收货"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Want { code: typed.code.clone(), kind: Kind::Release }),
    ),
    row(
        Word::Refund,
        "refund",
        &["sign refund", "退款", "签名退款"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Want { code: typed.code.clone(), kind: Kind::Refund }),
    ),
    row(
        Word::Problem,
        "problem",
        &["i have a problem", "dispute", "call a judge", "纠纷", "有问题", "请仲裁员", "申请仲裁"],
        Shape::Part,
        Meaning::Act(|typed| Act::Problem(ProblemAct::Open { code: typed.code.clone(), why: typed.words.clone() })),
    ),
    row(
        Word::Evidence,
        "evidence",
        &["add evidence", "举证", "补充证据"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Problem(ProblemAct::Collect { code: typed.code.clone() })),
    ),
    row(
        Word::Exhibit,
        "exhibit",
        &["exhibits", "show exhibit", "证据", "查看证据"],
        Shape::Part,
        Meaning::Act(|typed| Act::Problem(ProblemAct::Show { code: typed.code.clone(), no: typed.words.clone() })),
    ),
    row(Word::Done, "done", &["that is all", "that's all", "完成", "发完了"], Shape::Alone, Meaning::Dialog),
    row(
        Word::Withdraw,
        "withdraw",
        &["take it back", "撤回", "撤回仲裁"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| {
            Act::Problem(ProblemAct::Withdraw { code: typed.code.clone(), token: typed.token.clone() })
        }),
    ),
    row(
        Word::Belongs,
        "belongs",
        &["it belongs", "属于"],
        Shape::CodeAndToken,
        Meaning::Act(|typed| Act::AgreeClaim { code: typed.code.clone(), token: typed.token.clone() }),
    ),
    row(
        Word::Unrelated,
        "unrelated",
        &["it does not belong", "不属于"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::RefuseClaim { code: typed.code.clone() }),
    ),
    row(
        Word::Status,
        "status",
        &["show", "状态"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Status { code: typed.code.clone() }),
    ),
    row(
        Word::Why,
        "why",
        &["what now", "what next", "为什么", "怎么办", "现在怎么办", "然后呢"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Why { code: typed.code.clone() }),
    ),
    row(
        Word::Kit,
        "kit",
        &["recovery kit", "应急包"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Kit { code: typed.code.clone() }),
    ),
    row(
        Word::Room,
        "room",
        &["trade room", "make a trade room", "专用群", "交易群", "建群"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Room { code: typed.code.clone() }),
    ),
    row(
        Word::Trades,
        "trades",
        &["my trades", "list", "我的交易", "交易"],
        Shape::Alone,
        Meaning::Act(|_| Act::Trades),
    ),
    row(
        Word::Verify,
        "verify",
        &["check", "核实", "检查"],
        Shape::Words,
        Meaning::Act(|typed| Act::Verify { words: typed.words.clone() }),
    ),
    row(
        Word::Card,
        "card",
        &["trade card", "交易卡"],
        Shape::MaybeCode,
        Meaning::Act(|typed| Act::Trust(TrustAct::Card { code: typed.code.clone() })),
    ),
    row(
        Word::Rate,
        "rate",
        &["评价"],
        Shape::Part,
        Meaning::Act(|typed| Act::Trust(TrustAct::Rate { code: typed.code.clone(), words: typed.words.clone() })),
    ),
    row(
        Word::Block,
        "block",
        &["屏蔽", "拉黑"],
        Shape::Words,
        Meaning::Act(|typed| Act::Trust(TrustAct::Block { words: typed.words.clone() })),
    ),
    row(
        Word::Unblock,
        "unblock",
        &["取消屏蔽", "解除屏蔽"],
        Shape::Words,
        Meaning::Act(|typed| Act::Trust(TrustAct::Unblock { words: typed.words.clone() })),
    ),
    row(Word::Cancel, "cancel", &["取消"], Shape::CodeAndToken, Meaning::Dialog),
    row(
        Word::Hi,
        "hi",
        &["hello", "hey", "start", "menu", "你好", "您好", "开始", "菜单"],
        Shape::Alone,
        Meaning::Dialog,
    ),
    row(Word::Lang, "lang", &["language", "语言"], Shape::Alone, Meaning::Dialog),
    row(
        Word::English,
        "lang en",
        &["english", "lang english", "language english", "英文", "英语"],
        Shape::Alone,
        Meaning::Dialog,
    ),
    row(
        Word::Chinese,
        "lang zh",
        &["chinese", "lang chinese", "language chinese", "中文", "简体中文"],
        Shape::Alone,
        Meaning::Dialog,
    ),
    row(
        Word::Help,
        "help",
        &["?", "how it works", "how does it work", "帮助", "怎么用", "使用方法"],
        Shape::Alone,
        Meaning::Dialog,
    ),
];

/// The row of a command.
#[must_use]
pub fn row_of(word: Word) -> &'static Row {
    // Every word has its row, which a test proves; the last row is help.
    TABLE.iter().find(|row| row.word == word).unwrap_or(&HELP)
}

static HELP: Row = row(Word::Help, "help", &[], Shape::Alone, Meaning::Dialog);

impl Lang {
    /// The command that chooses it.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::En => Word::English,
            Self::Zh => Word::Chinese,
        }
    }
}

impl Binding {
    /// The command its token belongs to.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Propose => Word::Propose,
            Self::Accept => Word::Accept,
            Self::Confirm => Word::Confirm,
            Self::Cancel => Word::Cancel,
            Self::TakeShort { .. } => Word::Take,
            Self::Split { .. } => Word::Split,
            Self::Claim => Word::Belongs,
            Self::Withdraw => Word::Withdraw,
            Self::Extend { .. } => Word::Extend,
            Self::Pass => Word::Pass,
            Self::Rule { .. } => Word::Rule,
        }
    }
}
