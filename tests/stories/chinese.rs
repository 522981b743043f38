//! A whole trade: the buyer types and reads Chinese, the seller English.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::time::Millis;

use crate::town::Town;

/// Alice has written the trade in Chinese, and Bob is to answer it.
fn proposed() -> Town {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("seller", "hi").shows("What would you like to do?");
    town.says("buyer", "你好").shows("你想做什么？").offers(&["我要买", "我要卖", "我的交易", "怎么用", "English"]);
    town.taps("buyer", "我要买").shows("你要买什么？").offers(&["取消"]);
    town.says("buyer", "相机镜头").shows("价格是多少？");
    town.says("buyer", "１００ USDT").shows("请用半角数字 0 到 9").shows("例如：100");
    town.says("buyer", "100 元").shows("法定货币");
    town.says("buyer", "100 USDT")
        .shows("草稿：你要买")
        .shows("物品：“相机镜头”")
        .shows("你应付：101 USDT")
        .offers(&["邀请卖家", "重新开始"]);
    town.says("buyer", &format!("@{seller}")).shows("下一步：发给“Bob”").offers(&["发给 Bob", "重新开始"]);
    town.taps("buyer", "发给 Bob").headed("Proposed", "101 USDT").shows("等“Bob”").offers(&["现在怎么办？", "取消"]);
    town
}

#[test]
fn one_types_chinese_and_the_other_english() {
    let mut town = proposed();
    town.looks("seller").headed("Proposed", "101 USDT").shows("wants to buy this from you").shows("“相机镜头”");
    town.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT").shows("Deliver nothing before");
    town.looks("buyer").headed("AwaitingPayment", "101 USDT").shows("下一步：用下面的按钮支付 101 USDT").offers(&[
        "支付 101 USDT",
        "已付款",
        "取消",
        "现在怎么办？",
    ]);
    town.says("buyer", "为什么？").headed("AwaitingPayment", "101 USDT").shows("等你向保险库支付 101 USDT");
    town.pays("buyer");
    town.says("buyer", "我已付款");
    town.passes(Millis::from_secs(5));
    town.says("buyer", "状态").headed("Funded", "101 USDT").shows("已锁进保险库");
    town.says("buyer", "应急包").shows("这是你的应急包").shows("https://mixin.one/multisigs/");
    town.looks("seller").headed("Funded", "101 USDT").shows("has paid");
    town.taps("seller", "I have delivered").headed("Delivered", "101 USDT").shows("Next: wait while Alice");
    town.looks("buyer").headed("Delivered", "101 USDT").shows("说已经交付").shows("签名放款");
    let link = town.link("buyer", "https://mixin.one/multisigs/");
    town.says("buyer", &format!("核实 {link}")).shows("每个字节都和我要的一样").shows("签名页只显示");
    town.signs("buyer", "签名放款");
    town.says("buyer", "已签名");
    town.passes(Millis::from_secs(5));
    let code = town.code("buyer");
    town.says("buyer", &format!("状态{code}")).headed("Settled", "101 USDT").shows("已放款。各方得到：");
    town.says("seller", &format!("status {code}")).headed("Settled", "101 USDT").shows("Released.");
    town.settled(Outcome::Release);
}

#[test]
fn an_invitation_is_answered_in_its_language() {
    let mut town = Town::new();
    town.says("buyer", "购买相机镜头 100 USDT").shows("草稿：你要买");
    let forward = town.taps("buyer", "邀请卖家").headed("Proposed", "101 USDT").shows("发送：加入").to_string();
    let link = forward.split_whitespace().find(|word| word.starts_with("mixin://send?")).unwrap();
    town.opens("seller", link).headed("Proposed", "101 USDT").shows("想向你购买").offers(&["接受"]);
    town.taps("seller", "接受").shows("等“Alice”");
    town.looks("buyer").shows("名字和头像可以仿冒").offers(&["是的，是 Bob", "不，是别人"]);
    town.taps("buyer", "是的，是 Bob").headed("AwaitingPayment", "101 USDT");
    town.says("buyer", "取消").headed("Cancelled", "101 USDT").shows("你取消了交易");
    town.looks("seller").headed("Cancelled", "101 USDT").shows("取消了交易");
}

#[test]
fn the_language_is_chosen_and_kept() {
    let mut town = Town::new();
    town.says("buyer", "hi").shows("What would you like to do?");
    town.taps("buyer", "中文").shows("以后我用中文和你交流").shows("你想做什么？");
    town.says("buyer", "trades").shows("你没有进行中的交易");
    town.taps("buyer", "我要卖").shows("你要卖什么？");
    town.says("buyer", "lang en").shows("I speak English with you").shows("What are you selling?");
    // An item may be called anything.
    town.says("buyer", "相机镜头").shows("What is the price?");
    town.says("buyer", "取消").shows("草稿已放弃");
    town.says("buyer", "语言").shows("用哪种语言？").offers(&["English", "中文"]);
    town.taps("buyer", "English").shows("What would you like to do?");
}
