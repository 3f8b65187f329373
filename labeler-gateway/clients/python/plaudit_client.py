"""A client of the Plaudit labeler gateway: standard library only, Python 3.8 or newer.

    client = Client("http://127.0.0.1:8080", key)
    with client.held(client.lease("ann", max=4, wait=20)) as held:
        for task in held:
            held.alive()
            client.judge(task, choice=0)

Every refusal of the gateway is a ``Problem`` with the members of its problem+json; the
subclasses name the kinds a program may want to tell apart. Lost answers, 429 and 503 are sent
again under the same Idempotency-Key, which stores a judgment once however often it is sent.
"""

import http.client
import json
import random
import threading
import time
import urllib.parse
import uuid
from email.utils import parsedate_to_datetime

__all__ = [
    "CANNOT_JUDGE", "Client", "Conflict", "Held", "LeaseOver", "Malformed", "NONE_ACCEPTABLE",
    "NotFound", "Problem", "Refused", "Stopped", "TIE", "Task", "Unauthenticated", "Unreachable",
]

VERSION = "1.0"
TIE = "TIE"
NONE_ACCEPTABLE = "NONE_ACCEPTABLE"
CANNOT_JUDGE = "CANNOT_JUDGE"

_AGAIN = (408, 429, 500, 502, 503, 504)
_BATCH = 500


class Unreachable(Exception):
    """No usable answer within the client's patience."""


class Problem(Exception):
    """A refusal (RFC 9457): ``kind`` is the end of its type, ``status`` the HTTP status."""

    def __init__(self, members):
        self.members = members
        self.kind = str(members.get("type", "about:blank")).rsplit("/", 1)[-1]
        self.status = int(members.get("status", 0))
        self.detail = str(members.get("detail", members.get("title", "")))
        super().__init__("%s (%d): %s" % (self.kind, self.status, self.detail))

    @staticmethod
    def of(members):
        """The subclass for the problem's kind, else for its status."""
        problem = Problem(members)
        kind = _KINDS.get(problem.kind) or _STATUSES.get(problem.status) or Refused
        return kind(members)


class Refused(Problem):
    """Any refusal without a class of its own."""


class Malformed(Problem):
    """400, 415, 422: the request cannot be stored; ``pointer`` names the field, if one is at fault."""

    @property
    def pointer(self):
        return self.members.get("pointer")


class Unauthenticated(Problem):
    """401, 403: the key is not known, or may not do this."""


class NotFound(Problem):
    """404: this vendor has no such lease, task or judgment."""


class LeaseOver(Problem):
    """The lease ran out, or a newer one of the same labeler took its place."""


class Conflict(Problem):
    """The labeler answered the comparison differently before; ``existing`` is that judgment's id."""

    @property
    def existing(self):
        return str(self.members.get("existing", "")).rsplit("/", 1)[-1]


class Stopped(Problem):
    """A labeler stopped the run: no task is leased until an operator lets it go on."""


_KINDS = {
    "judgment-conflict": Conflict,
    "lease-over": LeaseOver,
    "lease-superseded": LeaseOver,
    "line-stopped": Stopped,
}
_STATUSES = {
    400: Malformed, 401: Unauthenticated, 403: Unauthenticated, 404: NotFound,
    413: Malformed, 415: Malformed, 422: Malformed,
}


class Task:
    """A task on lease: ``query``, ``choices`` (texts in the order to show them), ``allow``."""

    def __init__(self, lease, labeler):
        task = lease["task"]
        self.lease_id = lease["leaseId"]
        self.epoch = lease["epoch"]
        self.labeler = labeler
        self.heartbeat = lease["heartbeatSeconds"]
        self.task_id = task["taskId"]
        self.comparison_id = task["comparisonId"]
        self.query = task["query"]["text"]
        self.choices = [choice["text"] for choice in task["choices"]]
        self.choice_ids = [choice["choiceId"] for choice in task["choices"]]
        self.allow = task["allow"]
        self.leased_at = time.monotonic()
        self.judged = False

    def __repr__(self):
        return "Task(%s, %r)" % (self.comparison_id, self.query[:40])


