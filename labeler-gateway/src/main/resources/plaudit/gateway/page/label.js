// The labeling page. Text from the model reaches the document through textContent only.
// Times are durations: the gateway says how long, performance.now() counts.
import { get, newKey, openSession, post, Refusal, turn } from './http.js';
import { Outbox } from './outbox.js';

const $ = (id) => document.getElementById(id);
const SHORTCUTS = 'plaudit.shortcuts';
const CLIENT = { name: 'plaudit-page', version: '2' };
const NAMES = { TIE: 'A tie', NONE_ACCEPTABLE: 'None acceptable', CANNOT_JUDGE: 'Can’t judge' };
const LAST = 10; // judged tasks that can be gone back to

// A task: { task, lease?, deadline?, answer?, judgmentId?, key?, at?, amendUntil?, visible, since }.
// A lease is there until it is judged; an answer from then on.
let session = null;
let live = null; // the task that waits for this person's judgment
let next = null; // one fetched ahead
let fetching = null; // stops the request for a task
let chosen = null; // a choiceId
let count = 0;
let at = 0; // which of `judged` is shown; the live task after the last
let lost = ''; // why no task can be fetched
let alive = false; // whether the person moved since the last heartbeat
const judged = []; // oldest first
const outbox = new Outbox({ sent, refused, changed: renderUnsent, stranger });

const current = () => (at < judged.length ? judged[at] : live);
const now = () => performance.now();

// ---- beginning

async function start() {
  const invited = new URLSearchParams(location.search).has('invite');
  if (invited) history.replaceState(null, '', location.pathname);
  try {
    session = await openSession();
  } catch (e) {
    if (e instanceof Refusal && e.status === 401) {
      needInvitation(invited);
    } else {
      reached(e instanceof Refusal ? e.message : 'The gateway cannot be reached. Trying again.');
      setTimeout(start, 3000);
    }
    return;
  }
  reached('');
  if (invited) tell('That invitation is not valid any more. You are still who you were.');
  $('labeler').textContent = session.labelerId.startsWith('lb_') ? '' : session.labelerId;
  $('guideline').textContent = session.guideline;
  $('lease-minutes').textContent = String(Math.round(session.leaseSeconds / 60));
  await outbox.open(session.labelerId);
  for (const item of outbox.mine) item.late = true;
  $('memory').hidden = outbox.durable;
  await readHistory();
  setInterval(tick, 1000);
  setInterval(depth, 5000);
  depth();
  const left = outbox.mine.length > 0;
  outbox.send().then(() => left && readHistory());
  at = judged.length;
  advance();
}

function needInvitation(invited) {
  if (!navigator.cookieEnabled) {
    emptyState('This browser takes no cookies', 'The page knows you by a cookie of its own and needs no other. Allow cookies for this address, and load the page again.');
    return;
  }
  emptyState(
    invited ? 'This invitation is not valid any more' : 'You need an invitation',
    'This page is open to invited people only. Ask the person who runs it for a link of your own, and open that link in this browser.');
}

/** The last judgments as the gateway has them, and what is on its way on top. */
async function readHistory() {
  try {
    const { body } = await get('/v1/session/judgments');
    const shown = at < judged.length ? judged[at] : null;
    const old = new Map(judged.map((task) => [task.task.taskId, task]));
    judged.length = 0;
    for (const { judgment, query, choices, ageSeconds, amendableSeconds } of body.judgments.reverse()) {
      const task = old.get(judgment.taskId) || { task: { taskId: judgment.taskId, query, choices }, visible: 0 };
      const { judgmentId, choiceId, verdict } = judgment;
      judged.push(Object.assign(task, {
        judgmentId, answer: choiceId ? { choiceId } : { verdict },
        at: now() - 1000 * ageSeconds, amendUntil: now() + 1000 * amendableSeconds,
      }));
    }
    count = body.count;
    for (const item of outbox.mine) {
      let task = judged.find((one) => one.task.taskId === item.task.taskId);
      if (!task) {
        task = old.get(item.task.taskId) || { task: item.task, at: now(), amendUntil: Infinity, visible: 0 };
        judged.push(task);
        count += 1;
      }
      Object.assign(task, { answer: item.answer, key: item.key });
    }
    judged.splice(0, judged.length - LAST);
    at = shown && judged.includes(shown) ? judged.indexOf(shown) : judged.length;
  } catch (e) {
    tell(e instanceof Refusal ? e.message : 'Your earlier judgments could not be read.');
  }
  renderUnsent();
  enable();
}

