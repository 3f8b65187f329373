"""Tests against a live gateway: PLAUDIT_URL, PLAUDIT_KEY, and at least ten open tasks."""

import http.server
import json
import os
import threading
import unittest

import plaudit_client
from plaudit_client import (
    CANNOT_JUDGE, TIE, Client, Conflict, Malformed, NotFound, Stopped, Unauthenticated,
    Unreachable,
)

URL = os.environ["PLAUDIT_URL"]
KEY = os.environ["PLAUDIT_KEY"]


class Flaky(http.server.BaseHTTPRequestHandler):
    """Answers what ``answers`` says, one after another; None drops the connection."""

    answers = []
    keys = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.append(self.headers["Idempotency-Key"])
        answer = self.answers.pop(0)
        if answer is None:
            self.close_connection = True
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        text = json.dumps(body).encode("utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        pass


class AtAGateway(unittest.TestCase):

    def setUp(self):
        self.client = Client(URL, KEY, name="test")
        self.addCleanup(self.client.close)

    def one(self, labeler="ann"):
        return self.client.lease(labeler)[0]

    def test_a_judgment_is_stored_once_however_often_it_is_sent(self):
        task = self.one()
        first = self.client.judge(task, choice=1, confidence="HIGH", key="the-same")
        again = self.client.judge(task, choice=1, confidence="HIGH")
        self.assertEqual(first["judgmentId"], again["judgmentId"])
        self.assertEqual(task.choice_ids[1], first["choiceId"])
        self.assertIn(first["judgmentId"], [j["judgmentId"] for j in self.client.judgments("ann")])

    def test_another_answer_is_a_conflict_and_an_amendment_makes_a_revision(self):
        task = self.one()
        first = self.client.judge(task, verdict=TIE)
        with self.assertRaises(Conflict) as caught:
            self.client.judge(task, choice=0)
        self.assertEqual(first["judgmentId"], caught.exception.existing)
        second = self.client.amend(first, task, choice=0)
        self.assertEqual(2, second["revision"])

    def test_a_batch_answers_row_by_row(self):
        tasks = self.client.lease("bob", max=2)
        fresh = self.client.batch([(tasks[0], 0), (tasks[1], CANNOT_JUDGE)])
        self.assertEqual([1, 1], [judgment["revision"] for judgment in fresh])
        mixed = self.client.batch([(tasks[0], 0), (tasks[1], 1)])
        self.assertEqual(fresh[0]["judgmentId"], mixed[0]["judgmentId"])
        self.assertIsInstance(mixed[1], Conflict)

    def test_a_skipped_and_a_flagged_task_are_gone_for_this_labeler(self):
        gone = self.client.lease("cleo", max=2)
        self.client.skip(gone[0], "TOO_HARD", "no idea")
        self.client.flag(gone[1], "BROKEN")
        names = {task.comparison_id for task in gone}
        left = self.client.lease("cleo", max=50)
        self.assertFalse(names & {task.comparison_id for task in left})
        for task in left:
            self.client.release(task)

    def test_tasks_are_extended_while_there_is_life_and_handed_back_at_the_end(self):
        tasks = self.client.lease("dan", max=2)
        extended, twice = [], threading.Event()
        extend = self.client.extend

        def counted(task):
            extended.append(extend(task))
            if len(extended) >= 4:
                twice.set()

        self.client.extend = counted
        for task in tasks:
            task.heartbeat = 0.02
        with self.client.held(tasks) as held:
            held.alive()
            self.assertTrue(twice.wait(20))
            self.client.judge(tasks[0], choice=0)
        self.client.extend = extend
        with self.assertRaises(plaudit_client.LeaseOver):
            self.client.extend(tasks[1])  # handed back

    def test_without_a_sign_of_life_nothing_is_extended(self):
        task = self.one("eve")
        beats, asked = threading.Semaphore(0), []
        self.client.extend = asked.append
        task.heartbeat = 0.01
        held = self.client.held([task], idle=-1.0)
        wait = held._over.wait
        held._over.wait = lambda beat: (beats.release(), wait(beat))[1]
        with held:
            for _ in range(3):
                self.assertTrue(beats.acquire(timeout=20))
        self.assertEqual([], asked)

    def test_refusals_are_told_apart(self):
        task = self.one()
        task.choice_ids[0] = "ch_none"
        with self.assertRaises(Malformed) as caught:
            self.client.judge(task, choice=0)
        self.assertEqual("unknown-choice", caught.exception.kind)
        self.assertEqual("/choiceId", caught.exception.pointer)
        task.lease_id = "ls_none"
        with self.assertRaises(NotFound):
            self.client.extend(task)
        with self.assertRaises(Unauthenticated):
            Client(URL, "a-key-that-nobody-knows-here").lease("ann")
        with self.assertRaises(ValueError):
            self.client.judge(task, choice=0, verdict=TIE)

    def test_the_vendor_sees_its_counts_and_the_guideline(self):
        self.client.judge(self.one("fay"), choice=0)
        self.assertGreaterEqual(self.client.stats()["judgments"], 1)
        self.assertTrue(self.client.guideline())


class WhenAnswersAreLost(unittest.TestCase):

    def setUp(self):
        Flaky.answers, Flaky.keys = [], []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.client = Client(url, KEY, patience=10.0)
        self.addCleanup(self.client.close)

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def judge(self):
        lease = {
            "leaseId": "ls", "epoch": 1, "heartbeatSeconds": 60,
            "task": {
                "taskId": "tk", "comparisonId": "c", "query": {"text": "q"}, "allow": [],
                "choices": [{"choiceId": "ch", "text": "a"}],
            },
        }
        return self.client.judge(plaudit_client.Task(lease, "ann"), choice=0)

    def test_it_is_sent_again_under_the_same_key(self):
        busy = {"type": "/problems/quota-exceeded", "status": 429, "detail": "too many"}
        Flaky.answers = [
            None, (429, {"Retry-After": "0"}, busy), (503, {}, {"type": "about:blank"}),
            (201, {}, {"judgmentId": "jd"}),
        ]
        self.assertEqual("jd", self.judge()["judgmentId"])
        self.assertEqual(4, len(Flaky.keys))
        self.assertEqual(1, len(set(Flaky.keys)))

    def test_patience_ends_with_the_last_problem(self):
        self.client._patience = 0.5
        busy = {"type": "/problems/quota-exceeded", "status": 429, "detail": "too many"}
        Flaky.answers = [(429, {"Retry-After": "30"}, busy)]
        with self.assertRaises(plaudit_client.Problem) as caught:
            self.judge()
        self.assertEqual("quota-exceeded", caught.exception.kind)

    def test_nobody_there_is_unreachable(self):
        self.server.server_close()
        client = Client("http://127.0.0.1:%d" % self.server.server_address[1], KEY, patience=0.3)
        with self.assertRaises(Unreachable):
            client.guideline()

    def test_a_stopped_run_is_told_at_once(self):
        stopped = {"type": "/problems/line-stopped", "status": 503, "detail": "reason: bad"}
        Flaky.answers = [(503, {"Retry-After": "20"}, stopped)]
        with self.assertRaises(Stopped):
            self.client.lease("ann")


if __name__ == "__main__":
    unittest.main()
