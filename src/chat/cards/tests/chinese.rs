//! Chinese is Chinese throughout, and how the main pages look in it.

use super::*;

/// Words of other alphabets that Chinese sentences use: names of products, units, the example of a code.
const KNOWN: [&str; 12] =
    ["Mixin", "MixPay", "PIN", "UTC", "ID", "USDT", "BTC", "TRON", "Ethereum", "K7Q2MD", "ABC123", "English"];

/// The sentences as they are written down.
const SOURCES: [&str; 16] = [
    include_str!("../../say/zh.rs"),
    include_str!("../../say/zh/answers.rs"),
    include_str!("../../say/zh/claim.rs"),
    include_str!("../../say/zh/commands.rs"),
    include_str!("../../say/zh/grammar.rs"),
    include_str!("../../say/zh/group.rs"),
    include_str!("../../say/zh/kit.rs"),
    include_str!("../../say/zh/label.rs"),
    include_str!("../../say/zh/mixpay.rs"),
    include_str!("../../say/zh/page.rs"),
    include_str!("../../say/zh/right.rs"),
    include_str!("../../say/zh/short.rs"),
    include_str!("../../say/zh/split.rs"),
    include_str!("../../say/zh/trust.rs"),
    include_str!("../../say/zh/verify.rs"),
    include_str!("../../say/zh/waiting.rs"),
];

/// Without what stands between the two marks.
fn without(text: &str, open: char, close: char) -> String {
    let mut inside = false;
    let kept = |c: char| {
        let skipped = inside || c == open;
        inside = if inside { c != close } else { c == open };
        !skipped
    };
    let mut kept = kept;
    text.chars().filter(|c| kept(*c)).collect()
}

/// Words in Latin letters that are none of [`KNOWN`], outside quotations and links.
fn foreign(text: &str) -> Vec<String> {
    let own = without(text, '“', '”');
    let words = own.split_whitespace().filter(|word| !word.contains("://"));
    let parts = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    let letters = parts.filter(|part| part.bytes().any(|b| b.is_ascii_alphabetic()) && !KNOWN.contains(part));
    letters.map(str::to_owned).collect()
}

/// No sentence of a page is left in English.
pub(super) fn check(posts: &[Post]) {
    for post in posts {
        let (title, text) = match post {
            Post::Text(text) | Post::Markdown(text) => ("", text.as_str()),
            Post::Card { title, text, .. } => (title.as_str(), text.as_str()),
            Post::Buttons(_) | Post::Contact(_) | Post::Qr(_) | Post::File { .. } => continue,
        };
        assert_eq!(foreign(title), [""; 0], "{title}");
        let text = text.split("```").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.starts_with("Trade K7Q2MD · ")) {
            let line = line.split("MIX").next().unwrap_or_default();
            // The account of nobody known is told by its id.
            assert!(foreign(line).iter().all(|word| word.len() == 12 && word.starts_with("0000")), "{line}");
        }
    }
}

/// The string literals of a source, as the compiler reads them.
fn literals(source: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    let mut letters = code.chars().peekable();
    while letters.by_ref().any(|c| c == '"') {
        let mut literal = String::new();
        while let Some(c) = letters.next().filter(|c| *c != '"') {
            match (c, letters.peek()) {
                ('\\', Some('\n')) => while letters.next_if(|c| c.is_whitespace()).is_some() {},
                ('\\', Some(_)) => literal.extend(letters.next().map(|c| if c == 'n' { '\n' } else { c })),
                (c, _) => literal.push(c),
            }
        }
        found.push(literal);
    }
    found
}

#[test]
fn every_sentence_is_written_as_chinese_is() {
    let sentences: Vec<String> = SOURCES.into_iter().flat_map(literals).collect();
    assert!(sentences.len() > 400, "{}", sentences.len());
    let han = |c: char| text::is_chinese(&c.to_string());
    for sentence in sentences.iter().filter(|sentence| sentence.chars().any(han)) {
        let own = without(sentence, '{', '}');
        let own = own.replace("%-m月%-d日 %H:%M", "");
        assert_eq!(foreign(&own), [""; 0], "{sentence}");
        let letters: Vec<char> = sentence.chars().collect();
        for pair in letters.windows(2) {
            let half = |c: char| ",.;:?!()\"".contains(c);
            assert!(!(han(pair[0]) && half(pair[1]) || half(pair[0]) && han(pair[1])), "{pair:?} in {sentence}");
            let full = |c: char| "，。：；？！（）“”、".contains(c);
            assert!(!(full(pair[0]) && pair[1] == ' ' || pair[0] == ' ' && full(pair[1])), "{pair:?} in {sentence}");
        }
    }
}