// ---- tasks

/** One task from the gateway, waiting as long as it takes; null when the page goes away. */
async function fetchTask() {
  const stop = new AbortController();
  fetching = stop;
  try {
    while (!stop.signal.aborted) {
      try {
        const { status, body } = await post(
          '/v1/leases',
          { labelerId: session.labelerId, max: 1, waitSeconds: Math.min(25, session.maxWaitSeconds) },
          { signal: stop.signal });
        reached('');
        if (status === 200) {
          const { task, ...lease } = body.leases[0];
          return { task, lease, deadline: now() + 1000 * lease.expiresInSeconds, renewAt: now() + rhythm(lease), visible: 0 };
        }
        await sleep(500);
      } catch (e) {
        if (stop.signal.aborted) return null;
        await explain(e);
      }
      await visible();
    }
    return null;
  } finally {
    if (fetching === stop) fetching = null;
  }
}

async function explain(e) {
  if (e instanceof Refusal && e.type === 'line-stopped') {
    emptyState('The run is stopped', e.message.replace(/^reason: /, '') || 'A labeler stopped it. An operator has to look at it.');
    await sleep(5000);
  } else if (e instanceof Refusal && (e.status === 401 || e.status === 403)) {
    try {
      const again = await openSession();
      if (again.labelerId !== session.labelerId) stranger();
      reached(e.status === 403 ? e.message : '');
    } catch (denied) {
      if (denied instanceof Refusal && denied.status === 401) needInvitation(false);
    }
    await sleep(3000);
  } else {
    reached(e instanceof Refusal ? e.message : 'The gateway cannot be reached. Trying again.');
    await sleep(Math.max(1, (e instanceof Refusal && e.retryAfter) || 3) * 1000);
  }
}

/** A page in the background asks for no task: no person looks at it. */
const visible = () =>
  document.hidden
    ? new Promise((done) => document.addEventListener('visibilitychange', done, { once: true }))
    : Promise.resolve();

/**
 * Fetches the task to show, or the one after it. A task whose time was over can come back to the
 * person who judges it: a late judgment is stored first, and a task that is known goes back.
 */
async function fetchOne() {
  if (fetching || next || !session || outbox.mine.some((item) => item.late)) return;
  const task = await fetchTask();
  if (!task) return;
  const known = [live, ...outbox.mine].some((one) => one && one.task.taskId === task.task.taskId);
  if (known) {
    release(task);
    return;
  }
  next = task;
  if (!live) advance();
}

/** How long until the next heartbeat: well before the task is offered to others too. */
const rhythm = (lease) => 1000 * Math.min(lease.heartbeatSeconds, 0.8 * lease.offerAgainSeconds);

const usable = (task) => now() < task.deadline;

/** Hands a task back that this person will not do; the page may be on its way out. */
function release(task) {
  post(`/v1/leases/${task.lease.leaseId}:release`, {}, { keepalive: true }).catch(() => {});
}

/** Shows the next task, or says that there is none and waits for one. */
function advance() {
  if (next && !usable(next)) {
    release(next);
    next = null;
  }
  live = next;
  next = null;
  if (!live) fetchOne();
  if (at < judged.length) return; // the person looks at an earlier one
  if (live) show();
  else emptyState();
}

