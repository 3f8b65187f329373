-- The emergency stop is named after what it stops.
ALTER TABLE line RENAME TO run_stop;
UPDATE label_event SET kind = 'RUN_STOPPED' WHERE kind = 'LINE_STOPPED';
UPDATE label_event SET kind = 'RUN_RESUMED' WHERE kind = 'LINE_RESUMED';
