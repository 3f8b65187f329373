-- The process that makes the run, until when by this database's clock (plaudit.run.lease).
CREATE TABLE run_lease (
  run TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL
);