function emptyState(title, text) {
  if (current()) return;
  $('task').hidden = true;
  $('actions').hidden = judged.length === 0;
  $('empty').hidden = false;
  $('empty-title').textContent = title || 'Nothing to judge right now';
  $('empty-text').textContent = text || 'The run is making new responses. This page fetches them by itself.';
  enable();
}

let scrolled = false; // by this page and not by the person

function show() {
  const task = current();
  if (!task) return emptyState();
  chosen = (task.answer && task.answer.choiceId) || null;
  task.since = now();
  $('empty').hidden = true;
  $('task').hidden = false;
  $('actions').hidden = false;
  showQuery(task.task.query);
  const box = $('choices');
  box.replaceChildren(...task.task.choices.map(card));
  mark();
  enable();
  scrolled = window.scrollY > 0;
  window.scrollTo(0, 0);
  if (!document.querySelector('dialog[open]')) box.focus({ preventScroll: true });
}

function showQuery(query) {
  const turns = query.turns || [];
  $('query-title').textContent = turns.length ? 'The conversation so far' : 'The text so far';
  $('query').classList.toggle('turns', turns.length > 0);
  if (turns.length) $('query').replaceChildren(...turns.map(turn));
  else $('query').textContent = query.text;
}

function card(choice, i) {
  const element = document.createElement('div');
  element.className = 'card';
  element.setAttribute('role', 'radio');
  element.dataset.choice = choice.choiceId;
  element.id = `card-${i + 1}`;
  const number = document.createElement('span');
  number.className = 'number';
  number.textContent = String(i + 1);
  const text = document.createElement('span');
  text.className = 'text';
  text.dir = 'auto';
  text.textContent = choice.text.replace(/^ +/, '');
  if (!choice.text.trim()) {
    text.textContent = '(an empty response)';
    text.classList.add('blank');
  }
  element.append(number, text);
  element.addEventListener('click', () => choose(choice.choiceId));
  element.addEventListener('dblclick', () => confirm());
  return element;
}

const open = (task) => Boolean(task) && (!task.answer || now() < task.amendUntil);

function choose(choiceId) {
  if (!open(current())) return;
  chosen = choiceId;
  mark();
  enable();
}

function mark() {
  const cards = [...$('choices').children];
  cards.forEach((element, i) => {
    const on = element.dataset.choice === chosen;
    element.setAttribute('aria-checked', String(on));
    element.tabIndex = on || (!chosen && i === 0) ? 0 : -1;
  });
}

function enable() {
  const task = current();
  $('confirm').disabled = !open(task) || !chosen;
  for (const id of ['tie', 'none', 'cannot']) $(id).disabled = !open(task);
  $('skip').disabled = !task || Boolean(task.answer);
  $('undo').disabled = at === 0;
  $('redo').disabled = at >= judged.length;
  $('count').textContent = String(count);
}

// ---- judgments

function confirm() {
  if (chosen) send({ choiceId: chosen });
}

const verdict = (name) => send({ verdict: name });

/** The page goes on at once; the outbox sends the answer until the gateway has it. */
function send(answer) {
  const task = current();
  if (!open(task)) return;
  pause();
  const item = { key: newKey(), task: task.task, answer };
  if (task.answer) {
    Object.assign(item, { before: task.answer, judgmentId: task.judgmentId, after: task.key || null });
  } else {
    const { leaseId, epoch } = task.lease;
    Object.assign(item, { leaseId, epoch, late: !usable(task), visibleMillis: Math.round(task.visible), client: CLIENT });
    judged.push(task);
    judged.splice(0, judged.length - LAST);
    count += 1;
    live = null;
  }
  // Until it is stored it can be changed; from then on as long as the gateway says.
  Object.assign(task, { answer, key: item.key, at: now(), amendUntil: task.answer ? task.amendUntil : Infinity });
  at = judged.length;
  say('Saving…', 'pending');
  outbox.add(item);
  if (live) show();
  else advance();
}

