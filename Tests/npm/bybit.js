// Trades at a sandbox with the public client of the venue: node bybit.js http://127.0.0.1:PORT
// Prints one JSON object: what REST, the trade stream and the private and public streams have said.
const { RestClientV5, WebsocketClient, WebsocketAPIClient } = require('bybit-api');

const http = process.argv[2];
const ws = http.replace('http', 'ws');
const key = 'sandbox-key-1';
const secret = 'sandbox-secret-1';
const quiet = { trace: () => {}, info: () => {}, error: () => {} };

const until = async (what, isThere) => {
  for (let i = 0; i < 1500; i++) {
    if (isThere()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('waited in vain for ' + what);
};

(async () => {
  const rest = new RestClientV5({ key, secret, baseUrl: http, parseAPIRateLimits: true });
  const seen = { orders: [], executions: [], positions: 0, wallets: 0, books: 0, trades: 0, exceptions: [] };

  const open = (path, topics, category) => {
    const socket = new WebsocketClient({ key, secret, wsUrl: ws + path }, quiet);
    socket.on('update', (message) => {
      if (message.topic === 'order') seen.orders.push(...message.data.map((o) => [o.orderLinkId, o.orderStatus, o.cumExecQty]));
      else if (message.topic === 'execution') seen.executions.push(...message.data.map((e) => [e.orderLinkId, e.execQty, e.execPrice]));
      else if (message.topic === 'position') seen.positions++;
      else if (message.topic === 'wallet') seen.wallets++;
      else if (message.topic.startsWith('orderbook')) seen.books++;
      else if (message.topic.startsWith('publicTrade')) seen.trades++;
    });
    socket.on('exception', (failure) => seen.exceptions.push(JSON.stringify(failure)));
    socket.subscribeV5(topics, category);
    return socket;
  };
  const privates = open('/v5/private', ['order', 'execution', 'position', 'wallet'], 'linear');
  const publics = open('/v5/public/linear', ['orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT'], 'linear');
  await until('the book', () => seen.books > 1 && seen.trades > 0);

  const time = await rest.getServerTime();
  const instruments = await rest.getInstrumentsInfo({ category: 'linear' });
  const book = await rest.getOrderbook({ category: 'linear', symbol: 'BTCUSDT', limit: 1 });
  const bid = Number(book.result.b[0][0]);
  const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', timeInForce: 'PostOnly' };

  // REST: place, amend, look, cancel.
  const placed = await rest.submitOrder({ ...order, price: (bid - 100).toFixed(1), orderLinkId: 'rest-1' });
  const amended = await rest.amendOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'rest-1', price: (bid - 101).toFixed(1) });
  const active = await rest.getActiveOrders({ category: 'linear', symbol: 'BTCUSDT' });
  const cancelled = await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'rest-1' });
  const again = await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'rest-1' });

  // The trade stream: place, amend, cancel, and an order that fills.
  const entry = new WebsocketAPIClient({ key, secret, wsUrl: ws + '/v5/trade', attachEventListeners: false }, quiet);
  const wsPlaced = await entry.submitNewOrder({ ...order, price: (bid - 100).toFixed(1), orderLinkId: 'ws-1' });
  const wsAmended = await entry.amendOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'ws-1', qty: '0.020' });
  const wsCancelled = await entry.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'ws-1' });
  const wsFilled = await entry.submitNewOrder({
    category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.010', orderLinkId: 'ws-2' });
  await until('the fill', () => seen.orders.some(([id, status]) => id === 'ws-2' && status === 'Filled'));

  // A batch of which one fails.
  const batch = await rest.batchSubmitOrders('linear', [
    { ...order, price: (bid - 100).toFixed(1), orderLinkId: 'batch-1' },
    { ...order, price: (bid - 100).toFixed(1), orderLinkId: 'batch-1' },
  ]);
  const all = await rest.cancelAllOrders({ category: 'linear', settleCoin: 'USDT' });
  await until('the cancel', () => seen.orders.some(([id, status]) => id === 'batch-1' && status === 'Cancelled'));

  const positions = await rest.getPositionInfo({ category: 'linear', symbol: 'BTCUSDT' });
  const executions = await rest.getExecutionList({ category: 'linear', orderLinkId: 'ws-2' });
  const wallet = await rest.getWalletBalance({ accountType: 'UNIFIED' });
  const keyInfo = await rest.getQueryApiKey();
  const wrong = await new RestClientV5({ key, secret: 'wrong', baseUrl: http }).getWalletBalance({ accountType: 'UNIFIED' });

  console.log(JSON.stringify({
    seen,
    drift: Math.abs(Number(time.result.timeSecond) * 1000 - Date.now()) < 5000,
    symbols: instruments.result.list.map((i) => i.symbol),
    placed: placed.retCode, limits: placed.rateLimitApi ?? null, amended: amended.retCode,
    active: active.result.list.map((o) => [o.orderLinkId, o.price === (bid - 101).toFixed(1)]),
    cancelled: cancelled.retCode, again: again.retCode,
    ws: [wsPlaced.retCode, wsAmended.retCode, wsCancelled.retCode, wsFilled.retCode],
    batch: batch.retExtInfo.list.map((i) => i.code), all: all.result.list.length,
    size: positions.result.list[0].size, executed: executions.result.list.map((e) => e.execQty),
    coins: wallet.result.list[0].coin.map((c) => c.coin), rights: keyInfo.result.permissions.ContractTrade,
    wrong: wrong.retCode,
  }));
  privates.closeAll(true);
  publics.closeAll(true);
  entry.getWSClient().closeAll(true);
  process.exit(0);
})().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
