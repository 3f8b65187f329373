/**
 * Weights of a model at a version, as the learners publish them, and the files that hold them.
 *
 * <p>Weights never travel as messages. A learner writes a file, and the small {@link
 * plaudit.snapshots.Snapshot} that names it (URL, size, SHA-256) goes through the {@link
 * plaudit.snapshots.actor.SnapshotRegistry} to all followers of the model.
 */
@NullMarked
package plaudit.snapshots;

import org.jspecify.annotations.NullMarked;