function sent(item, judgment) {
  const task = judged.find((one) => one.task.taskId === item.task.taskId);
  if (task) {
    task.judgmentId = judgment.judgmentId;
    if (task.key === item.key) Object.assign(task, { key: null, amendUntil: now() + 1000 * session.amendSeconds });
  }
  if (!live) fetchOne();
  if (outbox.mine.length === 0) say(item.leaseId ? `Saved. ${count} judged.` : 'Saved the change.', 'done');
  renderUnsent();
}

function refused(item, why) {
  const place = judged.findIndex((one) => one.task.taskId === item.task.taskId);
  if (item.leaseId) {
    count -= 1;
    if (place >= 0) {
      judged.splice(place, 1);
      if (at > place) at -= 1;
      else if (at === place) at = judged.length;
    }
  } else if (place >= 0) {
    Object.assign(judged[place], { answer: item.before, key: null });
  }
  say('', '');
  tell(`Not saved: “${words(item.answer, item.task)}” for “${end(last(item.task.query))}”. ${why}`);
  renderUnsent();
  enable();
  if (!current()) emptyState();
  if (!live) fetchOne();
}

/** The browser has become another labeler, by another invitation or without its cookie. */
function stranger() {
  location.reload();
}

/** What a person chose, in a few words. */
function words(answer, task) {
  if (answer.verdict) return NAMES[answer.verdict];
  const choice = task.choices.find((one) => one.choiceId === answer.choiceId);
  const text = choice ? choice.text.trim() : '';
  return text.length > 90 ? `${text.slice(0, 90)}…` : text || '(an empty response)';
}

/** What a query ends with: of a conversation the last turn. */
const last = (query) => (query.turns ? query.turns[query.turns.length - 1].content : query.text);
const end = (text) => (text.trim().length > 60 ? `…${text.trim().slice(-60)}` : text.trim());

function pause() {
  const task = current();
  if (task) task.visible += now() - task.since;
}

/** Shows another of the judged tasks; the one after the last is the live one. */
function goTo(place) {
  if (place < 0 || place > judged.length || place === at) return;
  pause();
  at = place;
  show();
  const task = judged[at];
  if (!task) say('Back at the present task.', '');
  else if (!open(task)) say(`${words(task.answer, task.task)}. This can no longer be changed.`, '');
  else if (task.answer.verdict) say(`You said: ${NAMES[task.answer.verdict]}. Choose again to change it.`, '');
  else say('Your judgment. Choose again to change it.', '');
}

const undo = () => goTo(at - 1);
const redo = () => goTo(at + 1);

async function skip() {
  const task = current();
  if (!task || task.answer) return;
  live = null;
  advance();
  try {
    await post(`/v1/tasks/${task.task.taskId}:skip`, { labelerId: session.labelerId });
    say('Skipped.', '');
  } catch (e) {
    tell(e.message);
  }
}

// ---- leases

/** A key, a pointer, a touch, a scroll: a person is here. Only then is more asked for. */
function life() {
  alive = true;
  if (live && usable(live) && !next && !fetching) fetchOne();
}

let pointer = '';
for (const kind of ['keydown', 'pointerdown', 'touchstart', 'touchmove', 'wheel']) {
  addEventListener(kind, life, { passive: true, capture: true });
}
addEventListener('pointermove', ({ screenX, screenY }) => {
  // Browsers send moves of a pointer that rests when the page moves under it.
  const here = `${screenX} ${screenY}`;
  if (pointer && here !== pointer) life();
  pointer = here;
}, { passive: true });
addEventListener('scroll', () => {
  if (!scrolled) life();
  scrolled = false;
}, { passive: true, capture: true });

