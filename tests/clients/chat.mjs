// Messages both ways, attachments, groups, and the Blaze loop.
import { randomUUID } from 'node:crypto';
import { sdk, blaze, same, holds, eventually } from './network.mjs';
import { shaped } from './people.mjs';

export async function chat(network) {
  const direct = sdk.uniqueConversationID(network.bot.id, network.buyer.id);
  await meeting(network, direct);
  await sending(network, direct);
  await attaching(network);
  const group = await gathering(network);
  await withoutSession(network);
  const { running, before, live } = await listening(network, direct, group);
  await reconnecting(network, running, before, live);
  await acknowledging(network, running, direct);
}

/** The message as the buyer's phone shows it. */
function shownAs(network, id) {
  return eventually(`message ${id} on the phone`, async () =>
    (await network.inbox('buyer')).find((message) => message.message_id === id));
}

/** The buyer says something that must reach the bot; its id. */
async function say(network, text, more = {}) {
  const said = await network.control('POST', 'people/buyer/say', { text, ...more });
  holds(said.reached === network.bot.id, `the bot is reached: ${JSON.stringify(said)}`);
  return said.message_id;
}

async function meeting(network, direct) {
  const { bot, buyer, seller } = network;

  await network.refused('message: before there is a conversation', 403, () => bot.message.sendText(buyer.id, 'hello'));
  await network.check('conversation: its id is what the library derives', async () => {
    const made = await bot.conversation.createContact(buyer.id);
    shaped('ConversationResponse', made);
    same([made.conversation_id, made.category], [direct, 'CONTACT'], 'conversation');
    same((await buyer.conversation.fetch(direct)).conversation_id, direct, 'seen by the other');
  });
  await network.refused('conversation: read by an outsider', 403, () => seller.conversation.fetch(direct));
}

async function sending(network, direct) {
  const { bot, buyer, seller } = network;

  await network.check('message: text', async () => {
    const sent = await bot.message.sendText(buyer.id, 'hello, 你好 👋');
    const seen = await shownAs(network, sent.message_id);
    same([seen.text, seen.sender, seen.conversation_id], ['hello, 你好 👋', bot.id, direct], 'message');
  });
  await network.check('message: buttons', async () => {
    const buttons = [
      { label: 'Accept', color: '#42AD63', action: 'input:accept' },
      { label: 'Sign', color: '#3D75E3', action: `https://mixin.one/multisigs/${randomUUID()}?action=sign` },
    ];
    const sent = await bot.message.sendAppButton(buyer.id, buttons);
    same((await shownAs(network, sent.message_id)).buttons, buttons, 'buttons');
    const tapped = await network.control('POST', 'people/buyer/tap', { message_id: sent.message_id, button: 'Accept' });
    same(tapped.said, 'accept', 'tapped');
  });
  await network.check('message: card', async () => {
    const card = {
      app_id: bot.id,
      cover_url: 'https://example.com/cover.png',
      title: 'Trade 42',
      description: '100 USDT are in the vault.',
      shareable: false,
      actions: [{ label: 'Details', color: '#3D75E3', action: 'input:trade 42' }],
    };
    const sent = await bot.message.sendAppCard(buyer.id, card);
    same((await shownAs(network, sent.message_id)).card, card, 'card');
  });
  await network.check('message: several in a batch, a post, a contact, a recall', async () => {
    const batch = ['one', 'two', 'three'].map((text) => ({
      category: 'PLAIN_TEXT',
      recipient_id: buyer.id,
      conversation_id: direct,
      message_id: randomUUID(),
      data_base64: sdk.base64RawURLEncode(Buffer.from(text)),
    }));
    await bot.message.sendBatch(batch);
    for (const { message_id } of batch) await shownAs(network, message_id);
    await bot.message.sendOne(batch[0]);
    const copies = (await network.inbox('buyer')).filter((message) => message.message_id === batch[0].message_id);
    same(copies.length, 1, 'the same id sent twice arrives once');
    await shownAs(network, (await bot.message.sendPost(buyer.id, '# Terms')).message_id);
    const contact = await bot.message.sendContact(buyer.id, { user_id: seller.id });
    same((await shownAs(network, contact.message_id)).contact.user_id, seller.id, 'contact');
    const recall = await bot.message.sendRecall(buyer.id, { message_id: batch[2].message_id });
    same((await shownAs(network, recall.message_id)).recalled.message_id, batch[2].message_id, 'recalled');
  });
  await network.refused('message: buttons no client would show', 10002, () =>
    bot.message.sendAppButton(buyer.id, [{ label: 'x'.repeat(40), color: 'blue', action: 'javascript:1' }]));
  await network.refused('message: a text too long', 10002, () => bot.message.sendText(buyer.id, 'x'.repeat(5000)));
}

