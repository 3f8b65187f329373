// Judgments on their way. What a person confirmed is in the browser's database before it is sent,
// and stays there until the gateway has stored or definitely refused it.
import { address, openSession, post, Refusal } from './http.js';

const STORE = 'judgments';
const LONGEST_PAUSE = 10; // seconds
const PATIENCE = 3; // seconds for the database, which in some browsers never answers

const settled = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

const soon = (promise) =>
  Promise.race([
    promise,
    new Promise((_, fail) => setTimeout(() => fail(new Error('The database does not answer.')), 1000 * PATIENCE)),
  ]);

async function openDatabase() {
  // One database for each gateway of the origin.
  const opening = indexedDB.open(`plaudit ${address('/').pathname}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'key' });
  return soon(settled(opening));
}

/** Reads or writes, and is done when the browser says that it is on the disk. */
function transact(db, mode, work) {
  return soon(new Promise((done, fail) => {
    const transaction = db.transaction(STORE, mode, { durability: 'strict' });
    const result = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => done(result && result.result);
    transaction.onabort = () => fail(transaction.error);
  }));
}

/** Whether the gateway itself, and no proxy, will never take it; anything else is tried again. */
const final = (e) =>
  e instanceof Refusal && e.type !== '' && e.status < 500 && ![401, 403, 408, 429].includes(e.status);

/**
 * An item: { key, order, labelerId, leaseId?, epoch?, visibleMillis?, judgmentId?, after?, task,
 * answer, before? }. Without a leaseId it changes the judgment judgmentId, or what the item named
 * `after` becomes.
 */
export class Outbox {
  items = [];
  durable = true; // until it is known otherwise
  trouble = ''; // why nothing gets through, in words

  #db = null;
  #labelerId = '';
  #listener;
  #sending = false;
  #unwritten = new Set();
  #wake = () => {};

  /** listener: sent(item, judgment), refused(item, why), changed(), stranger(session) */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Takes up what an earlier page left. */
  async open(labelerId) {
    this.#labelerId = labelerId;
    try {
      this.#db = await openDatabase();
      this.items = await transact(this.#db, 'readonly', (store) => store.getAll());
      this.items.sort((a, b) => a.order - b.order);
    } catch (e) {
      this.#db = null; // private windows of some browsers have no database
      this.durable = false;
    }
  }

  /** What waits and is this person's. */
  get mine() {
    return this.items.filter((item) => item.labelerId === this.#labelerId);
  }

  /** What waits for another person of this browser. */
  get others() {
    return this.items.filter((item) => item.labelerId !== this.#labelerId);
  }

  async add(item) {
    item.labelerId = this.#labelerId;
    item.order = 1 + Math.max(0, ...this.items.map((i) => i.order));
    this.#unwritten.add(item);
    this.items.push(item);
    await this.#write((store) => store.put(item));
    this.#unwritten.delete(item);
    this.send();
  }

  /** Throws away what waits for other people. */
  async forgetOthers() {
    for (const item of this.others) await this.#drop(item);
    this.#listener.changed();
  }

  /** Sends until nothing is left; does nothing when that goes on already. */
  async send() {
    this.#wake();
    if (this.#sending) return;
    this.#sending = true;
    for (let failures = 0; ; ) {
      const item = this.mine[0];
      if (!item || this.#unwritten.has(item)) break;
      try {
        const judgment = await this.#post(item);
        failures = 0;
        this.trouble = '';
        await this.#stored(item, judgment);
      } catch (e) {
        if (final(e) && !this.#superseded(item, e)) {
          await this.#refused(item, e.message);
          continue;
        }
        failures += 1;
        this.trouble = e instanceof Refusal ? e.message : 'The gateway cannot be reached.';
        this.#listener.changed();
        if (e instanceof Refusal && (e.status === 401 || e.status === 403)) {
          const same = await this.#renew();
          if (same && e.status === 401) continue;
        }
        await this.#pause((e instanceof Refusal && e.retryAfter) || Math.min(LONGEST_PAUSE, 2 ** (failures - 1)));
      }
    }
    this.#sending = false;
    this.#listener.changed();
  }

  /** The same task came back to this person and is being handed back: then the judgment is taken. */
  #superseded(item, e) {
    if (e.type !== 'lease-superseded') return false;
    item.superseded = (item.superseded || 0) + 1;
    return item.superseded <= 3;
  }

  async #post(item) {
    const path = item.leaseId ? '/v1/judgments' : `/v1/judgments/${item.judgmentId}:amend`;
    const lease = item.leaseId
      ? { leaseId: item.leaseId, epoch: item.epoch, visibleMillis: item.visibleMillis, client: item.client }
      : {};
    const body = { labelerId: item.labelerId, ...lease, ...item.answer };
    const answer = (await post(path, body, { headers: { 'Idempotency-Key': item.key } })).body;
    if (!answer || !answer.judgmentId) throw new Error('Something else than the gateway answered.');
    return answer;
  }

  /** The session was over, or the browser has another labeler id. Whether it has the same one again. */
  async #renew() {
    let same = false;
    try {
      const session = await openSession();
      same = session.labelerId === this.#labelerId;
      if (!same) this.#listener.stranger(session);
    } catch (e) {
      if (e instanceof Refusal && e.status === 401) {
        this.trouble = 'Your session is over. Open your invitation link again; your judgments are kept here.';
      }
    }
    this.#listener.changed();
    return same;
  }

  async #stored(item, judgment) {
    const next = this.items.filter((other) => other.after === item.key);
    for (const other of next) Object.assign(other, { after: null, judgmentId: judgment.judgmentId });
    this.items = this.items.filter((other) => other !== item);
    await this.#write((store) => {
      store.delete(item.key);
      for (const other of next) store.put(other);
    });
    this.#listener.sent(item, judgment);
  }

  async #refused(item, why) {
    for (const other of this.items.filter((o) => o.after === item.key)) await this.#refused(other, why);
    await this.#drop(item);
    this.#listener.refused(item, why);
  }

  async #drop(item) {
    this.items = this.items.filter((other) => other !== item);
    await this.#write((store) => store.delete(item.key));
  }

  async #write(work) {
    if (!this.#db) return;
    try {
      await transact(this.#db, 'readwrite', (store) => void work(store));
    } catch (e) {
      this.#db = null; // the disk is full or does not answer, or the browser took the database away
      this.durable = false;
      this.#listener.changed();
    }
  }

  #pause(seconds) {
    return new Promise((done) => {
      this.#wake = done;
      setTimeout(done, seconds * 1000);
    });
  }
}