/** Keeps the tasks, if a person was here since the last time. */
async function heartbeat() {
  const due = [live, next].filter((task) => task && !task.over);
  if (!alive || !due.some((task) => now() >= task.renewAt)) return;
  alive = false;
  for (const task of due) {
    task.renewAt = now() + rhythm(task.lease);
    try {
      const { body } = await post(`/v1/leases/${task.lease.leaseId}:extend`, {});
      task.deadline = now() + 1000 * body.expiresInSeconds;
    } catch (e) {
      if (!(e instanceof Refusal)) continue;
      task.over = true; // a judgment that comes late is kept all the same
      task.deadline = now();
      if (task === next) next = null;
    }
  }
}

/** A task fetched ahead whose time is over goes back; another is fetched when a person is here. */
function tick() {
  if (next && !usable(next)) {
    release(next);
    next = null;
  }
  heartbeat();
  if ($('history').open) renderHistory();
}

addEventListener('pagehide', () => {
  if (fetching) fetching.abort();
  fetching = null;
  for (const task of [live, next]) if (task) release(task);
  live = null;
  next = null;
});

// The browser shows the page again as it was when it was left.
addEventListener('pageshow', (event) => {
  if (!event.persisted || !session) return;
  at = judged.length;
  emptyState();
  outbox.send();
  advance();
});

async function depth() {
  if (document.hidden) return;
  try {
    const stats = (await get('/v1/vendors/me/stats')).body;
    $('depth').textContent = String(stats.counts.open + (next ? 1 : 0));
  } catch (e) {
    $('depth').textContent = '–';
  }
}

// ---- words

function say(text, state) {
  $('saved').textContent = text;
  $('saved').dataset.state = state;
}

/** Said until it is dismissed. */
function tell(text) {
  $('notice-text').textContent = text;
  $('notice').hidden = !text;
}

/** Why no task comes; empty as soon as one does. */
function reached(text) {
  lost = text;
  renderUnsent();
  if (text) emptyState('No task can be fetched', 'This page tries again by itself.');
}

function renderUnsent() {
  const waiting = outbox.mine.length;
  const shown = waiting > 0 && outbox.trouble !== '';
  $('unsent').hidden = !shown;
  $('unsent-count').textContent = String(waiting);
  const kept = outbox.durable
    ? 'What you judged is kept in this browser and sent again by itself.'
    : 'Keep this page open: what you judged is sent again by itself.';
  const trouble = shown ? `${outbox.trouble} ${kept}` : lost;
  if ($('trouble').textContent !== trouble) $('trouble').textContent = trouble;
  $('trouble').hidden = !trouble;
  if (shown) say('', '');
  const others = outbox.others.length;
  $('others').hidden = others === 0;
  $('others-count').textContent = others === 1 ? '1 judgment' : `${others} judgments`;
  $('memory').hidden = outbox.durable || !session;
  enable();
  if ($('history').open) renderHistory();
}