async function attaching(network) {
  const { bot, buyer } = network;

  await network.check('attachment: uploaded, read back, sent as an image', async () => {
    const bytes = Buffer.from('89504e470d0a1a0a', 'hex');
    const made = await bot.attachment.upload(bytes);
    const { view_url } = await bot.attachment.fetch(made.attachment_id);
    same(Buffer.from(await (await fetch(view_url)).arrayBuffer()), bytes, 'bytes');
    const image = { attachment_id: made.attachment_id, mime_type: 'image/png', width: 1, height: 1, size: bytes.length, thumbnail: '' };
    const sent = await bot.message.sendImage(buyer.id, image);
    same((await shownAs(network, sent.message_id)).attachment.attachment_id, made.attachment_id, 'image');
  });
}

async function gathering(network) {
  const { bot, buyer, seller } = network;

  return network.check('group: created under the derived id, a message in it', async () => {
    const [name, random_id] = ['Trade 42', randomUUID()];
    const others = [buyer.id, seller.id].sort();
    const conversation_id = [random_id, ...others].reduce(sdk.uniqueConversationID, sdk.uniqueConversationID(bot.id, name));
    const participants = others.map((user_id) => ({ user_id }));
    const made = await bot.conversation.create({ category: 'GROUP', conversation_id, random_id, name, participants });
    same(made.participants.map((member) => member.user_id).sort(), [bot.id, ...others].sort(), 'members');
    const item = { category: 'PLAIN_TEXT', conversation_id, recipient_id: buyer.id, message_id: randomUUID() };
    await bot.message.sendOne({ ...item, data_base64: sdk.base64RawURLEncode('to the group') });
    same((await shownAs(network, item.message_id)).conversation_id, conversation_id, 'conversation');
    return conversation_id;
  });
}

/** The library's own loop on the bot's session, with what it was given. */
class Loop {
  constructor(network, options) {
    this.client = blaze.BlazeKeystoreClient(network.bot.keystore, options);
    Object.assign(this, { messages: [], receipts: [], conversations: [], pings: 0 });
    const keep = (list) => async (message) => { list.push(message); };
    this.client.loop({
      onMessage: keep(this.messages),
      onAckReceipt: keep(this.receipts),
      onConversation: keep(this.conversations),
      onTransfer: keep(this.messages),
    });
    this.socket.on('ping', () => { this.pings += 1; });
  }

  get socket() {
    return this.client.getWebSocket();
  }

  opened() {
    return eventually('the loop is open', () => this.socket?.readyState === 1);
  }

  has(id) {
    return eventually(`message ${id} in the loop`, () => this.messages.find((message) => message.message_id === id));
  }

  /** Stops for good: the library's `stopLoop` alone connects again when the socket reports that it is closed. */
  stop() {
    if (this.socket) this.socket.onclose = () => {};
    this.client.stopLoop();
  }
}

async function withoutSession(network) {
  const { bot, stranger } = network;

  await network.check('Blaze: a bad session is refused with 401 before anything opens', () => new Promise((resolve, reject) => {
    const keystore = { ...bot.keystore, session_private_key: stranger.keystore.session_private_key };
    const socket = blaze.websocket(keystore, network.blaze, { onMessage: () => {} });
    socket.on('open', () => reject(new Error('it opened')));
    socket.on('unexpected-response', (_, answer) => {
      socket.terminate();
      if (answer.statusCode === 401) resolve();
      else reject(new Error(`status ${answer.statusCode}`));
    });
    socket.on('error', () => {});
  }));
}

