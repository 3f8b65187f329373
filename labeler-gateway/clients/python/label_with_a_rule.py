# %% [markdown]
# # Label with a rule
#
# A program that judges by a rule in place of a person: it shows how the API is used and gives a
# baseline to compare people with. Run the cells one after another in an editor that knows `# %%`
# cells, or the whole file:
#
#     python3 label_with_a_rule.py http://127.0.0.1:8080 KEY --tasks 40
#
# Two labelers apply the rule, the second with some noise; where both were asked about the same
# comparison, their agreement is printed.

# %%
import argparse
import random
from collections import defaultdict

from plaudit_client import TIE, Client, Conflict, LeaseOver

parser = argparse.ArgumentParser(description="Labels with a rule and shows agreement.")
parser.add_argument("url")
parser.add_argument("key")
parser.add_argument("--tasks", type=int, default=40, help="at most, for each labeler")
parser.add_argument("--wait", type=int, default=0, help="seconds to wait for tasks")
parser.add_argument("--noise", type=float, default=0.1, help="share of the second's random answers")
options = parser.parse_args()
client = Client(options.url, options.key)
print("Guideline: " + client.guideline())


# %% [markdown]
# ## The rule
# The response with the most distinct words; a tie when the best two have as many.

# %%
def rule(choices):
    """The best choice's index, or None for a tie."""
    scores = [len(set(text.lower().split())) for text in choices]
    best = max(scores)
    return scores.index(best) if scores.count(best) == 1 else None


def noisy(choices):
    """The rule, but now and then a random answer."""
    return random.randrange(len(choices)) if random.random() < options.noise else rule(choices)


# %% [markdown]
# ## Label
# `tasks` leases as needed and extends in the background. A lease that is over and a comparison that
# was answered before are no reason to end.

# %%
def label(labeler, judge):
    """Judges up to the wanted number of tasks; what was said, by comparison."""
    said = {}
    for task in client.tasks(labeler, wait=options.wait):
        best = judge(task.choices)
        try:
            if best is None:
                client.judge(task, verdict=TIE)
            else:
                client.judge(task, choice=best, confidence="MEDIUM")
        except (LeaseOver, Conflict) as problem:
            print("passed over %s: %s" % (task.comparison_id, problem))
            continue
        said[task.comparison_id] = "tie" if best is None else task.choice_ids[best]
        if len(said) >= options.tasks:
            break
    return said


answers = {"rule": label("rule", rule), "rule-noisy": label("rule-noisy", noisy)}
for name, said in answers.items():
    print("%s: %d judgments, %d ties" % (name, len(said), list(said.values()).count("tie")))

# %% [markdown]
# ## Agreement
# From what the gateway stored, superseded revisions left out.

# %%
stored = defaultdict(dict)
for judgment in client.judgments():
    if judgment["disposition"] != "SUPERSEDED":
        choice = judgment.get("choiceId") or judgment["verdict"]
        stored[judgment["comparisonId"]][judgment["labelerId"]] = choice
both = [said for said in stored.values() if "rule" in said and "rule-noisy" in said]
same = sum(said["rule"] == said["rule-noisy"] for said in both)
print("agreement: %d of %d comparisons that both judged" % (same, len(both)))
