// The run console: asks for what is new every two seconds and draws it.
import { get, openSession, post, Refusal, turn } from './http.js';
import { Chart, format } from './charts.js';

const $ = (id) => document.getElementById(id);
const PERIOD = 2000;
const KEEP = 200000;
const PAGE = 5000; // lines the gateway gives at once

const rows = [];
let since = 0;
let session = null;
let newestSamples = '';

const charts = [
  { title: 'Reward', unit: 'mean score of a batch', key: 'reward', smooth: true },
  { title: 'KL', unit: 'nats per response, to the reference', key: 'kl', smooth: true, second: { key: 'klTarget', label: 'target' } },
  { title: 'KL coefficient (beta)', unit: 'reward per nat of KL', key: 'beta' },
  { title: 'Labels', unit: 'judgments in training', key: 'labels' },
  { title: 'Staleness', unit: 'policy versions, mean of a batch', key: 'staleness', smooth: true },
  { title: 'Rollouts', unit: 'per second', key: 'rolloutsPerSecond', smooth: true },
].map((spec) => new Chart($('charts'), spec));

const numbers = [
  ['Update', (s) => s.update, (s) => (s.updates ? `of ${format(s.updates)}` : '')],
  ['Reward', (s) => s.reward, () => ''],
  ['KL', (s) => s.kl, (s) => (Number.isFinite(s.klTarget) ? `target ${format(s.klTarget)}` : 'nats')],
  ['KL coefficient', (s) => s.beta, () => 'beta'],
  ['Rollouts / s', (s) => s.rolloutsPerSecond, () => ''],
  ['Staleness', (s) => s.staleness, () => 'versions'],
  ['Labels', (s) => s.labels, (s) => (s.labelsWanted ? `of ${format(s.labelsWanted)}` : '')],
  ['Policy preferred', (s) => s.winRate, (s) => (s.winRateLabels ? `of ${format(s.winRateLabels)} answers` : 'to the base')],
  ['Waiting', (s) => s.open, (s) => `${format(s.leased)} being judged`],
].map(([title, value, of]) => {
  const box = document.createElement('div');
  const name = document.createElement('dt');
  name.textContent = title;
  const number = document.createElement('dd');
  const text = document.createElement('span');
  text.textContent = '–';
  const small = document.createElement('span');
  small.className = 'of';
  number.append(text, small);
  box.append(name, number);
  $('numbers').append(box);
  return (status) => {
    text.textContent = format(value(status));
    small.textContent = of(status);
  };
});

function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  const s = Math.round(seconds);
  if (s < 60) return `${s} s left`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s left`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min left`;
}

function age(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

/** Who stopped the run, since when: the learner's words, or the store's where there is no learner. */
function stoppedBy(run, stop) {
  if (!stop) return '';
  const page = stop.labeler.startsWith('lb_');
  const who = page ? `${stop.vendor} labeler ${stop.labeler.slice(0, 4)}…` : `${stop.vendor}/${stop.labeler}`;
  const by = run.stop ? run.stop.by : who;
  return `By ${by}, since ${new Date(stop.since).toLocaleString()}.`;
}

function showStatus({ run, labels, stopReason, stop }) {
  const newest = rows[rows.length - 1] || {};
  const status = { labels: labels.preferences, ...newest, ...run, open: labels.open, leased: labels.leased };
  $('run-name').textContent = run.name || 'Run';
  $('phase').textContent = labels.stopped ? 'STOPPED' : run.phase || (rows.length ? 'running' : 'no run yet');
  $('phase').dataset.live = labels.stopped ? 'false' : String(Boolean(run.phase || rows.length) || '');
  $('eta').textContent = duration(run.etaSeconds);
  $('progress').value = run.updates ? Math.min(1, (status.update || 0) / run.updates) : 0;
  numbers.forEach((show) => show(status));
  $('stopped').hidden = !labels.stopped;
  $('stop-by').textContent = stoppedBy(run, stop);
  $('stop-reason').textContent = stopReason || '';
  const who = (run.holders || []).map((it) => `${it.tasks} by ${it.by} for ${age(it.seconds)}`);
  const waiting = labels.stopped ? '' : run.waitingFor || '';
  $('waiting-for').textContent = waiting;
  $('waiting-for').title = who.join(', ');
  $('waiting-for').hidden = !waiting;
  if (!session.operator) $('resume').hidden = true;
}

async function readMetrics() {
  let fresh = false;
  for (let more = true; more; ) {
    const { body } = await get(`/v1/run/metrics?since=${since}`);
    more = body.lines.length >= PAGE;
    if (body.lines.length === 0) break;
    for (const line of body.lines) {
      if (Number.isFinite(line.update)) rows.push(line);
    }
    since = body.next;
    fresh = true;
  }
  if (rows.length > KEEP) rows.splice(0, rows.length - KEEP);
  if (fresh) charts.forEach((chart) => chart.show(rows));
}

async function readSamples() {
  const { body } = await get('/v1/run/samples');
  const text = JSON.stringify(body.samples);
  if (text === newestSamples) return;
  newestSamples = text;
  $('no-samples').hidden = body.samples.length > 0;
  $('samples').replaceChildren(...body.samples.slice(0, 12).map(sample));
}

function sample(one) {
  const box = document.createElement('article');
  box.className = 'sample';
  const paragraph = (name, text) => {
    const p = document.createElement('p');
    p.className = name;
    p.dir = 'auto';
    p.textContent = text.replace(/^ +/, '');
    box.append(p);
  };
  if (Array.isArray(one.turns)) box.append(...one.turns.map(turn));
  else if (one.query) paragraph('prompt', String(one.query));
  paragraph('response', String(one.response ?? ''));
  const facts = [];
  if (Number.isFinite(one.reward)) facts.push(`reward ${format(one.reward)}`);
  if (Number.isFinite(one.update)) facts.push(`update ${format(one.update)}`);
  if (facts.length) {
    const footer = document.createElement('footer');
    footer.textContent = facts.join(', ');
    box.append(footer);
  }
  return box;
}

async function poll() {
  if (!document.hidden) {
    try {
      if (!session) session = await openSession();
      await readMetrics();
      showStatus((await get('/v1/run/status')).body);
      await readSamples();
      $('notice').hidden = true;
    } catch (e) {
      const unknown = e instanceof Refusal && e.status === 401;
      if (unknown) session = null;
      $('notice').textContent = unknown
        ? 'You need an invitation. Ask the person who runs this for a link of your own, and open it in this browser.'
        : e instanceof Refusal ? e.message : 'The gateway cannot be reached. Trying again.';
      $('notice').hidden = false;
    }
  }
  setTimeout(poll, PERIOD);
}

function askToResume(asking) {
  $('resume').hidden = asking;
  $('resume-sure').hidden = !asking;
  (asking ? $('resume-keep') : $('resume')).focus();
}

$('resume').addEventListener('click', () => {
  $('resume-refused').hidden = true;
  askToResume(true);
});

$('resume-keep').addEventListener('click', () => askToResume(false));

$('resume-confirm').addEventListener('click', async () => {
  askToResume(false);
  try {
    await post('/v1/andon:clear', { labelerId: session.labelerId, reason: 'let go on from the console' });
    showStatus((await get('/v1/run/status')).body);
  } catch (e) {
    const right = e instanceof Refusal && (e.status === 403 || e.type === 'insufficient-scope');
    $('resume-refused').textContent = right
      ? 'You may stop the run; to let it go on an operator has to open this page.'
      : `The run does not go on yet: ${e.message}`;
    $('resume-refused').hidden = false;
  }
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach((chart) => chart.build()));

poll();