function ago(seconds) {
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

function renderHistory() {
  const list = $('history-list');
  $('history-none').hidden = judged.length > 0;
  while (list.children.length > judged.length) list.lastChild.remove();
  while (list.children.length < judged.length) list.append(historyRow());
  // Rows are kept, so that the focus stays where it is.
  judged.slice().reverse().forEach((task, i) => {
    const [query, answer, facts] = list.children[i].children;
    const [when, change] = facts.children;
    query.textContent = end(last(task.task.query));
    answer.textContent = words(task.answer, task.task);
    const waiting = outbox.mine.some((item) => item.task.taskId === task.task.taskId);
    when.textContent = waiting ? 'not sent yet' : ago((now() - task.at) / 1000);
    when.dataset.waiting = String(waiting);
    change.hidden = !open(task);
    change.setAttribute('aria-label', `Change: ${words(task.answer, task.task)}`);
    change.onclick = () => {
      $('history').close();
      goTo(judged.indexOf(task));
    };
  });
}

function historyRow() {
  const row = document.createElement('li');
  const text = (name) => {
    const p = document.createElement('p');
    p.className = name;
    p.dir = 'auto';
    return p;
  };
  const facts = document.createElement('div');
  facts.className = 'facts';
  const when = document.createElement('span');
  const change = document.createElement('button');
  change.type = 'button';
  change.className = 'link';
  change.textContent = 'Change';
  facts.append(when, change);
  row.append(text('of'), text('answer'), facts);
  return row;
}

function openHistory() {
  renderHistory();
  $('history').showModal();
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- keys

const shortcuts = () => $('shortcuts').checked;

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const target = event.target;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return;
  if (target.closest && target.closest('#choices') && radioKey(event)) return;
  if (event.key === 'Enter' && !(target instanceof HTMLButtonElement) && !(target instanceof HTMLAnchorElement) && target.tagName !== 'SUMMARY') {
    event.preventDefault();
    confirm();
    return;
  }
  if (!shortcuts() || event.repeat) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) {
    const task = current();
    const choice = task && task.task.choices[Number(key) - 1];
    if (choice) {
      event.preventDefault();
      if (chosen === choice.choiceId && !(task.answer && task.answer.choiceId === chosen)) confirm();
      else choose(choice.choiceId);
    }
    return;
  }
  const action = {
    s: skip, t: () => verdict('TIE'), n: () => verdict('NONE_ACCEPTABLE'),
    u: undo, backspace: undo, r: redo, h: openHistory, '?': () => $('help').showModal(),
  }[key];
  if (action) {
    event.preventDefault();
    action();
  }
});

/** Arrows move within the group and space chooses, as in any group of radio buttons. */
function radioKey(event) {
  const cards = [...$('choices').children];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const from = cards.indexOf(document.activeElement);
  if (step) {
    const to = cards[from < 0 ? (step > 0 ? 0 : cards.length - 1) : (from + step + cards.length) % cards.length];
    choose(to.dataset.choice);
    to.focus();
  } else if (event.key === ' ' && from >= 0) {
    choose(cards[from].dataset.choice);
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

// Small screens start with the guideline folded; it stays one tap away.
if (matchMedia('(max-width: 700px)').matches) $('guide').open = false;

/** What this browser remembers of the page, if it lets the page keep anything. */
const remembered = (work) => {
  try {
    return work(localStorage);
  } catch (e) {
    return null;
  }
};

$('shortcuts').checked = remembered((store) => store.getItem(SHORTCUTS)) !== 'off';
$('shortcuts').addEventListener('change', () => {
  remembered((store) => store.setItem(SHORTCUTS, shortcuts() ? 'on' : 'off'));
  document.body.classList.toggle('no-shortcuts', !shortcuts());
});
document.body.classList.toggle('no-shortcuts', !shortcuts());

$('confirm').addEventListener('click', confirm);
$('skip').addEventListener('click', skip);
$('tie').addEventListener('click', () => verdict('TIE'));
$('none').addEventListener('click', () => verdict('NONE_ACCEPTABLE'));
$('cannot').addEventListener('click', () => verdict('CANNOT_JUDGE'));
$('undo').addEventListener('click', undo);
$('redo').addEventListener('click', redo);
$('dismiss').addEventListener('click', () => tell(''));
$('open-history').addEventListener('click', openHistory);
$('forget-others').addEventListener('click', () => outbox.forgetOthers());
$('open-help').addEventListener('click', () => $('help').showModal());
$('open-stop').addEventListener('click', () => $('stop').showModal());
$('stop-cancel').addEventListener('click', () => $('stop').close());
$('stop-confirm').addEventListener('click', async () => {
  try {
    await post('/v1/andon', { labelerId: session.labelerId, reason: $('stop-reason').value });
    tell('The run is stopped. Thank you.');
  } catch (e) {
    tell(e.message);
  }
  $('stop').close();
});

document.addEventListener('visibilitychange', () => {
  const task = current();
  if (!task) return;
  if (document.hidden) task.visible += now() - task.since;
  task.since = now();
});
addEventListener('online', () => outbox.send());

start();
