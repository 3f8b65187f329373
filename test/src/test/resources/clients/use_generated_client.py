"""What a vendor does, written against the generated client: url and key are the arguments."""

import sys

import plaudit_api
from plaudit_api import (
    AmendRequest, BatchRequest, HolderRequest, JudgmentRequest, LabelsApi, LeaseRequest, SkipRequest,
)

configuration = plaudit_api.Configuration(host=sys.argv[1], access_token=sys.argv[2])
with plaudit_api.ApiClient(configuration) as client:
    labels = LabelsApi(client)
    leases = labels.lease_tasks(LeaseRequest(labelerId="python", max=4, waitSeconds=5)).leases
    assert len(leases) == 4, leases
    extended = labels.extend_lease(leases[0].lease_id, HolderRequest(labelerId="python"))
    assert extended.expire_time >= leases[0].expire_time, extended

    def judgment(lease, **answer):
        return JudgmentRequest(
            leaseId=lease.lease_id, epoch=lease.epoch, labelerId="python", **answer)

    def choice(lease):
        return judgment(lease, choiceId=lease.task.choices[0].choice_id)

    judged = labels.judge("python-1", choice(leases[0]))
    assert judged.disposition == "ADMITTED", judged
    again = labels.judge("python-1", choice(leases[0]))
    assert again.judgment_id == judged.judgment_id, again

    amended = labels.amend_judgment(
        judged.judgment_id, "python-2", AmendRequest(labelerId="python", verdict="TIE"))
    assert (amended.revision, amended.verdict) == (2, "TIE"), amended

    batch = labels.judge_batch(BatchRequest(judgments=[
        choice(leases[1]),
        judgment(leases[2], verdict="NONE_ACCEPTABLE"),
        judgment(leases[3], choiceId="ch_none"),
    ])).results
    assert [result.status for result in batch] == [201, 201, 422], batch
    assert batch[2].problem.pointer == "/choiceId", batch

    labels.skip_task(leases[3].task.task_id, SkipRequest(labelerId="python", reason="UNCLEAR"))
    try:
        labels.judge("python-3", judgment(
            leases[1], choiceId=leases[1].task.choices[0].choice_id, verdict="TIE"))
    except plaudit_api.ApiException as problem:
        assert problem.status == 422, problem
    else:
        raise AssertionError("choice and verdict together are refused")
    mine = labels.list_judgments(page_size=10, labeler_id="python").judgments
    assert len(mine) == 4, mine
print("the generated client works")
