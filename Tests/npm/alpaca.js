// Trades at a sandbox with the public client of the venue: node alpaca.js http://127.0.0.1:PORT
// Prints one JSON object: what REST, the stream of orders and the market streams have said.
const { Alpaca } = require('@alpacahq/alpaca-trade-api');

const http = process.argv[2];
const ws = http.replace('http', 'ws');

// The client knows the venue's hosts only: its requests are sent on to the sandbox.
const fetchApi = (url, init) => {
  const there = new URL(url);
  return fetch(http + there.pathname + there.search, init);
};

const until = async (what, isThere) => {
  for (let i = 0; i < 1500; i++) {
    if (isThere()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('waited in vain for ' + what);
};

(async () => {
  const credentials = { keyId: 'sandbox-key-1', secret: 'sandbox-secret-1', paper: true, fetchApi };
  const alpaca = new Alpaca(credentials);
  const seen = { updates: [], trades: 0, quotes: 0, pairs: 0, errors: [] };

  const updates = alpaca.trading.stream({ url: ws + '/stream' });
  updates.onTradeUpdate((u) => seen.updates.push([u.event, u.order.clientOrderId, u.qty ?? null, u.order.status]));
  updates.onError((e) => seen.errors.push(String(e)));
  let listening = false;
  updates.onConnect(() => { updates.subscribeTradeUpdates(); listening = true; });
  updates.connect();

  const stocks = alpaca.marketData.stockStream({ feed: 'iex', url: ws + '/v2/iex' });
  let last;
  stocks.onTrade((t) => { seen.trades++; last = t; });
  stocks.onQuote(() => seen.quotes++);
  stocks.onError((e) => seen.errors.push(String(e)));
  stocks.onConnect(() => { stocks.subscribeForTrades(['AAPL']); stocks.subscribeForQuotes(['AAPL']); });
  stocks.connect();

  const pairs = alpaca.marketData.cryptoStream({ url: ws + '/v1beta3/crypto/us' });
  pairs.onTrade(() => seen.pairs++);
  pairs.onError((e) => seen.errors.push(String(e)));
  pairs.onConnect(() => pairs.subscribeForTrades(['BTC/USD']));
  pairs.connect();
  await until('the market', () => listening && seen.trades > 0 && seen.quotes > 0 && seen.pairs > 0);
  await new Promise((done) => setTimeout(done, 200));

  const account = await alpaca.trading.account.getAccount();
  const clock = await alpaca.trading.clock.legacyClock();
  const orders = alpaca.trading.orders;

  // Place, look, replace, cancel.
  const placed = await orders.limit({ symbol: 'AAPL', side: 'buy', qty: 10, limitPrice: 200, timeInForce: 'day', clientOrderId: 'a-1' });
  await until('new', () => seen.updates.some(([event, id]) => event === 'new' && id === 'a-1'));
  const found = await orders.getOrderByClientOrderId({ clientOrderId: 'a-1' });
  const replaced = await orders.patchOrderByOrderId({ orderId: placed.id, patchOrderRequest: { qty: '12', limitPrice: '201', clientOrderId: 'a-2' } });
  await until('replaced', () => seen.updates.some(([event, id]) => event === 'new' && id === 'a-2'));
  const open = await orders.getAllOrders({ status: 'open' });
  await orders.deleteOrderByOrderID({ orderId: replaced.id });
  await until('canceled', () => seen.updates.some(([event, id]) => event === 'canceled' && id === 'a-2'));

  // Two orders that fill.
  await orders.market({ symbol: 'AAPL', side: 'buy', qty: 5, timeInForce: 'day', clientOrderId: 'a-3' });
  await until('fill', () => seen.updates.some(([event, id]) => event === 'fill' && id === 'a-3'));
  await orders.market({ symbol: 'BTC/USD', side: 'buy', qty: '0.01', timeInForce: 'gtc', clientOrderId: 'a-4' });
  await until('fill', () => seen.updates.some(([event, id]) => event === 'fill' && id === 'a-4'));
  const positions = await alpaca.trading.positions.getAllOpenPositions();
  const activities = await alpaca.trading.accountActivities.getAccountActivities({ activityTypes: ['FILL'] });

  const refusals = [];
  for (const wrong of [
    { symbol: 'AAPL', side: 'buy', qty: 1, limitPrice: 200.123, timeInForce: 'day', clientOrderId: 'w-1' },
    { symbol: 'AAPL', side: 'buy', qty: 1, limitPrice: 200, timeInForce: 'day', clientOrderId: 'a-1' },
    { symbol: 'AAPL', side: 'buy', qty: 1000000, limitPrice: 200, timeInForce: 'day', clientOrderId: 'w-2' },
  ]) {
    try {
      await orders.limit(wrong);
      refusals.push(0);
    } catch (failure) {
      refusals.push(failure.status ?? failure.response?.status ?? String(failure));
    }
  }
  const stranger = await new Alpaca({ ...credentials, secret: 'wrong' }).trading.validateConnection();

  console.log(JSON.stringify({
    seen, account: [account.status, account.currency], clock: clock.isOpen,
    placed: placed.clientOrderId, found: found.id === placed.id, replaces: replaced.replaces === placed.id,
    open: open.map((o) => [o.clientOrderId, o.qty, o.limitPrice]),
    positions: positions.map((p) => [p.symbol, p.qty]),
    activities: activities.map((a) => [a.activityType, a.symbol]),
    price: typeof last.price, at: typeof last.timestamp, refusals, stranger: [stranger.ok, stranger.status],
  }, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
  process.exit(0);
})().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
