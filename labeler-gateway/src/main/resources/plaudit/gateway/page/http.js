// Requests to our own gateway. The session is a cookie the page cannot read.

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
  const response = await fetch(path, { credentials: 'same-origin', ...init });
  const json = (response.headers.get('Content-Type') || '').includes('json');
  const body = json ? await response.json() : null;
  if (!response.ok) {
    throw new Refusal(response.status, body || {}, Number(response.headers.get('Retry-After')) || 0);
  }
  return { status: response.status, body };
}

export const get = (path) => request(path);

export const post = (path, body, headers = {}) =>
  request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Plaudit-Page': '1', ...headers },
    body: JSON.stringify(body),
  });

/** Posts again while the network or the gateway is away: the key makes that safe. */
export async function postDurably(path, body, onRetry) {
  const key = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await post(path, body, { 'Idempotency-Key': key });
    } catch (e) {
      const again = !(e instanceof Refusal) || e.status === 429 || e.status >= 500;
      if (!again) throw e;
      onRetry(e);
      const seconds = (e instanceof Refusal && e.retryAfter) || Math.min(30, 2 ** attempt);
      await new Promise((done) => setTimeout(done, seconds * 1000));
    }
  }
}