async function listening(network, direct, group) {
  const { bot, buyer } = network;

  const before = await say(network, 'said before the loop ran');
  const running = await network.check('Blaze: the loop opens, and what was said before comes first', async () => {
    const running = new Loop(network);
    await running.opened();
    same(running.socket.protocol, 'Mixin-Blaze-1', 'subprotocol');
    const message = await running.has(before);
    shaped('MessageView', message);
    same(Buffer.from(message.data, 'base64').toString(), 'said before the loop ran', 'data');
    same([message.category, message.user_id, message.conversation_id], ['PLAIN_TEXT', buyer.id, direct], 'message');
    same(message.source, 'LIST_PENDING_MESSAGES', 'source');
    return running;
  });
  const live = await network.check('Blaze: a text said now is pushed now', async () => {
    const id = await say(network, 'hello bot');
    const message = await running.has(id);
    same(Buffer.from(message.data_base64, 'base64url').toString(), 'hello bot', 'data_base64');
    return id;
  });
  await network.check('Blaze: in a group only what is addressed to the bot', async () => {
    const { identity_number } = await bot.safe.checkRegisteration();
    const id = await say(network, `@${identity_number} what now?`, { conversation_id: group });
    same((await running.has(id)).conversation_id, group, 'conversation');
    const aside = await network.control('POST', 'people/buyer/say', { text: 'between us', conversation_id: group });
    await say(network, 'after it');
    same(running.messages.some((message) => message.message_id === aside.message_id), false, 'the bot heard it');
    holds(running.conversations.length > 0, 'the group was announced as SYSTEM_CONVERSATION');
  });
  await network.check('Blaze: receipts of what the person has read', async () => {
    const sent = await bot.message.sendText(buyer.id, 'read me');
    await network.inbox('buyer');
    const receipt = (status) => eventually(status, () =>
      running.receipts.find((one) => one.message_id === sent.message_id && one.status === status));
    await receipt('DELIVERED');
    same((await receipt('READ')).user_id, buyer.id, 'by');
  });
  await network.check('Blaze: the server pings more often than the library waits', async () => {
    const pings = running.pings;
    await network.advance(20_000);
    await eventually('a ping', () => running.pings > pings);
  });
  return { running, before, live };
}

async function reconnecting(network, running, before, live) {
  const { bot } = network;

  await network.check('Blaze: closed by the server, the loop comes back and is told everything again', async () => {
    running.messages.length = 0;
    await network.control('POST', 'faults', { blaze: 'close' });
    for (const id of [before, live]) same((await running.has(id)).source, 'LIST_PENDING_MESSAGES', 'source');
  });
  await network.check('acknowledged by REST: not told again after a reconnect', async () => {
    await bot.message.sendAcknowledgement({ message_id: before, status: 'READ' });
    running.messages.length = 0;
    await network.control('POST', 'faults', { blaze: 'reset' });
    await running.has(live);
    same(running.messages.some((message) => message.message_id === before), false, 'told again');
    const all = [...new Set(running.messages.map((message) => message.message_id))];
    await bot.message.sendAcknowledges(all.map((message_id) => ({ message_id, status: 'READ' })));
  });
}

async function acknowledging(network, first, direct) {
  const { bot, buyer } = network;

  const running = await network.check('acknowledged on Blaze, by the loop itself: not told again', async () => {
    first.stop();
    const acknowledging = new Loop(network, { parse: false, syncAck: true });
    await acknowledging.opened();
    await say(network, 'acknowledge me');
    const acknowledged = (line) => line.action === 'ACKNOWLEDGE_MESSAGE_RECEIPT' && line.error === null;
    await eventually('everything acknowledged', async () =>
      (await network.control('GET', 'log')).filter(acknowledged).length >= acknowledging.messages.length + acknowledging.conversations.length
      && acknowledging.messages.some((message) => Buffer.from(message.data, 'base64').toString() === 'acknowledge me'));
    acknowledging.stop();
    const running = new Loop(network, { parse: true, syncAck: false });
    await running.opened();
    const last = await say(network, 'and I am the last');
    same((await running.has(last)).data, 'and I am the last', 'parsed by the library');
    same(running.messages.map((message) => message.message_id), [last], 'all that came');
    return running;
  });
  await network.check('Blaze: a message sent over it arrives', async () => {
    const params = {
      conversation_id: direct,
      recipient_id: buyer.id,
      message_id: randomUUID(),
      category: 'PLAIN_TEXT',
      data_base64: sdk.base64RawURLEncode('over Blaze'),
    };
    same(await blaze.sendRaw(running.socket, { id: randomUUID(), action: 'CREATE_MESSAGE', params }), true, 'sent');
    const seen = await eventually('on the phone', async () =>
      (await network.inbox('buyer')).find((message) => message.message_id === params.message_id));
    same(seen.text, 'over Blaze', 'text');
  });
  running.stop();
}
