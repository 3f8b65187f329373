// The labeling page. Text from the model reaches the document through textContent only.
import { get, post, postDurably, Refusal } from './http.js';

const $ = (id) => document.getElementById(id);
const SHORTCUTS = 'plaudit.shortcuts';
const CLIENT = { name: 'plaudit-page', version: '1' };

let session = null;
let current = null; // { lease, judgment?, visible, since }
let next = null; // a lease fetched ahead
let fetching = null; // the promise that fetches
let chosen = null; // a choiceId
let busy = false; // a judgment is on its way for the shown task
let count = 0;
const history = []; // tasks judged, newest last, at most ten

// ---- tasks

async function start() {
  try {
    session = (await get('/v1/session')).body;
  } catch (e) {
    tell(e.message);
    return;
  }
  $('guideline').textContent = session.guideline;
  $('lease-minutes').textContent = String(Math.round(session.leaseSeconds / 60));
  setInterval(heartbeat, Math.max(5, session.leaseSeconds / 3) * 1000);
  setInterval(depth, 5000);
  depth();
  advance();
}

/** One task from the gateway, waiting as long as it takes. */
async function fetchTask() {
  for (;;) {
    try {
      const { status, body } = await post('/v1/leases', {
        labelerId: session.labelerId,
        max: 1,
        waitSeconds: Math.min(25, session.maxWaitSeconds),
      });
      tell('');
      if (status === 200) return body.leases[0];
      await sleep(500);
    } catch (e) {
      if (e instanceof Refusal && e.type === 'line-stopped') {
        emptyState('The run is stopped', e.message.replace(/^reason: /, '') || 'A labeler stopped it. An operator has to look at it.');
        await sleep(5000);
      } else if (e instanceof Refusal && e.status === 401) {
        location.reload();
        await sleep(60000);
      } else {
        tell(e instanceof Refusal ? e.message : 'The gateway cannot be reached. Trying again.');
        await sleep(3000);
      }
    }
  }
}

function prefetch() {
  if (!next && !fetching) {
    fetching = fetchTask().then((lease) => {
      fetching = null;
      if (expired(lease)) return prefetch();
      next = lease;
      if (!current) advance();
    });
  }
}

const expired = (lease) => Date.parse(lease.expireTime) < Date.now();

function advance() {
  current = null;
  chosen = null;
  if (next && !expired(next)) {
    show({ lease: next, judgment: null, visible: 0, since: performance.now() });
    next = null;
  } else {
    next = null;
    emptyState();
  }
  prefetch();
}

function emptyState(title, text) {
  if (current) return;
  $('task').hidden = true;
  $('actions').hidden = history.length === 0;
  $('empty').hidden = false;
  $('empty-title').textContent = title || 'Nothing to judge right now';
  $('empty-text').textContent = text || 'The run is making new responses. This page fetches them by itself.';
  enable();
}

