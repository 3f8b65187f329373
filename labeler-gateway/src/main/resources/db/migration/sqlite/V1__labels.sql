-- The label store in an SQLite file. Times are milliseconds since 1970 in UTC, truth is 0 or 1.
-- JSON columns hold what is only ever read whole.

CREATE TABLE comparison (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL UNIQUE,
  query_text TEXT NOT NULL,
  query_tokens TEXT NOT NULL,
  samples TEXT NOT NULL,
  phase TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  overlap INTEGER NOT NULL,
  admitted INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  asked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX comparison_waiting ON comparison (phase, ordinal);
CREATE INDEX comparison_admitted ON comparison (admitted);

-- The epoch is a fencing token: it grows with every lease of a comparison.
CREATE TABLE lease (
  id TEXT NOT NULL PRIMARY KEY,
  comparison_id TEXT NOT NULL REFERENCES comparison (id),
  vendor TEXT NOT NULL,
  labeler TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  phase TEXT NOT NULL,
  display TEXT NOT NULL,
  extensions INTEGER NOT NULL,
  granted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE (comparison_id, epoch)
) STRICT;
CREATE INDEX lease_expiry ON lease (phase, expires_at);
CREATE INDEX lease_labeler ON lease (comparison_id, vendor, labeler);

-- arrival counts all judgments, label_sequence those that are labels; both in commit order.
CREATE TABLE judgment (
  id TEXT NOT NULL PRIMARY KEY,
  arrival INTEGER NOT NULL UNIQUE,
  label_sequence INTEGER UNIQUE,
  comparison_id TEXT NOT NULL REFERENCES comparison (id),
  vendor TEXT NOT NULL,
  labeler TEXT NOT NULL,
  revision INTEGER NOT NULL,
  lease_id TEXT NOT NULL REFERENCES lease (id),
  choice_index INTEGER,
  verdict TEXT,
  confidence TEXT,
  visible_millis INTEGER,
  client_name TEXT,
  client_version TEXT,
  disposition TEXT NOT NULL,
  late INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  UNIQUE (comparison_id, vendor, labeler, revision)
) STRICT;
CREATE INDEX judgment_vendor ON judgment (vendor, arrival);
CREATE INDEX judgment_use ON judgment (disposition, verdict);

CREATE TABLE idempotency_key (
  vendor TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (vendor, name)
) STRICT;
CREATE INDEX idempotency_age ON idempotency_key (created_at);

-- One row: numbers are given in the order of the commits.
CREATE TABLE counter (
  id INTEGER PRIMARY KEY,
  arrivals INTEGER NOT NULL,
  labels INTEGER NOT NULL
) STRICT;
INSERT INTO counter (id, arrivals, labels) VALUES (1, 0, 0);

-- The emergency stop of the run.
CREATE TABLE run_stop (
  id INTEGER PRIMARY KEY,
  stopped INTEGER NOT NULL,
  reason TEXT NOT NULL,
  changed_at INTEGER
) STRICT;
INSERT INTO run_stop (id, stopped, reason) VALUES (1, 0, '');

-- Append-only: written in the transaction of the change it tells of.
CREATE TABLE label_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  comparison_id TEXT,
  vendor TEXT,
  labeler TEXT,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX label_event_comparison ON label_event (comparison_id, id);
