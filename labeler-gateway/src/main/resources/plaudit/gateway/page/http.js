// Requests to our own gateway. The session is a cookie the page cannot read.

/** Where the gateway is, below whatever path a proxy serves it. */
const ROOT = new URL('..', import.meta.url);

/** The full address of a path such as /v1/session. */
export const address = (path) => new URL(path.slice(1), ROOT);

/** A refusal: the members of an RFC 9457 problem. */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.type = String(problem.type || '').replace('/problems/', '');
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

async function request(path, init) {
  const response = await fetch(address(path), { credentials: 'same-origin', ...init });
  const json = (response.headers.get('Content-Type') || '').includes('json');
  const body = json ? await response.json() : null;
  if (!response.ok) {
    throw new Refusal(response.status, body || {}, Number(response.headers.get('Retry-After')) || 0);
  }
  return { status: response.status, body };
}

export const get = (path) => request(path);

export const post = (path, body, { headers = {}, ...init } = {}) =>
  request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Plaudit-Page': '1', ...headers },
    body: JSON.stringify(body),
    ...init,
  });

/** Who this browser is. A browser on the gateway's machine gets its session by opening a page. */
export async function openSession() {
  try {
    return (await get('/v1/session')).body;
  } catch (e) {
    if (!(e instanceof Refusal) || e.status !== 401) throw e;
  }
  await fetch(address('/'), { credentials: 'same-origin' });
  return (await get('/v1/session')).body;
}

/** One turn of a conversation: who, and what. */
export function turn({ role, content }) {
  const element = document.createElement('div');
  element.className = 'turn';
  element.dataset.role = role;
  const who = document.createElement('span');
  who.className = 'role';
  who.textContent = role;
  const what = document.createElement('p');
  what.dir = 'auto';
  what.textContent = content;
  element.append(who, what);
  return element;
}

/** A new name of a request, also where the page is not served over TLS. */
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