function show(task) {
  current = task;
  chosen = task.judgment ? task.judgment.choiceId || null : null;
  busy = false;
  task.since = performance.now();
  $('empty').hidden = true;
  $('task').hidden = false;
  $('actions').hidden = false;
  $('query').textContent = task.lease.task.query.text;
  const box = $('choices');
  box.replaceChildren(...task.lease.task.choices.map(card));
  mark();
  enable();
  window.scrollTo(0, 0);
  if (!document.querySelector('dialog[open]')) box.focus({ preventScroll: true });
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

function choose(choiceId) {
  if (busy) return;
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
  const there = current !== null && !busy;
  $('confirm').disabled = !there || !chosen;
  for (const id of ['skip', 'tie', 'none', 'cannot']) $(id).disabled = !there;
  $('skip').disabled = !there || Boolean(current && current.judgment);
  $('undo').disabled = history.length === 0 || busy;
}

// ---- judgments

function confirm() {
  if (current && chosen && !busy) send({ choiceId: chosen });
}

const verdict = (name) => {
  if (current && !busy) send({ verdict: name });
};

/** The page goes on at once; the answer is sent until the gateway has it. */
function send(answer) {
  const task = current;
  busy = true;
  const sent = task.judgment ? amend(task, answer) : judge(task, answer);
  history.push(task);
  if (history.length > 10) history.shift();
  task.pending = sent;
  if (task.returnTo) {
    show(task.returnTo);
    task.returnTo = null;
  } else {
    advance();
  }
}

async function judge(task, answer) {
  const visible = Math.round(task.visible + (performance.now() - task.since));
  await deliver(task, '/v1/judgments', {
    leaseId: task.lease.leaseId,
    epoch: task.lease.epoch,
    labelerId: session.labelerId,
    visibleMillis: visible,
    client: CLIENT,
    ...answer,
  });
}

async function amend(task, answer) {
  await task.pending;
  if (!task.judgment.judgmentId) return;
  await deliver(task, `/v1/judgments/${task.judgment.judgmentId}:amend`, {
    labelerId: session.labelerId,
    ...answer,
  });
}

async function deliver(task, path, body) {
  const first = !task.judgment;
  task.judgment = { ...(task.judgment || {}), choiceId: body.choiceId, verdict: body.verdict };
  if (first) count += 1;
  $('count').textContent = String(count);
  say('Saving…', 'pending');
  try {
    const answer = await postDurably(path, body, () =>
      tell('The gateway cannot be reached. Your judgment is kept here and sent again.'));
    task.judgment = answer.body;
    tell('');
    say(first ? `Saved. ${count} judged.` : 'Saved the change.', 'done');
  } catch (e) {
    if (first) {
      count -= 1;
      task.judgment = null;
      history.splice(history.indexOf(task), 1);
    }
    $('count').textContent = String(count);
    say('', '');
    tell(`Not saved: ${e.message}`);
    enable();
  }
}

function undo() {
  if (busy || history.length === 0) return;
  const task = history.pop();
  if (current) {
    current.visible += performance.now() - current.since;
    task.returnTo = current.judgment ? current.returnTo : current;
  }
  show(task);
  const names = { TIE: 'a tie', NONE_ACCEPTABLE: 'none acceptable', CANNOT_JUDGE: 'not to be judged' };
  const before = names[task.judgment && task.judgment.verdict];
  say(before ? `You called it ${before}. Choose again.` : 'Change your judgment and confirm.', '');
}

async function skip() {
  if (!current || busy || current.judgment) return;
  const task = current;
  busy = true;
  advance();
  try {
    await post(`/v1/tasks/${task.lease.task.taskId}:skip`, { labelerId: session.labelerId });
    say('Skipped.', '');
  } catch (e) {
    tell(e.message);
  }
}

async function heartbeat() {
  if (document.hidden) return;
  for (const lease of [current && !current.judgment && current.lease, next]) {
    if (!lease) continue;
    try {
      lease.expireTime = (await post(`/v1/leases/${lease.leaseId}:extend`, {})).body.expireTime;
    } catch (e) {
      if (e instanceof Refusal && lease === next) next = null;
    }
  }
}

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

function tell(text) {
  $('notice').textContent = text;
  $('notice').hidden = !text;
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
    const choice = current && current.lease.task.choices[Number(key) - 1];
    if (choice) {
      event.preventDefault();
      if (chosen === choice.choiceId && !(current.judgment && current.judgment.choiceId === chosen)) confirm();
      else choose(choice.choiceId);
    }
    return;
  }
  const action = {
    s: skip, t: () => verdict('TIE'), n: () => verdict('NONE_ACCEPTABLE'),
    u: undo, backspace: undo, '?': () => $('help').showModal(),
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
  const at = cards.indexOf(document.activeElement);
  if (step) {
    const to = cards[at < 0 ? (step > 0 ? 0 : cards.length - 1) : (at + step + cards.length) % cards.length];
    choose(to.dataset.choice);
    to.focus();
  } else if (event.key === ' ' && at >= 0) {
    choose(cards[at].dataset.choice);
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

// Small screens start with the guideline folded; it stays one tap away.
if (matchMedia('(max-width: 700px)').matches) $('guide').open = false;

$('shortcuts').checked = localStorage.getItem(SHORTCUTS) !== 'off';
$('shortcuts').addEventListener('change', () => {
  localStorage.setItem(SHORTCUTS, shortcuts() ? 'on' : 'off');
  document.body.classList.toggle('no-shortcuts', !shortcuts());
});
document.body.classList.toggle('no-shortcuts', !shortcuts());

$('confirm').addEventListener('click', confirm);
$('skip').addEventListener('click', skip);
$('tie').addEventListener('click', () => verdict('TIE'));
$('none').addEventListener('click', () => verdict('NONE_ACCEPTABLE'));
$('cannot').addEventListener('click', () => verdict('CANNOT_JUDGE'));
$('undo').addEventListener('click', undo);
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
  if (!current) return;
  if (document.hidden) current.visible += performance.now() - current.since;
  current.since = performance.now();
});

start();