class Client:
    """One vendor at one gateway; may be used by several threads.

    patience: seconds for which a request is sent again before ``Unreachable`` is raised.
    """

    def __init__(self, url, key, patience=60.0, timeout=20.0, name="plaudit-python"):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url: %s (expected: http://host:port or https://host)" % url)
        self._https = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/")
        self._key = key
        self._patience = patience
        self._timeout = timeout
        self._name = name
        self._local = threading.local()

    # Tasks

    def lease(self, labeler, max=1, wait=0):
        """Up to ``max`` tasks for ``labeler``; waits up to ``wait`` seconds for the first."""
        body = {"labelerId": labeler, "max": max, "waitSeconds": wait}
        answer = self._send("POST", "/v1/leases", body, longer=wait)
        return [Task(lease, labeler) for lease in (answer or {}).get("leases", [])]

    def tasks(self, labeler, max=1, wait=20):
        """All tasks for ``labeler``, leased as they are needed, until none comes within ``wait``."""
        while True:
            leased = self.lease(labeler, max, wait)
            if not leased:
                return
            with self.held(leased) as held:
                for task in held:
                    held.alive()
                    yield task

    def extend(self, task):
        """The lease runs its full time again; when it ends, in the gateway's words."""
        body = {"labelerId": task.labeler}
        return self._send("POST", "/v1/leases/%s:extend" % task.lease_id, body)["expireTime"]

    def release(self, task):
        """Hands the task back without a judgment."""
        self._send("POST", "/v1/leases/%s:release" % task.lease_id, {"labelerId": task.labeler})

    def held(self, tasks, idle=120.0):
        """Extends ``tasks`` in the background while they are worked on; see ``Held``."""
        return Held(self, tasks, idle)

    # Judgments

    def judge(self, task, choice=None, verdict=None, confidence=None, key=None):
        """Sends the answer: ``choice`` is an index into ``task.choices``, or ``verdict`` a word.

        Returns the stored judgment; it is durable when this returns.
        """
        body = self._judgment(task, choice, verdict, confidence)
        judgment = self._send("POST", "/v1/judgments", body, key=key or str(uuid.uuid4()))
        task.judged = True
        return judgment

    def batch(self, answers):
        """Sends many answers, each ``(task, choice)`` or ``(task, verdict)``.

        Returns for each a stored judgment or a ``Problem``, in the same order. More than the
        gateway takes at once are sent in parts.
        """
        answers = list(answers)
        results = []
        for first in range(0, len(answers), _BATCH):
            part = answers[first:first + _BATCH]
            bodies = [
                self._judgment(task, None, answer, None) if isinstance(answer, str)
                else self._judgment(task, answer, None, None)
                for task, answer in part
            ]
            answer = self._send("POST", "/v1/judgments:batch", {"judgments": bodies})
            for (task, _), result in zip(part, answer["results"]):
                task.judged = "judgment" in result
                results.append(result.get("judgment") or Problem.of(result["problem"]))
        return results

    def amend(self, judgment, task, choice=None, verdict=None, key=None):
        """Changes a judgment; returns the new revision."""
        body = dict(self._answer(task, choice, verdict), labelerId=task.labeler)
        path = "/v1/judgments/%s:amend" % judgment["judgmentId"]
        return self._send("POST", path, body, key=key or str(uuid.uuid4()))

    def judgments(self, labeler=None, page_size=1000):
        """This vendor's judgments in order of arrival, superseded revisions included."""
        query = {"pageSize": page_size}
        if labeler is not None:
            query["labelerId"] = labeler
        while True:
            page = self._send("GET", "/v1/judgments?" + urllib.parse.urlencode(query))
            yield from page["judgments"]
            if "nextPageToken" not in page:
                return
            query["pageToken"] = page["nextPageToken"]

    def skip(self, task, reason="UNSPECIFIED", text=""):
        """The labeler does not want this task; it goes to another."""
        self._remark(task, "skip", reason, text)

    def flag(self, task, reason, text=""):
        """Something is wrong with the task: HARMFUL, PERSONAL_DATA, BROKEN or OTHER."""
        self._remark(task, "flag", reason, text)

    def stop(self, labeler, reason=""):
        """Pulls the cord: the run halts until an operator lets it go on."""
        self._send("POST", "/v1/andon", {"labelerId": labeler, "reason": reason})

    def guideline(self):
        """What people are told to judge by."""
        return self._send("GET", "/v1/guideline")["text"]

    def stats(self):
        """This vendor's own counts."""
        return self._send("GET", "/v1/vendors/me/stats")["counts"]

    def close(self):
        """Closes this thread's connection; the next call opens another."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    # How it is sent

    @staticmethod
    def _answer(task, choice, verdict):
        if (choice is None) == (verdict is None):
            raise ValueError("choice, verdict (expected: exactly one of them)")
        return {"verdict": verdict} if choice is None else {"choiceId": task.choice_ids[choice]}

    def _judgment(self, task, choice, verdict, confidence):
        body = self._answer(task, choice, verdict)
        body.update(
            leaseId=task.lease_id,
            epoch=task.epoch,
            labelerId=task.labeler,
            visibleMillis=int(1000 * (time.monotonic() - task.leased_at)),
            client={"name": self._name, "version": VERSION},
        )
        if confidence is not None:
            body["confidence"] = confidence
        return body

    def _remark(self, task, what, reason, text):
        body = {"labelerId": task.labeler, "reason": reason, "text": text}
        self._send("POST", "/v1/tasks/%s:%s" % (task.task_id, what), body)
        task.judged = True  # nothing is left to hand back

    def _send(self, method, path, body=None, key=None, longer=0.0):
        """The answer's JSON (None for 204). Sends again what sending again may mend."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        headers = {"Authorization": "Bearer " + self._key, "Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        end = time.monotonic() + self._patience
        tries = 0
        while True:
            after, trouble = None, None
            try:
                status, found, text = self._once(method, path, data, headers, longer)
            except (OSError, http.client.HTTPException) as failure:
                trouble = repr(failure)
            else:
                if status < 300:
                    return json.loads(text) if text else None
                problem = Problem.of(_members(status, text))
                if status not in _AGAIN or isinstance(problem, Stopped):
                    raise problem
                after, trouble = found.get("Retry-After"), problem
            tries += 1
            pause = _pause(tries, after)
            if time.monotonic() + pause > end:
                if isinstance(trouble, Problem):
                    raise trouble
                raise Unreachable("%s %s: %s" % (method, path, trouble))
            time.sleep(pause)

    def _once(self, method, path, data, headers, longer):
        """One request on this thread's connection; a new connection after any failure."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=self._timeout)
            self._local.connection = connection
        try:
            connection.timeout = self._timeout + longer
            if connection.sock is not None:
                connection.sock.settimeout(self._timeout + longer)
            connection.request(method, self._base + path, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except BaseException:
            self.close()
            raise


class Held:
    """Tasks that are extended in the background, as long as the caller shows signs of life.

    ``alive()`` is the sign: call it when a person (or a program) does something. After ``idle``
    seconds without one, nothing is extended any more and the tasks go to others by themselves.
    At the end of the ``with`` block, tasks without an answer are handed back.
    """

    def __init__(self, client, tasks, idle=120.0):
        self._client = client
        self._tasks = list(tasks)
        self._idle = idle
        self._seen = time.monotonic()
        self._over = threading.Event()
        self.lost = []
        self._thread = threading.Thread(target=self._extend, name="plaudit-held", daemon=True)

    def __iter__(self):
        return iter(self._tasks)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, failure, trace):
        self._over.set()
        self._thread.join()
        for task in self._tasks:
            if not task.judged and task not in self.lost:
                try:
                    self._client.release(task)
                except (Problem, Unreachable):
                    pass  # its lease runs out by itself

    def alive(self):
        """A sign of life."""
        self._seen = time.monotonic()

    def _extend(self):
        beat = min((task.heartbeat for task in self._tasks), default=60)
        while not self._over.wait(beat):
            if time.monotonic() - self._seen > self._idle:
                continue
            for task in self._tasks:
                if task.judged or task in self.lost or self._over.is_set():
                    continue
                try:
                    self._client.extend(task)
                except (LeaseOver, NotFound):
                    self.lost.append(task)
                except (Problem, Unreachable):
                    pass  # tried again at the next beat
        self._client.close()


def _members(status, text):
    """The problem document, or what can be said of an answer that is none."""
    try:
        members = json.loads(text)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        members = {"detail": text[:200].decode("utf-8", "replace")}
    members.setdefault("status", status)
    return members


def _pause(tries, after):
    """Seconds to wait: what Retry-After asks for, else doubling up to 5 s; with jitter."""
    wanted = None
    if after is not None:
        try:
            wanted = float(after)
        except ValueError:
            try:
                wanted = parsedate_to_datetime(after).timestamp() - time.time()
            except (TypeError, ValueError):
                wanted = None
    if wanted is None:
        return min(5.0, 0.1 * 2 ** min(tries, 10)) * random.uniform(0.5, 1.0)
    return max(0.0, wanted) + random.uniform(0.0, 0.1)