#[test]
fn what_stands_on_buttons_fits_and_is_understood() {
    let labels = literals(include_str!("../../say/zh/label.rs"));
    for label in labels.iter().filter(|label| !label.contains('{')) {
        assert!(label.len() <= LABEL_MAX, "{label}");
    }
    // Who types what a button says means the same as who taps it.
    for (label, action) in [
        (Label::Buying, "buy"),
        (Label::Selling, "sell"),
        (Label::Trades, "trades"),
        (Label::HowItWorks, "help"),
        (Label::Speak(Lang::Zh), "lang zh"),
        (Label::ShowDraft, "draft"),
        (Label::InviteAgain, "invite"),
        (Label::Accept, "accept"),
        (Label::Decline, "decline"),
        (Label::Paid, "paid"),
        (Label::Cancel, "cancel"),
        (Label::SignRelease, "release"),
        (Label::SignRefund, "refund"),
        (Label::Signed, "signed"),
        (Label::Delivered, "delivered"),
        (Label::TakeShort, "take"),
        (Label::OfferSplit, "split"),
        (Label::Why, "why"),
        (Label::Kit, "kit"),
        (Label::Status, "status"),
    ] {
        let label = say::label(Lang::Zh, &label);
        assert_eq!(commands::read(&label), commands::read(action), "{label}");
    }
}

fn seen(trade: &Trade, viewer: UserId, page: impl Fn(&View<'_>) -> Vec<Post>) -> String {
    let posts = page(&Reader { lang: Lang::Zh, ..Reader::new(nice) }.view(trade, viewer));
    check(&posts);
    render(&posts)
}

#[test]
fn the_greeting() {
    insta::assert_snapshot!(render(&lines(&[Line::Greeting], Some(&house()), Lang::Zh)), @"
    你好！我帮两个人安全地完成交易。买家的钱锁在三方保险库里：买家、卖家和我。任意两方一起才能动用，我一个人永远动不了。
    你想做什么？
    ---
    [我要买] input:buy
    [我要卖] input:sell
    [我的交易] input:trades
    [怎么用] input:help
    [English] input:lang en
    ");
}

#[test]
fn the_draft() {
    insta::assert_snapshot!(render(&draft(&draft_of("相机镜头", Some(BOB)), TOKEN, &house(), &nice, Lang::Zh, &Known::default())), @"
    # 草稿：你要买
    买家：你 · 卖家：“Bob”（46802）
    物品：“相机镜头”
    价格：100 USDT · TRON
    手续费：1 USDT（1%），由买家承担
    你应付：101 USDT
    如果放款：卖家得 100 USDT，买家得 0 USDT。
    如果退款：买家得 101 USDT（不收手续费），卖家得 0 USDT。
    这是各方最少和最多能得到的；多付的部分会退给买家。
    期限：接受 1 天，付款 2 小时，交付 7 天，查验 3 天。
    保险库有三把钥匙：买家、卖家和我。任意两方可以动用这笔钱：我加上你们中的一方可以，我一个人永远不行。
    我由“Fair Trade Ltd”运营。指定了 1 名仲裁员处理争议；30 天内没有裁决：退款。
    万一我消失了：你们两人都签同一个链接（放款或退款），不用我也能生效。
    下一步：发给“Bob”（46802）。想换人，就再分享一张名片。
    [发给 Bob] input:propose T0KEN00000000000
    [重新开始] input:buy
    ");
}

#[test]
fn the_invitation() {
    insta::assert_snapshot!(seen(&stages("相机镜头")[1], ALICE, invitation), @"
    # 邀请
    Trade K7Q2MD · Proposed · 101 USDT
    下一步：把下面这条消息转发给卖家。有人带着交易码来，我会告诉你是谁；你确认之后，交易才开始。
    还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。
    [现在怎么办？] input:why K7Q2MD
    [取消] input:cancel K7Q2MD
    ---
    Trade K7Q2MD · Proposed · 101 USDT
    “Alice”（46801）想安全地买“相机镜头”。
    查看条款，请打开 mixin://send?text=加入%20K7Q2MD
    或者给我（Mixin ID 7000101276）发送：加入 K7Q2MD
    ");
}

#[test]
fn the_terms() {
    insta::assert_snapshot!(seen(&stages("相机镜头")[0], BOB, |view| notice(view, Notice::Proposal)), @"
    # 给你的报价
    Trade K7Q2MD · Proposed · 101 USDT
    “Alice”（46801）想向你购买：
    物品：“相机镜头”
    买家：“Alice”（46801） · 卖家：你
    价格：100 USDT · TRON
    手续费：1 USDT（1%），由买家承担
    “Alice”（46801）应付：101 USDT
    如果放款：卖家得 100 USDT，买家得 0 USDT。
    如果退款：买家得 101 USDT（不收手续费），卖家得 0 USDT。
    这是各方最少和最多能得到的；多付的部分会退给买家。
    期限：接受 1 天，付款 2 小时，交付 7 天，查验 3 天。
    保险库有三把钥匙：买家、卖家和我。任意两方可以动用这笔钱：我加上你们中的一方可以，我一个人永远不行。
    我由“Fair Trade Ltd”运营。指定了 1 名仲裁员处理争议；30 天内没有裁决：退款。
    万一我消失了：你们两人都签同一个链接（放款或退款），不用我也能生效。
    下一步：看清楚，再接受或拒绝。还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。
    [接受] input:accept K7Q2MD T0KEN00000000000
    [拒绝] input:decline K7Q2MD
    [屏蔽这个人] input:block K7Q2MD
    ");
}

#[test]
fn the_payment() {
    insta::assert_snapshot!(seen(&accepted("相机镜头"), ALICE, |view| notice(view, Notice::Accepted)), @"
    # 付款
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    下一步：用下面的按钮支付 101 USDT（资产：USDT · TRON）。还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。
    钱会进入三方保险库。我自己会看到；点“已付款”，我就马上去看。
    我只用 Mixin ID 7000101276 发消息。请只用我的按钮付款，不要付给其他任何人。我绝不会向你要 PIN 或密钥，也不会让你直接转账。
    [支付 101 USDT] https://mixin.one/pay/MIX?amount=101
    [已付款] input:paid K7Q2MD
    [取消] input:cancel K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ---
    (picture of https://mixin.one/pay/MIX?amount=101)
    ");
}

#[test]
fn funded_for_the_seller() {
    insta::assert_snapshot!(seen(&funded("相机镜头"), BOB, |view| notice(view, Notice::Funded)), @"
    # 钱已锁定
    Trade K7Q2MD · Funded · 105 USDT
    “Alice”（46801）已付款：105 USDT 已锁进保险库。放款时你得 100 USDT。
    下一步：交付，然后点“已交付”。还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。
    [已交付] input:delivered K7Q2MD
    [提议分账] input:split K7Q2MD
    [有问题] input:problem K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ");
}

#[test]
fn delivered_for_the_buyer() {
    insta::assert_snapshot!(seen(&delivered("相机镜头"), ALICE, |view| notice(view, Notice::Delivered)), @"
    # 已交付
    Trade K7Q2MD · Delivered · 105 USDT
    “Bob”（46802）说已经交付。下一步：请查验。没问题就签名放款；有问题就和对方商量，什么都不要签。还剩 2 小时 10 分钟（到 11月23日 14:05 UTC）。
    签名页显示：“Bob”，100 USDT。还有 2 笔它不显示：手续费 1 USDT，你得 4 USDT。
    签名意味着：你已拿到买的东西，钱付给“Bob”（46802）。我会马上补上签名，无法撤销。
    签完点“已签名”，我就马上去看。
    我只用 Mixin ID 7000101276 发消息。请只用我的按钮付款，不要付给其他任何人。我绝不会向你要 PIN 或密钥，也不会让你直接转账。
    [签名放款] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [已签名] input:signed K7Q2MD
    [提议分账] input:split K7Q2MD
    [有问题] input:problem K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ");
}

#[test]
fn the_release() {
    insta::assert_snapshot!(seen(&funded("相机镜头"), ALICE, |view| notice(view, Notice::SignLink { plan: 0 })), @"
    # 放款
    Trade K7Q2MD · Funded · 105 USDT
    签名页显示：“Bob”，100 USDT。还有 2 笔它不显示：手续费 1 USDT，你得 4 USDT。
    签名意味着：你已拿到买的东西，钱付给“Bob”（46802）。我会马上补上签名，无法撤销。
    先别签：等“Bob”（46802）交付、你查验之后再签。
    签完点“已签名”，我就马上去看。
    我只用 Mixin ID 7000101276 发消息。请只用我的按钮付款，不要付给其他任何人。我绝不会向你要 PIN 或密钥，也不会让你直接转账。
    [签名放款] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a
    [已签名] input:signed K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ");
}

#[test]
fn settled_for_the_seller() {
    insta::assert_snapshot!(seen(&settled("相机镜头", true), BOB, |view| notice(view, Notice::Settled)), @"
    # 已完成
    Trade K7Q2MD · Settled · 105 USDT
    已放款。各方得到：
    - 你：100 USDT
    - 手续费：1 USDT
    - “Alice”（46801）：4 USDT
    7 项检查全部通过，机器人最后签名。
    不用再做什么了。
    和“Alice”（46801）交易得怎么样？你的评价只计入对方的记录，不影响别的。
    [好] input:rate K7Q2MD good
    [差] input:rate K7Q2MD bad
    [我的交易] input:trades
    ");
}

#[test]
fn a_refusal() {
    insta::assert_snapshot!(seen(&funded("相机镜头"), ALICE, |view| refusal(Some(view), Refusal::Locked, view.lang)), @"
    # 你的交易
    Trade K7Q2MD · Funded · 105 USDT
    钱已锁定，谁都不能再取消。买家可以签名放款，卖家可以签名退款：
    [状态] input:status K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ");
}

#[test]
fn why_overdue() {
    insta::assert_snapshot!(seen(&stages("相机镜头")[8], BOB, why), @"
    # 现在怎么办？
    Trade K7Q2MD · Funded · 105 USDT
    交付期限已到。等双方谈好：“Alice”（46801）可以签名放款，你可以签名退款。
    时间：期限已过（11月23日 11:54 UTC）。
    不管多久，钱都不会自动划走。
    在“Alice”（46801）可以签名退款之前，我要确认期限内说的每句话都已收到，再读一次保险库，并且已告诉你期限到了。做不到的话，谁也不会因为超时得到权利；“Alice”（46801）可以请仲裁员。
    [提议分账] input:split K7Q2MD
    [状态] input:status K7Q2MD
    ");
}

#[test]
fn a_split_is_asked_for() {
    insta::assert_snapshot!(seen(&funded("相机镜头"), ALICE, |view| ask_split(view, None)), @"
    # 提议分账
    Trade K7Q2MD · Funded · 105 USDT
    100 USDT 中“Bob”（46802）应得多少？其余退给买家。
    点一个，或者写数额、比例，例如：“分账 K7Q2MD 60%”
    [25%：25 USDT] input:split K7Q2MD 25
    [50%：50 USDT] input:split K7Q2MD 50
    [75%：75 USDT] input:split K7Q2MD 75
    [状态] input:status K7Q2MD
    ");
}

#[test]
fn an_offered_split() {
    insta::assert_snapshot!(seen(&offered("相机镜头"), ALICE, |view| notice(view, Notice::Split { plan: 2 })), @"
    # 分账
    Trade K7Q2MD · Funded · 105 USDT
    “Bob”（46802）向你提议，价格 100 USDT 这样分：
    - 你：44.4 USDT
    - “Bob”（46802）：60 USDT
    - 手续费：0.6 USDT
    签名页显示：你自己，44.4 USDT。还有 2 笔它不显示：“Bob”（46802）得 60 USDT，手续费 0.6 USDT。
    签名意味着：你同意，马上这样分账，无法撤销。不想要就不签：那就是不同意。还剩 2 天（到 11月25日 11:55 UTC）。
    签完点“已签名”，我就马上去看。
    我只用 Mixin ID 7000101276 发消息。请只用我的按钮付款，不要付给其他任何人。我绝不会向你要 PIN 或密钥，也不会让你直接转账。
    [签名分账] https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000c
    [已签名] input:signed K7Q2MD
    [提议分账] input:split K7Q2MD
    [现在怎么办？] input:why K7Q2MD
    ");
}

#[test]
fn the_kit() {
    insta::assert_snapshot!(seen(&funded("相机镜头"), ALICE, kit), @"
    Trade K7Q2MD · Funded · 105 USDT

    这是你的应急包。请保存这条消息；只有我消失了才用得上。里面没有密钥。

    没有我时的放款：你和对方都签这个链接，钱就付给卖家（卖家：100 USDT，手续费：1 USDT，买家：4 USDT）。

    https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000a

    我还在的时候，只要买家一个人签就会这样：我会马上补上签名。不是真想这样，现在不要签。

    没有我时的退款：你和对方都签这个链接，买家就拿回钱（买家：105 USDT）。

    https://mixin.one/multisigs/00000000-0000-0000-0000-00000000000b

    我还在的时候，只要卖家一个人签就会这样：我会马上补上签名。不是真想这样，现在不要签。

    保险库，三个成员中任意两个可以动用：MIXiSg7pS5dmBmahecfGKhNqQ63Koz4HDjX2Yq78vCk5TDdobLF3iYAhTV9u7b5vcKdj39UtoiExf

    如果我什么都忘了，运营者靠下面这段文字，也只有靠它，才能接着办你的交易。它动不了钱。除了运营者，不要给任何人：里面写着谁和谁在交易什么。

    ```
    -----BEGIN-----
    AQ
    -----END-----
    ```
    ");
}
